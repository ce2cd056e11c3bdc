// Ways through a forest: where an arrow key leads, and what lies above a node.

/** The box that a key leads to, by where boxes stand in the drawing; undefined or null where there is none. */
function neighbour(key, box, forest, direction) {
  const [up, down, back, forth] = direction === "down"
    ? ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"] : ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
  const root = rootOf(box), tree = forest.indexOf(root);
  if (key === up) return box.parent;
  if (key === down) return box.children[0];
  if (key === back || key === forth) {
    const row = box.parent ? preOrder(root).filter((other) => other.level === box.level) : forest;
    return row[row.indexOf(box) + (key === forth ? 1 : -1)];
  }
  if (key === "PageUp" || key === "PageDown") return forest[tree + (key === "PageDown" ? 1 : -1)];
  if (key === "Home") return forest[0];
  return key === "End" ? preOrder(forest.at(-1)).at(-1) : undefined;
}

function rootOf(box) {
  return box.parent ? rootOf(box.parent) : box;
}

/** The ids from a node down to the one with this id; null where it is not below. */
function pathTo(node, id) {
  if (node.id === id) return [node.id];
  for (const child of [node.yes, node.no].filter(Boolean)) {
    const path = pathTo(child, id);
    if (path) return [node.id, ...path];
  }
  return null;
}

/** The skeleton of a tree: ids and branches. */
function shapeOf(node) {
  return node && [node.id, shapeOf(node.yes), shapeOf(node.no)];
}
