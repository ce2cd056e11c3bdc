// A caret in a text that cannot be edited: browsers show none there, and only move one where they do.

const WORDS = new Intl.Segmenter(undefined, { granularity: "word" });
const SIGNS = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const NEAR = 400;

/** The next border of a letter or word in a direction; looks only at the text around. */
function border(text, from, step, byWord) {
  const start = step < 0 ? Math.max(0, from - NEAR) : from;
  const around = text.slice(start, step < 0 ? from : from + NEAR);
  const parts = [...(byWord ? WORDS : SIGNS).segment(around)];
  if (!parts.length) return from;
  if (step > 0) {
    const end = (part) => start + part.index + part.segment.length;
    return end((byWord && parts.find((part) => part.isWordLike)) || parts[byWord ? parts.length - 1 : 0]);
  }
  const last = (byWord && parts.findLast((part) => part.isWordLike)) || parts[byWord ? 0 : parts.length - 1];
  return start + last.index;
}

/** The offset a line above or below, or at the line's start or end; `rectAt` gives the place of the caret at an offset. */
function lineBorder(length, from, step, rectAt, edge) {
  const here = rectAt(from);
  const same = (rect, other) => Math.abs((rect.top + rect.bottom) / 2 - (other.top + other.bottom) / 2) < other.height / 2;
  const limit = step < 0 ? 0 : length;
  let at = from;
  if (edge) {
    while (at !== limit && same(rectAt(at + step), here)) at += step;
    return at;
  }
  while (at !== limit && same(rectAt(at), here)) at += step;
  const line = rectAt(at);
  if (same(line, here)) return at;
  let best = at;
  for (; at >= 0 && at <= length && same(rectAt(at), line); at += step) {
    if (Math.abs(rectAt(at).left - here.left) < Math.abs(rectAt(best).left - here.left)) best = at;
    if (at === limit) break;
  }
  return best;
}

/** Where a key moves the caret; null for a key that does not. */
function movedCaret(event, text, from, byWord, rectAt) {
  const { length } = text;
  switch (event.key) {
    case "ArrowLeft": return border(text, from, -1, byWord);
    case "ArrowRight": return border(text, from, 1, byWord);
    case "ArrowUp": return lineBorder(length, from, -1, rectAt, false);
    case "ArrowDown": return lineBorder(length, from, 1, rectAt, false);
    case "Home": return event.ctrlKey ? 0 : lineBorder(length, from, -1, rectAt, true);
    case "End": return event.ctrlKey ? length : lineBorder(length, from, 1, rectAt, true);
    default: return null;
  }
}
