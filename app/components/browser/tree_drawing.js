// Placed boxes → SVG: condition with points at its sides, decision a plain rectangle.

const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
const sureness = (node) => `${Math.round(node.confidence * 100)} % sure`;

function isUnsure(node, threshold) {
  return typeof node.confidence === "number" && node.confidence < threshold;
}

/** What a screen reader says of a node; what is seen of it stands in it word for word, so that it can be said too. */
function nodeName(box, look) {
  const { node } = box;
  const condition = node.role === "C";
  const triples = node.triples.map((triple, place) =>
    `${tagText(triple, node.triples[place - 1], look.relations)}: ${triple.object}`);
  const checked = node.triples.filter((triple) => triple.verdict !== "open").length;
  return [
    `${condition ? "condition" : "decision"}, level ${box.level}`,
    box.branch ? `, ${box.branch} branch` : "",
    `: ${condition ? "if" : "then"} ${triples.join(` ${node.logic} `) || NOTHING}`,
    isUnsure(node, look.lowConfidence) ? `, ${sureness(node)}` : "",
    node.warnings.length ? `, ${counted(node.warnings.length, "warning")}: ${node.warnings.join("; ")}` : "",
    node.triples.length ? `, ${checked} of ${counted(node.triples.length, "triple")} checked` : "",
    node.comment ? `, comment: ${node.comment}` : "",
    box.hidden.length ? `, folded, ${counted(box.hidden.length, "node")} hidden` : "",
  ].join("");
}

function tripleName(row) {
  const { triple } = row;
  return `${row.tag}: ${triple.object}, ${VERDICT_NAMES[triple.verdict] ?? triple.verdict}${triple.warning ? ", doubted" : ""}`;
}

function drawnNode(box, look, siblings, place) {
  const { node } = box;
  const unsure = isUnsure(node, look.lowConfidence);
  const classes = ["node", node.role === "C" ? "condition" : "decision", node.triples.length ? "" : "empty", unsure ? "unsure" : ""];
  const parts = box.rows.flatMap((row, index) => [index ? between(box, row, node.logic) : null, drawnTriple(box, row, look)]);
  return svg("g", {
    class: classes.filter(Boolean).join(" "), "data-node": node.id, transform: `translate(${box.x} ${box.y})`,
    role: "treeitem", tabindex: -1, "aria-level": box.level, "aria-setsize": siblings, "aria-posinset": place,
    "aria-selected": "false", "aria-label": nodeName(box, look),
    "aria-expanded": box.children.length || box.hidden.length ? String(!box.hidden.length) : null,
  },
  svg("path", { class: "ring", d: outlinePath(box, 5) }),
  svg("path", { class: "shape", d: outlinePath(box, 0) }),
  ...spaced([roleWord(box), ...(parts.length ? parts : [nothing(box)]), ...signs(box, unsure)]));
}

/** Blanks between parts are not drawn, but keep their words apart where the text is read. */
function spaced(parts) {
  return parts.filter(Boolean).flatMap((part) => [part, " "]);
}

/** The outline of a box, `out` pixels outside of it. */
function outlinePath(box, out) {
  const [left, top, right, bottom] = [-out, -out, box.width + out, box.height + out];
  if (box.node.role !== "C") return `M${left} ${top} H${right} V${bottom} H${left} Z`;
  const point = BOX.point, middle = box.height / 2;
  return `M${left + point} ${top} H${right - point} L${right} ${middle} L${right - point} ${bottom} H${left + point} L${left} ${middle} Z`;
}

const HEAD_LINE = BOX.padding + 10;

function roleWord(box) {
  return svg("text", { class: "role", x: box.inset + BOX.padding, y: HEAD_LINE }, box.node.role === "C" ? "IF" : "THEN");
}

function nothing(box) {
  return svg("text", { class: "nothing", x: box.width / 2, y: BOX.padding + BOX.header + 13, "text-anchor": "middle" }, NOTHING);
}

/** At the right of the first line: how sure the model is, the warnings, the comment. */
function signs(box, unsure) {
  const { node } = box;
  const y = HEAD_LINE, parts = [];
  let right = box.width - box.inset - BOX.padding;
  if (node.warnings.length) {
    parts.push(svg("text", { class: "count", x: right, y, "text-anchor": "end" }, String(node.warnings.length)),
      svg("g", {}, svg("title", {}, node.warnings.join("\n")), svg("rect", { class: "hit", x: right - 26, y: y - 12, width: 26, height: 15 }),
        icon("warning", right - 24, y - 10)));
    right -= 30;
  }
  if (node.comment) {
    parts.push(svg("g", {}, svg("title", {}, node.comment), svg("rect", { class: "hit", x: right - 13, y: y - 12, width: 14, height: 15 }),
      icon("comment", right - 12, y - 10)));
    right -= 18;
  }
  if (unsure) parts.unshift(svg("text", { class: "count", x: right, y, "text-anchor": "end" }, sureness(node)));
  return parts;
}

function between(box, row, logic) {
  const y = row.y - BOX.between / 2 - 3, from = box.inset + BOX.padding, to = box.width - from;
  const middle = box.width / 2;
  return svg("g", {},
    svg("path", { class: "rule", d: `M${from} ${y} H${middle - 17} M${middle + 17} ${y} H${to}` }),
    svg("text", { class: "logic", x: middle, y: y + 3.5, "text-anchor": "middle" }, logic.toUpperCase()));
}

function drawnTriple(box, row, look) {
  const left = box.inset + BOX.padding, { triple } = row;
  const colour = look.relations[triple.relation]?.colour ?? 0;
  const tagWidth = look.measure(row.tag, TAG_SIZE, 600) + 10;
  return svg("g", {
    class: `triple ${triple.verdict}`, "data-triple": triple.id, role: "button", tabindex: -1,
    "aria-pressed": "false", "aria-label": tripleName(row),
  },
  svg("g", { "aria-hidden": "true" }, svg("title", {}, tripleName(row)), svg("rect", { class: "field", x: left - 5, y: row.y - 3, width: box.width - 2 * left + 10, height: row.height + 2, rx: 3 })),
  svg("path", { class: "bar", d: `M${left - 5} ${row.y - 3} v${row.height + 2}` }),
  icon(triple.verdict, left, row.y + 1),
  svg("rect", { class: `tag c${colour}`, x: left + 18, y: row.y - 1, width: tagWidth, height: 15, rx: 3 }),
  ...spaced([svg("text", { class: `tag-text c${colour}`, x: left + 23, y: row.y + 10.5 }, row.tag)]),
  triple.warning ? icon("warning", left + tagWidth + 23, row.y) : null,
  ...spaced(row.lines.map((line, number) => svg("text", { class: "words", x: left, y: row.y + BOX.tag + 11 + number * BOX.line }, line))));
}

/** The line to a box from the one above it, with the answer that leads there. */
function drawnEdge(box, down) {
  const { parent } = box;
  const gap = down ? LEVEL_GAP.down : LEVEL_GAP.right;
  let path, x, y;
  if (down) {
    const from = [parent.x + parent.width / 2, parent.y + parent.height], to = [box.x + box.width / 2, box.y];
    path = `M${from} V${to[1] - gap * 0.62} H${to[0]} V${to[1]}`;
    [x, y] = [to[0], to[1] - gap * 0.29];
  } else {
    const from = [parent.x + parent.width, parent.y + parent.height / 2], to = [box.x, box.y + box.height / 2];
    path = `M${from} H${to[0] - gap * 0.62} V${to[1]} H${to[0]}`;
    [x, y] = [to[0] - gap * 0.32, to[1]];
  }
  return svg("g", { class: `edge ${box.branch}`, "aria-hidden": "true" },
    svg("path", { d: path }),
    svg("rect", { x: x - 15, y: y - 8.5, width: 30, height: 17, rx: 8.5 }),
    svg("text", { x, y: y + 4, "text-anchor": "middle" }, box.branch));
}

/** The button that folds what is below a condition, or says what is folded away. */
function foldButton(box, down, measure) {
  const doubted = box.hidden.reduce((sum, node) => sum + node.warnings.length, 0);
  const text = box.hidden.length ? `+ ${counted(box.hidden.length, "node")}` : "−";
  const sign = doubted ? 16 + measure(String(doubted), 11, 600) : 0;
  const width = box.hidden.length ? measure(text, 11, 600) + sign + 16 : 17;
  const below = down || box.hidden.length > 0; // at the lower edge, where a long sign has room
  const x = below ? (box.width - width) / 2 : box.width - 8.5, y = (below ? box.height : box.height / 2) - 8.5;
  const group = svg("g", { class: "fold", "data-fold": box.node.id, "aria-hidden": "true", transform: `translate(${box.x} ${box.y})` },
    svg("title", {}, box.hidden.length ? "Show what is below" : "Hide what is below"),
    svg("rect", { class: "hit", x: x - 4, y: y - 4, width: width + 8, height: 25 }),
    svg("rect", { class: "pill", x, y, width, height: 17, rx: 8.5 }),
    svg("text", { x: x + (width - sign) / 2, y: y + 12.5, "text-anchor": "middle" }, text));
  if (doubted) {
    group.append(icon("warning", x + width - sign - 6, y + 2.5), svg("text", { x: x + width - 7, y: y + 12.5, "text-anchor": "end" }, String(doubted)));
  }
  return group;
}

function treeCaption(root, number, all) {
  return svg("text", { class: "caption", x: EDGE, y: root.top + 13, "aria-hidden": "true" }, `Tree ${number} of ${all}`);
}
