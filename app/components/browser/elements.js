// Elements made without markup: every text becomes a text node, so that no data is ever read as HTML.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

function html(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG_NAMESPACE, name), attributes, children);
}

/** Attributes that are null or false are left out; functions become listeners ("click": …). */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A button of a toolbar; `text` is seen, `name` is read out and shown on hovering. */
function toolButton(text, name, act) {
  return html("button", { type: "button", class: "tool", "aria-label": name, title: name, click: act }, text);
}

/** A folded list of keys and what they do: pairs of strings. */
function keyList(pairs) {
  const rows = pairs.flatMap(([keys, meaning]) => [html("dt", {}, ...keys.split(" ").map((key) => html("kbd", {}, key))),
    html("dd", {}, meaning)]);
  return html("dl", { class: "keys" }, ...rows);
}

// One instance for each place on the page. Streamlit calls the component anew whenever its data change.
const INSTANCES = new WeakMap();

// What a person has set in a view (zoom, folded subtrees); outlives the place where the view stood.
const MEMORIES = new Map();

// What is chosen in one view is shown in the others at once: they hear of it in the browser, before the page answers.
const CHOSEN = "text2mdt-chosen";

// Milliseconds after which an event counts as lost.
const ANSWER_TIME = 5000;

function remembered(view, fresh) {
  if (!MEMORIES.has(view)) MEMORIES.set(view, fresh());
  return MEMORIES.get(view);
}

/** Makes or finds the instance of a component and gives it the data; returns the clean-up for Streamlit. */
function shown(component, className, make) {
  const { parentElement, data, setTriggerValue } = component;
  const root = parentElement.querySelector(`.${className}`);
  if (!root || !data) return undefined;
  let instance = INSTANCES.get(root);
  if (!instance) {
    instance = make(root, remembered(data.view, () => ({ serial: 0 })));
    INSTANCES.set(root, instance);
    instance.tell = (triples) => document.dispatchEvent(new CustomEvent(CHOSEN, { detail: { from: root, triples } }));
    instance.heard = ({ detail }) => { if (detail.from !== root && detail.triples.length) instance.follow(detail.triples); };
    document.addEventListener(CHOSEN, instance.heard);
  }
  instance.send = (event) => {
    instance.memory.serial += 1;
    instance.memory.sent = performance.now();
    setTriggerValue("select", { ...event, serial: instance.memory.serial });
  };
  // An answer to an older event says nothing about what has been selected since.
  const late = data.serial < instance.memory.serial && performance.now() - (instance.memory.sent ?? -Infinity) < ANSWER_TIME;
  instance.memory.serial = Math.max(instance.memory.serial, data.serial);
  instance.update(data, late);
  return () => {
    document.removeEventListener(CHOSEN, instance.heard);
    instance.close();
    INSTANCES.delete(root);
  };
}

/** Scrolls only `scroller`, and only as far as needed, so that the page stays where it is. */
function reveal(scroller, element, margin = 24, aside = margin) {
  const outer = scroller.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  scroller.scrollTop += overhang(inner.top, inner.bottom, outer.top, outer.top + scroller.clientHeight, margin);
  scroller.scrollLeft += overhang(inner.left, inner.right, outer.left, outer.left + scroller.clientWidth, aside);
}

function overhang(start, end, from, to, margin) {
  if (start - margin < from || end - start > to - from) return start - margin - from;
  return Math.max(0, end + margin - to);
}
