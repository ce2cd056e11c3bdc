// Nodes of the data → boxes with wrapped text and a size.

const BOX = { padding: 10, point: 12, header: 19, line: 16, tag: 18, between: 20, least: 124, text: 196, lines: 9 };
const FONT_SIZE = 13;
const TAG_SIZE = 10.5;
const NOTHING = "no recommendation given";

/** Measures text in the font of an element; widths are kept, since the same words come again. */
function measurer(family) {
  const context = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  return (text, size = FONT_SIZE, weight = 400) => {
    const key = `${weight} ${size} ${text}`;
    if (!widths.has(key)) {
      context.font = `${weight} ${size}px ${family}`;
      widths.set(key, context.measureText(text).width);
    }
    return widths.get(key);
  };
}

const LETTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const letters = (text) => Array.from(LETTERS.segment(text), (part) => part.segment);

/** Lines no wider than `width`; a word that is wider by itself is cut. What is beyond `limit` lines ends in "…". */
function wrapped(text, width, measure, limit) {
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word;
    if (measure(longer) <= width) {
      line = longer;
      continue;
    }
    if (line && measure(word) <= width) {
      lines.push(line);
      line = word;
      continue;
    }
    line = line ? `${line} ` : "";
    for (const letter of letters(word)) {
      // Closing signs may hang over: they do not begin a line.
      if (line.trim() && measure(line + letter) > width && !/^[,.;:!?)\]，。、；：！？）」』】]$/.test(letter)) {
        lines.push(line.trimEnd());
        line = "";
      }
      line += letter;
      if (lines.length > limit) break;
    }
  }
  lines.push(line);
  if (lines.length <= limit) return lines;
  let last = letters(lines[limit - 1]);
  while (last.length && measure(`${last.join("")}…`) > width) last = last.slice(0, -1);
  return [...lines.slice(0, limit - 1), `${last.join("")}…`];
}

/** What the tag of a triple says: the relation, and for a dose the drug, unless the drug stands right before it. */
function tagText(triple, before, relations) {
  const word = relations[triple.relation]?.word ?? triple.relation;
  if (triple.relation !== "dosage") return word;
  return before && [before.object, before.subject].includes(triple.subject) ? word : `${word} of ${triple.subject}`;
}

/**
 * The boxes of one tree, without those under a folded node. A box: node, parent, branch ("yes", "no" or ""), level
 * (from 1), children, hidden (nodes folded away), width, height and rows, one a triple: y, tag, lines, height.
 */
function boxesOf(node, relations, folded, measure, parent = null, branch = "", level = 1) {
  const box = { node, parent, branch, level, children: [], hidden: [], rows: [], inset: node.role === "C" ? BOX.point : 0 };
  let y = BOX.padding + BOX.header, widest = 0;
  node.triples.forEach((triple, place) => {
    if (place) y += BOX.between;
    const tag = wrapped(tagText(triple, node.triples[place - 1], relations), BOX.text - 52, (text) => measure(text, TAG_SIZE, 600), 1)[0];
    const lines = wrapped(triple.object, BOX.text, measure, BOX.lines);
    const height = BOX.tag + lines.length * BOX.line + 4;
    widest = Math.max(widest, measure(tag, TAG_SIZE, 600) + 52, ...lines.map((line) => measure(line)));
    box.rows.push({ triple, y, tag, lines, height });
    y += height;
  });
  if (!node.triples.length) {
    widest = measure(NOTHING);
    y += BOX.line + 2;
  }
  box.width = Math.ceil(Math.max(BOX.least, widest + 8) + 2 * (BOX.padding + box.inset));
  box.height = Math.ceil(y + BOX.padding - 2);
  const below = [node.yes, node.no].filter(Boolean);
  if (folded.has(node.id)) box.hidden = below.flatMap(withAllBelow);
  else if (below.length === 2) {
    box.children = below.map((child, place) => boxesOf(child, relations, folded, measure, box, place ? "no" : "yes", level + 1));
  }
  return box;
}

function withAllBelow(node) {
  return [node, ...[node.yes, node.no].filter(Boolean).flatMap(withAllBelow)];
}

/** All boxes in pre-order. */
function preOrder(box) {
  return [box, ...box.children.flatMap(preOrder)];
}
