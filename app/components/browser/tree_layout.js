// Where the boxes of a binary tree stand: tidy, without overlaps, each condition in the middle above its branches.

const SIBLING_GAP = 22;
const LEVEL_GAP = { down: 54, right: 74 };
const TREE_GAP = 44;

/**
 * Places the boxes of one tree. A box has `width`, `height` and `children` (boxes in order, none or two); it gets `x`
 * and `y`, its top left corner. The tree grows "down" or to the "right". Returns the width and height taken.
 *
 * A box begins a gap behind the end of its parent, not on a line with all boxes of its depth: a long box lengthens
 * its own branch only. Two subtrees are moved together until somewhere their boxes are a gap apart.
 */
function placeTree(root, direction) {
  const down = direction === "down";
  const along = { breadth: (box) => (down ? box.width : box.height), extent: (box) => (down ? box.height : box.width), gap: LEVEL_GAP[direction] };
  const all = arranged(root, 0, 0, along);
  const first = Math.min(...all.map((item) => item.from));
  for (const item of all) {
    const across = item.from - first;
    [item.box.x, item.box.y] = down ? [across, item.start] : [item.start, across];
  }
  return { width: Math.max(...all.map(({ box }) => box.x + box.width)), height: Math.max(...all.map(({ box }) => box.y + box.height)) };
}

/**
 * The boxes of a subtree: where each starts and ends in the direction of growth, and across, from the middle of the
 * root. `line` is where the line to it begins, at the end of its parent: no other box may stand there either.
 */
function arranged(box, line, start, along) {
  const half = along.breadth(box) / 2;
  const end = start + along.extent(box);
  const own = { box, line, start, end, from: -half, to: half };
  if (!box.children.length) return [own];
  const [first, second] = box.children.map((child) => arranged(child, end, end + along.gap, along));
  const apart = distance(first, second) / 2;
  return [own, ...moved(first, -apart), ...moved(second, apart)];
}

function moved(items, by) {
  items.forEach((item) => {
    item.from += by;
    item.to += by;
  });
  return items;
}

/** How far apart the middles of two subtrees must be. */
function distance(first, second) {
  let least = 0;
  for (const one of first) {
    for (const other of second) {
      if (one.line < other.end && other.line < one.end) least = Math.max(least, one.to - other.from + SIBLING_GAP);
    }
  }
  return least;
}

const EDGE = 10;
const CAPTION = 24;

/** Places the trees one below the other, each with room for a caption where there are several; returns the size of all. */
function placeForest(forest, direction) {
  const caption = forest.length > 1 ? CAPTION : 0;
  let width = 0, y = EDGE;
  for (const root of forest) {
    const size = placeTree(root, direction);
    preOrder(root).forEach((box) => {
      box.x += EDGE;
      box.y += y + caption;
    });
    root.top = y;
    width = Math.max(width, size.width);
    y += size.height + caption + TREE_GAP;
  }
  return { width: Math.ceil(width + 2 * EDGE), height: Math.ceil(y - TREE_GAP + EDGE) };
}

/** The forest, placed in the direction that is asked for; without one in that which is larger in `room`, in doubt downwards. */
function arrangedForest(make, direction, room) {
  const arranged = (way) => {
    const forest = make();
    return { forest, direction: way, size: placeForest(forest, way) };
  };
  if (direction) return arranged(direction);
  const [down, right] = [arranged("down"), arranged("right")];
  const scale = ({ size }) => Math.min(1, room / size.width);
  return scale(right) > 1.1 * scale(down) ? right : down;
}
