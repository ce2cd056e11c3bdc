// Places in a text that is drawn in pieces: offset → node and rectangle, and back from what the browser has selected.

class TextPlaces {
  /** `text` is the element; every piece has the `element` that it was written to. */
  constructor(text, length, pieces) {
    Object.assign(this, { text, length, pieces });
  }

  pieceAt(offset) {
    let low = 0, high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.pieces[middle].start <= offset) low = middle;
      else high = middle - 1;
    }
    return this.pieces[low];
  }

  place(offset) {
    const piece = this.pieceAt(offset);
    if (!piece) return { node: this.text, offset: 0 };
    const node = piece.element.firstChild;
    return { node, offset: Math.min(offset - piece.start, node.length) };
  }

  rectAt(offset) {
    const { node, offset: inside } = this.place(offset);
    const range = document.createRange();
    range.setStart(node, inside);
    range.collapse(true);
    const rects = range.getClientRects();
    return rects[rects.length - 1] ?? (node.getBoundingClientRect ? node : node.parentElement).getBoundingClientRect();
  }

  offsetOf(node, offset) {
    const range = document.createRange();
    range.setStart(this.text, 0);
    range.setEnd(node, offset);
    return range.toString().length;
  }

  /** What the browser has selected of the text, as two offsets; null where that is nothing. */
  selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(this.text)) return null;
    const start = this.text.contains(range.startContainer) ? this.offsetOf(range.startContainer, range.startOffset) : 0;
    const end = this.text.contains(range.endContainer) ? this.offsetOf(range.endContainer, range.endOffset) : this.length;
    return start < end ? [start, end] : null;
  }

  /** Where the browser's own cursor stands in the text; null where it is elsewhere. */
  clicked() {
    const { focusNode, focusOffset } = getSelection();
    return focusNode && this.text.contains(focusNode) ? this.offsetOf(focusNode, focusOffset) : null;
  }

  /** Selects in the browser from one offset to another, which may be before it. */
  select(anchor, focus) {
    const [from, to] = [this.place(anchor), this.place(focus)];
    getSelection().setBaseAndExtent(from.node, from.offset, to.node, to.offset);
  }
}
