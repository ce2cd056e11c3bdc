// The component: a picture of a page and boxes over the words of the triples.

const PAGE_ZOOM = { least: 0.5, most: 4, step: 1.25 };

const PAGE_KEYS = [
  ["Tab", "to the boxes and out of them"], ["← →", "the box before and after"], ["Enter Space", "select the box"],
  ["+ - 0", "larger, smaller, fit to the width"], ["Esc", "clear the selection"],
];

export default function (component) {
  return shown(component, "t2m-page-image", (root, memory) => new PageImageView(root, memory));
}

class PageImageView {
  constructor(root, memory) {
    this.root = root;
    this.memory = memory;
    this.selected = new Set();
    this.percent = html("output", { class: "zoom", "aria-label": "Zoom" });
    this.picture = html("img", { draggable: "false" });
    this.sheet = html("div", { class: "sheet", role: "group" });
    this.scroller = html("div", { class: "scroller" }, this.sheet);
    root.replaceChildren(
      html("div", { class: "head" },
        html("div", { class: "toolbar", role: "toolbar", "aria-label": "Picture" },
          toolButton("−", "Smaller", () => this.zoom(this.memory.zoom / PAGE_ZOOM.step)), this.percent,
          toolButton("+", "Larger", () => this.zoom(this.memory.zoom * PAGE_ZOOM.step)),
          toolButton("Fit", "Fit to the width", () => this.zoom(1))),
        html("details", { class: "help" }, html("summary", {}, "Keys"), keyList(PAGE_KEYS))),
      this.scroller);
    this.scroller.addEventListener("click", (event) => {
      const box = event.target.closest("[data-box]");
      if (box) this.choose(box.dataset.box);
    });
    this.scroller.addEventListener("keydown", (event) => this.pressed(event));
    this.scroller.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoom(this.memory.zoom * (event.deltaY < 0 ? PAGE_ZOOM.step : 1 / PAGE_ZOOM.step));
    }, { passive: false });
  }

  close() {}

  update(data, late) {
    const before = [...this.selected].join(" ");
    if (!late) this.selected = new Set(data.selected);
    if (this.image !== data.image) {
      this.image = data.image;
      this.picture.src = data.image;
      this.picture.alt = `Page ${data.page} of the document`;
    }
    const content = JSON.stringify([data.boxes, data.page, data.width, data.pageHeight]);
    const drawn = content !== this.content;
    this.data = data;
    if (drawn) {
      this.content = content;
      this.draw();
    }
    this.scroller.style.maxHeight = `${data.height}px`;
    this.mark();
    if (drawn || [...this.selected].join(" ") !== before) this.showSelected();
  }

  draw() {
    const { data } = this;
    const share = (part, whole) => `${(100 * part) / whole}%`;
    const focused = this.root.getRootNode().activeElement?.dataset?.box;
    this.sheet.setAttribute("aria-label", `Page ${data.page}, ${data.boxes.length} marked places`);
    this.sheet.style.aspectRatio = `${data.width} / ${data.pageHeight}`;
    this.boxes = data.boxes.map((box, index) => {
      const again = index > 0 && String(data.boxes[index - 1].triples) === String(box.triples); // the next line of the same words
      const element = html("button", { type: "button", class: `box ${box.kind} c${box.colour}${again ? " again" : ""}`, tabindex: -1, "data-box": box.id, "data-word": box.label,
        "aria-pressed": "false", "aria-label": `${box.label}, ${box.kind}, on page ${data.page}`, title: `${box.label} (${box.kind})` });
      Object.assign(element.style, { left: share(box.left, data.width), top: share(box.top, data.pageHeight),
        width: share(box.right - box.left, data.width), height: share(box.bottom - box.top, data.pageHeight) });
      return element;
    });
    this.sheet.replaceChildren(this.picture, ...this.boxes);
    this.rove(this.boxes.find((box) => box.dataset.box === this.current) ?? this.boxes[0]);
    if (focused) this.boxes.find((box) => box.dataset.box === focused)?.focus({ preventScroll: true });
    this.zoom(this.memory.zoom ?? this.legible());
  }

  /** The zoom to begin with: the page fills the width, and has nearly a pixel a point, so that small print can be read. */
  legible() {
    return Math.max(1, 0.9 * this.data.width / Math.max(1, this.scroller.clientWidth));
  }

  mark() {
    this.boxes.forEach((element, index) => {
      const on = this.data.boxes[index].triples.some((triple) => this.selected.has(triple));
      element.setAttribute("aria-pressed", String(on));
      element.classList.toggle("selected", on);
    });
  }

  showSelected() {
    const box = this.boxes.find((one) => one.classList.contains("selected"));
    if (!box) return;
    this.rove(box);
    reveal(this.scroller, box, this.scroller.clientHeight / 3, 60); // the window may end before the picture does
  }

  choose(id) {
    const box = this.data.boxes.find((one) => one.id === id);
    this.selected = new Set(box?.triples ?? []);
    this.mark();
    if (box) this.rove(this.boxes.find((element) => element.dataset.box === id));
    this.send({ mark: id });
    this.tell([...this.selected]);
  }

  /** Selects the boxes of these triples, which were chosen in another view. */
  follow(triples) {
    if (!this.boxes) return;
    this.selected = new Set(triples);
    this.mark();
    this.showSelected();
  }

  rove(box) {
    if (!box) return;
    this.boxes.forEach((one) => one.setAttribute("tabindex", one === box ? 0 : -1));
    this.current = box.dataset.box;
  }

  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const box = event.target.closest("[data-box]");
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step && box) {
      const target = this.boxes[this.boxes.indexOf(box) + step];
      if (target) {
        this.rove(target);
        target.focus({ preventScroll: true });
        reveal(this.scroller, target, 40);
      }
    } else if (event.key === "+" || event.key === "=") this.zoom(this.memory.zoom * PAGE_ZOOM.step);
    else if (event.key === "-" || event.key === "_") this.zoom(this.memory.zoom / PAGE_ZOOM.step);
    else if (event.key === "0") this.zoom(1);
    else if (event.key === "Escape") {
      if (this.selected.size) this.choose(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  zoom(scale) {
    const { scroller } = this, old = this.memory.zoom;
    const share = (size, offset, whole) => (offset + size / 2) / Math.max(1, whole);
    const at = [share(scroller.clientWidth, scroller.scrollLeft, scroller.scrollWidth), share(scroller.clientHeight, scroller.scrollTop, scroller.scrollHeight)];
    this.memory.zoom = Math.min(PAGE_ZOOM.most, Math.max(PAGE_ZOOM.least, scale));
    this.sheet.style.width = `${100 * this.memory.zoom}%`;
    this.percent.textContent = `${Math.round(100 * this.memory.zoom)} %`;
    if (old === undefined || old === this.memory.zoom) return;
    scroller.scrollLeft = at[0] * scroller.scrollWidth - scroller.clientWidth / 2;
    scroller.scrollTop = at[1] * scroller.scrollHeight - scroller.clientHeight / 2;
  }
}
