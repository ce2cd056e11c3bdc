// Signs drawn as paths, so that they look alike whatever fonts there are. Each fits a square of 12.

const ICONS = {
  open: "M6 1.5 a4.5 4.5 0 1 0 .01 0 Z",
  accepted: "M1.5 6.5 L4.7 10 L10.5 2.5",
  fixed: "M1.5 10.5 L2.3 7.4 L8.4 1.3 L10.7 3.6 L4.6 9.7 Z M7 2.7 L9.3 5",
  rejected: "M2 2 L10 10 M10 2 L2 10",
  warning: "M6 1 L11.3 10.8 L0.7 10.8 Z M6 4.4 L6 7.3 M6 8.7 L6 9.3",
  comment: "M1 1.5 H11 V8.2 H5.6 L3 10.8 V8.2 H1 Z M3.2 3.9 H8.8 M3.2 5.9 H7",
};
const VERDICT_NAMES = { open: "not checked", accepted: "accepted", fixed: "corrected", rejected: "rejected" };

function icon(name, x, y) {
  return svg("path", { class: `icon ${name}`, d: ICONS[name] ?? ICONS.open, transform: `translate(${x} ${y})` });
}

/** The same sign outside of a drawing. */
function htmlIcon(name) {
  return svg("svg", { viewBox: "0 0 12 12", width: 13, height: 13, "aria-hidden": "true" }, icon(name, 0, 0));
}
