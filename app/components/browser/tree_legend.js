// What the signs of the drawing mean, and its keys.

const TREE_KEYS = [
  ["Tab", "into and out of the trees"], ["← ↑ → ↓", "to the condition above, the branches below, the neighbours"],
  ["Home End", "first and last node"], ["PgUp PgDn", "previous and next tree"], ["Enter Space", "select the node"],
  ["T", "into the triples of the node; ↑ ↓ move, Enter selects, Esc goes back"], ["C", "fold or unfold what is below"],
  ["+ - 0", "larger, smaller, fit to the width"], ["Esc", "clear the selection"],
];

function treeLegend(relations) {
  const item = (sign, text) => html("li", {}, sign, html("span", {}, text));
  const looks = Object.values(relations).map((look) =>
    item(html("b", { class: `tag c${look.colour}` }, look.word), look.meaning ? `${look.name}: ${look.meaning}` : look.name));
  return html("div", { class: "legend" },
    html("ul", {}, item(shapeSign("condition"), "condition"), item(shapeSign("decision"), "decision"),
      ...Object.entries(VERDICT_NAMES).map(([verdict, name]) => item(htmlIcon(verdict), name)),
      item(htmlIcon("warning"), "to be looked at twice; the number says how many reasons"),
      item(htmlIcon("comment"), "has a comment"), item(html("b", { class: "dash" }, "42 %"), "broken line: the model is not sure of the node")),
    html("ul", {}, ...looks), keyList(TREE_KEYS));
}

function shapeSign(role) {
  const path = role === "condition" ? "M6 0 H24 L30 7 L24 14 H6 L0 7 Z" : "M0 0 H30 V14 H0 Z";
  return svg("svg", { viewBox: "-2 -2 34 18", width: 34, height: 18, "aria-hidden": "true" },
    svg("g", { class: `node ${role}` }, svg("path", { class: "shape", d: path })));
}
