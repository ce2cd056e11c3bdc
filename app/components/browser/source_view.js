// The component: marked text, choosing of marks and of words, by mouse and by keys.

const SOURCE_KEYS = [
  ["Tab", "to the text, then to its marks"], ["← →", "on a mark: the mark before and after; Enter selects it"],
  ["← ↑ → ↓", "in the text: move the cursor; with Ctrl by words; Home and End within the line"],
  ["Shift ← ↑ → ↓", "choose words, from the cursor or from the mark; they are taken when Shift is let go"],
  ["Enter", "in the text: select the mark at the cursor"], ["Esc", "drop the chosen words, then the selection"],
];

export default function (component) {
  return shown(component, "t2m-source", (root, memory) => new SourceView(root, memory));
}

class SourceView {
  constructor(root, memory) {
    this.root = root;
    this.memory = memory;
    this.caret = this.anchor = 0;
    this.selected = new Set();
    this.text = html("div", { class: "t2m-text", tabindex: 0, role: "group" });
    this.cursor = html("span", { class: "t2m-cursor", "aria-hidden": "true", hidden: "" });
    this.news = html("p", { class: "t2m-news", role: "status" });
    this.help = html("details", { class: "help" }, html("summary", {}, "Keys"), keyList(SOURCE_KEYS));
    this.scroller = html("div", { class: "scroller" }, this.text, this.cursor);
    root.replaceChildren(html("div", { class: "head" }, this.help), this.scroller, this.news);
    this.listen();
  }

  listen() {
    this.stop = new AbortController();
    const on = (target, kind, act) => target.addEventListener(kind, act, { signal: this.stop.signal });
    on(this.text, "pointerdown", () => { this.dragging = true; });
    on(document, "pointerup", (event) => {
      if (!this.dragging) return;
      this.dragging = false;
      // The browser settles its selection after this event.
      setTimeout(() => this.released(event), 0);
    });
    on(this.text, "keydown", (event) => this.pressed(event));
    on(this.text, "keyup", (event) => {
      if (event.key === "Shift" && this.extending) this.takeRange(this.anchor, this.caret);
    });
    on(this.text, "focusin", () => this.drawCursor());
    on(this.text, "focusout", () => { this.cursor.hidden = true; });
    on(this.text, "click", (event) => {
      const tag = event.target.closest("[data-mark]");
      if (tag) this.choose(this.marks.find((mark) => mark.id === tag.dataset.mark));
    });
    on(document, "selectionchange", () => this.touched());
    this.observer = new ResizeObserver(() => this.drawCursor());
    this.observer.observe(this.text);
  }

  close() {
    this.stop.abort();
    this.observer.disconnect();
  }

  update(data, late) {
    const content = JSON.stringify([data.text, data.marks]);
    if (content !== this.content) {
      this.content = content;
      this.offsets = new Offsets(data.text);
      this.string = data.text;
      this.marks = data.marks.map((mark) => ({ ...mark, start: this.offsets.units(mark.start), end: this.offsets.units(mark.end) }));
      [this.caret, this.anchor] = [Math.min(this.caret, data.text.length), Math.min(this.anchor, data.text.length)];
      this.range = undefined;
    }
    this.text.setAttribute("aria-label", data.label);
    this.scroller.style.maxHeight = `${data.height}px`;
    const before = [...this.selected].join(" ");
    if (!late) {
      const range = data.range && { start: this.offsets.units(data.range.start), end: this.offsets.units(data.range.end) };
      if (this.range === undefined || JSON.stringify(range) !== JSON.stringify(this.range)) {
        this.range = range;
        this.draw();
      }
      this.selected = new Set(data.selected);
    } else if (this.range === undefined) {
      this.range = null;
      this.draw();
    }
    this.mark();
    if ([...this.selected].join(" ") !== before) this.showSelected();
  }

  // Drawing

  draw() {
    const focused = document.activeElement?.closest?.("[data-mark]");
    const back = focused && this.text.contains(focused) ? focused.dataset.mark : null;
    const cuts = this.range ? [this.range.start, this.range.end] : [];
    this.pieces = piecesOf(this.string.length, this.marks, cuts);
    this.text.replaceChildren(...this.pieces.flatMap((piece) => [...piece.starting.map((mark) => this.tag(mark)), this.written(piece)]));
    this.places = new TextPlaces(this.text, this.string.length, this.pieces);
    this.tags = [...this.text.querySelectorAll("[data-mark]")];
    this.rove(this.tags.find((tag) => tag.dataset.mark === (back ?? this.current)) ?? this.tags[0]);
    if (back) this.tags.find((tag) => tag.dataset.mark === back)?.focus({ preventScroll: true });
    this.drawCursor();
  }

  /** The handle of a mark. Its word is drawn by the style sheet, so that it is no part of the text. */
  tag(mark) {
    const words = this.string.slice(mark.start, mark.end);
    const shared = mark.triples.length > 1 ? `, in ${mark.triples.length} places of the trees` : "";
    return html("button", { type: "button", class: `t2m-tag ${mark.kind} c${mark.colour}`, tabindex: -1, "data-mark": mark.id, "data-word": mark.label,
      "aria-pressed": "false", "aria-label": `${mark.label}, ${mark.kind}: ${words}${shared}` });
  }

  written(piece) {
    const chosen = this.range && piece.start >= this.range.start && piece.end <= this.range.end;
    const inner = piece.marks[0];
    const classes = ["t2m-piece", inner ? `marked ${inner.kind} c${inner.colour}` : "", piece.marks.length > 1 ? "several" : "", chosen ? "chosen" : ""];
    piece.element = html(inner ? "mark" : "span", { class: classes.filter(Boolean).join(" "), "data-start": piece.start }, this.string.slice(piece.start, piece.end));
    return piece.element;
  }

  /** Shows in the text what is selected. */
  mark() {
    const on = (mark) => mark.triples.some((triple) => this.selected.has(triple));
    this.tags.forEach((tag) => {
      const pressed = on(this.marks.find((mark) => mark.id === tag.dataset.mark));
      tag.setAttribute("aria-pressed", String(pressed));
      tag.classList.toggle("selected", pressed);
    });
    this.pieces.forEach((piece) => {
      if (piece.marks.length) piece.element.classList.toggle("selected", piece.marks.some(on));
    });
  }

  showSelected() {
    const tag = this.tags.find((one) => one.classList.contains("selected"));
    if (tag) {
      this.rove(tag);
      reveal(this.scroller, tag, 60);
    }
  }

  // Choosing

  choose(mark) {
    if (!mark) return;
    this.selected = new Set(mark.triples);
    if (this.range) {
      this.range = null;
      this.draw();
    }
    this.mark();
    this.rove(this.tags.find((tag) => tag.dataset.mark === mark.id));
    this.say(`${mark.label} selected`);
    this.send({ kind: "mark", mark: mark.id });
    this.tell(mark.triples);
  }

  /** Selects the marks of these triples, which were chosen in another view. */
  follow(triples) {
    if (!this.tags) return;
    this.selected = new Set(triples);
    this.mark();
    this.showSelected();
  }

  /** Of the marks at a place the innermost; at the next click the one around it. */
  chooseAt(offset) {
    const piece = this.places.pieceAt(offset);
    if (!piece?.marks.length) return false;
    const last = piece.marks.findIndex((mark) => mark.id === this.current && mark.triples.every((triple) => this.selected.has(triple)));
    this.choose(piece.marks[(last + 1) % piece.marks.length]);
    return true;
  }

  takeRange(one, other) {
    this.extending = false;
    let [start, end] = one < other ? [one, other] : [other, one];
    while (start < end && /\s/.test(this.string[start])) start += 1;
    while (end > start && /\s/.test(this.string[end - 1])) end -= 1;
    getSelection().removeAllRanges();
    if (start === end) return;
    this.range = { start, end };
    this.draw();
    this.mark();
    this.say(`Chosen: ${this.string.slice(start, end)}`);
    this.send({ kind: "range", start: this.offsets.points(start), end: this.offsets.points(end) });
  }

  clear() {
    if (this.range) {
      this.range = null;
      this.draw();
      this.mark();
      this.send({ kind: "range", start: 0, end: 0 });
    } else if (this.selected.size) {
      this.selected = new Set();
      this.mark();
      this.send({ kind: "mark", mark: null });
    }
  }

  say(words) {
    this.news.textContent = words;
  }

  // Mouse and touch

  released(event) {
    const range = this.places.selected();
    if (range) {
      [this.anchor, this.caret] = range;
      this.takeRange(...range);
      return;
    }
    const piece = event.target.closest?.("[data-start]");
    if (!piece || !this.text.contains(piece)) return;
    this.caret = this.anchor = this.places.clicked() ?? this.caret;
    this.drawCursor();
    this.chooseAt(Number(piece.dataset.start));
  }

  /** A finger chooses words with the handles of the system, without an event at its end. */
  touched() {
    clearTimeout(this.waiting);
    if (this.dragging || this.extending || document.activeElement === this.text || !matchMedia("(pointer: coarse)").matches) return;
    this.waiting = setTimeout(() => {
      const range = this.places.selected();
      if (range) this.takeRange(...range);
    }, 700);
  }

  // Keys

  pressed(event) {
    const tag = event.target.closest("[data-mark]");
    const done = event.shiftKey && /^(Arrow|Home|End)/.test(event.key) ? this.extend(event, tag) : tag ? this.tagKey(event, tag) : this.textKey(event);
    if (done) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  tagKey(event, tag) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const target = step ? this.tags[this.tags.indexOf(tag) + step] : { Home: this.tags[0], End: this.tags.at(-1) }[event.key];
    if (target) {
      this.rove(target);
      target.focus({ preventScroll: true });
      reveal(this.scroller, target, 40);
    } else if (event.key === "Escape") this.clear();
    else return Boolean(step);
    return true;
  }

  textKey(event) {
    if (event.key === "Escape") {
      this.clear();
      return true;
    }
    if (event.key === "Enter" || event.key === " ") return this.chooseAt(this.caret) || event.key === " ";
    const target = this.moved(event);
    if (target === null) return false;
    this.caret = this.anchor = target;
    this.drawCursor();
    this.followCursor();
    return true;
  }

  /** Shift with an arrow: the chosen words grow or shrink at the cursor. From a mark they begin as its words. */
  extend(event, tag) {
    if (tag && !this.extending) {
      const mark = this.marks.find((one) => one.id === tag.dataset.mark);
      const back = event.key === "ArrowLeft" || event.key === "ArrowUp" || event.key === "Home";
      [this.anchor, this.caret] = back ? [mark.end, mark.start] : [mark.start, mark.end];
    } else if (!this.extending && this.range && [this.range.start, this.range.end].includes(this.caret)) {
      this.anchor = this.caret === this.range.end ? this.range.start : this.range.end;
    }
    const target = this.moved(event, Boolean(tag) || event.ctrlKey || event.altKey);
    if (target === null) return false;
    this.extending = true;
    this.caret = target;
    this.places.select(this.anchor, this.caret);
    this.drawCursor();
    this.followCursor();
    return true;
  }

  moved(event, byWord = event.ctrlKey || event.altKey) {
    return movedCaret(event, this.string, this.caret, byWord, (offset) => this.places.rectAt(offset));
  }

  rove(tag) {
    if (!tag) return;
    this.tags.forEach((one) => one.setAttribute("tabindex", one === tag ? 0 : -1));
    this.current = tag.dataset.mark;
  }

  // The cursor

  drawCursor() {
    const focus = document.activeElement;
    this.cursor.hidden = !(focus === this.text || this.extending) || !this.pieces?.length;
    if (this.cursor.hidden) return;
    const rect = this.places.rectAt(this.caret), frame = this.scroller.getBoundingClientRect();
    this.cursor.style.left = `${rect.left - frame.left + this.scroller.scrollLeft - 1}px`;
    this.cursor.style.top = `${rect.top - frame.top + this.scroller.scrollTop}px`;
    this.cursor.style.height = `${rect.height}px`;
  }

  followCursor() {
    if (!this.cursor.hidden) reveal(this.scroller, this.cursor, 30);
  }
}
