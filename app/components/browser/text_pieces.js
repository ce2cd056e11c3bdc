// A text cut into pieces under the same marks, and the two ways to count in it.

/**
 * Between Python's characters (code points) and the browser's (UTF-16 units): they differ behind an emoji.
 * `at` is null where they do not.
 */
class Offsets {
  constructor(text) {
    this.at = null;
    if (!/[\ud800-\udbff][\udc00-\udfff]/.test(text)) return;
    this.at = [];
    let unit = 0;
    for (const point of text) {
      this.at.push(unit);
      unit += point.length;
    }
    this.at.push(unit);
  }

  units(points) {
    return this.at ? this.at[points] : points;
  }

  points(units) {
    if (!this.at) return units;
    let low = 0, high = this.at.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.at[middle] <= units) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Pieces {start, end, marks (innermost first), starting}, in order and without gaps; marks may nest and overlap. */
function piecesOf(length, marks, cuts = []) {
  const sorted = [...marks].sort((a, b) => a.start - b.start || b.end - a.end);
  const borders = [...new Set([0, length, ...cuts, ...sorted.flatMap((mark) => [mark.start, mark.end])])].sort((a, b) => a - b);
  const pieces = [];
  let open = [], waiting = 0;
  for (let index = 0; index + 1 < borders.length; index += 1) {
    const [start, end] = [borders[index], borders[index + 1]];
    open = open.filter((mark) => mark.end > start);
    const starting = [];
    while (waiting < sorted.length && sorted[waiting].start === start) starting.push(sorted[waiting++]);
    open.push(...starting);
    const inner = [...open].sort((a, b) => (a.end - a.start) - (b.end - b.start));
    pieces.push({ start, end, marks: inner, starting });
  }
  return pieces;
}
