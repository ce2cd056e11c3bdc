// The component: toolbar, drawing, selection, keys, folding, zoom.

export default function (component) {
  return shown(component, "t2m-tree", (root, memory) => new TreeView(root, memory));
}

class TreeView {
  constructor(root, memory) {
    this.root = root;
    this.memory = memory;
    memory.folded ??= new Set();
    this.measure = measurer(getComputedStyle(root).fontFamily || "sans-serif");
    this.frame();
    this.listen();
    // Widths are only right once the font of the page is there.
    document.fonts?.ready.then(() => {
      if (!this.data) return;
      this.measure = measurer(getComputedStyle(root).fontFamily || "sans-serif");
      this.draw();
    });
  }

  frame() {
    this.percent = html("output", { class: "zoom", "aria-label": "Zoom" });
    this.turn = toolButton("", "", () => this.setDirection(this.direction === "down" ? "right" : "down"));
    this.foldAll = toolButton("", "", () => this.toggleAll());
    this.tools = html("div", { class: "toolbar", role: "toolbar", "aria-label": "Drawing" },
      toolButton("−", "Smaller", () => this.zoom.step(-1)), this.percent,
      toolButton("+", "Larger", () => this.zoom.step(1)),
      toolButton("Fit", "Fit to the width", () => this.zoom.fit()), this.turn, this.foldAll);
    this.legend = html("details", { class: "help" });
    this.scroller = html("div", { class: "scroller" });
    this.zoom = new Zoom(this.scroller, this.percent, this.memory);
    this.root.replaceChildren(html("div", { class: "head" }, this.tools, this.legend), this.scroller);
  }

  listen() {
    this.scroller.addEventListener("click", (event) => this.clicked(event));
    this.scroller.addEventListener("keydown", (event) => this.pressed(event));
    this.scroller.addEventListener("focusin", (event) => {
      const node = event.target.closest?.("[data-node]");
      if (node) this.rove(node.dataset.node);
    });
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.scroller);
  }

  close() {
    this.observer.disconnect();
  }

  update(data, late) {
    const content = JSON.stringify([data.trees, data.relations, data.lowConfidence, data.label, data.height]);
    const before = JSON.stringify(this.selected ?? null);
    if (!late) this.selected = data.selected;
    this.related = new Set(data.related);
    this.data = data;
    const moved = JSON.stringify(this.selected ?? null) !== before;
    if (moved && this.unfoldTo(this.selected?.node)) this.content = null;
    if (content !== this.content) {
      this.content = content;
      this.forgetOther();
      this.writeLegend();
      this.draw();
    }
    this.mark();
    if (moved && this.selected) this.showNode(this.selected.node);
  }

  /** Where the drawing is larger than its frame, the first node is what one begins with. */
  showStart() {
    const [root] = this.boxes;
    if (!root) return;
    const middle = (root.x + root.width / 2) * this.zoom.scale, height = (root.y + root.height / 2) * this.zoom.scale;
    this.scroller.scrollLeft = middle - this.scroller.clientWidth / 2;
    this.scroller.scrollTop = height - this.scroller.clientHeight / 2;
  }

  // Drawing

  draw() {
    const focused = this.focusedId(), { scrollLeft, scrollTop } = this.scroller, before = this.direction;
    const look = { relations: this.data.relations, lowConfidence: this.data.lowConfidence, measure: this.measure };
    const make = () => this.data.trees.map((tree) => boxesOf(tree, look.relations, this.memory.folded, this.measure));
    const { forest, direction, size } = arrangedForest(make, this.memory.direction ?? this.found, this.zoom.room());
    [this.forest, this.direction, this.found] = [forest, direction, direction];
    this.boxes = forest.flatMap(preOrder);
    this.boxOf = new Map(this.boxes.map((box) => [box.node.id, box]));
    const down = direction === "down";
    this.groups = new Map(this.boxes.map((box) => {
      const [siblings, place] = box.parent ? [2, box.branch === "yes" ? 1 : 2] : [forest.length, forest.indexOf(box) + 1];
      return [box.node.id, drawnNode(box, look, siblings, place)];
    }));
    this.drawing = svg("svg", { class: "drawing", viewBox: `0 0 ${size.width} ${size.height}`, role: "tree", "aria-label": this.data.label,
      "aria-orientation": down ? "vertical" : "horizontal" },
    ...this.boxes.filter((box) => box.parent).map((box) => drawnEdge(box, down)),
    ...(forest.length > 1 ? forest.map((box, number) => treeCaption(box, number + 1, forest.length)) : []),
    ...this.groups.values(),
    ...this.boxes.filter((box) => box.children.length || box.hidden.length).map((box) => foldButton(box, down, this.measure)));
    this.scroller.replaceChildren(this.boxes.length ? this.drawing : html("p", { class: "none" }, "No tree."));
    this.scroller.style.maxHeight = `${this.data.height}px`;
    this.tools.hidden = !this.boxes.length;
    this.foldAll.hidden = !this.data.trees.some((tree) => tree.yes);
    this.writeTools();
    this.zoom.take(this.drawing, size);
    if (direction === before) Object.assign(this.scroller, { scrollLeft, scrollTop });
    else this.showStart();
    this.rove(this.boxOf.has(this.current) ? this.current : this.boxOf.has(this.selected?.node) ? this.selected.node : this.boxes[0]?.node.id);
    this.mark();
    if (focused && this.groups.has(focused)) this.groups.get(focused).focus({ preventScroll: true });
  }

  writeTools() {
    const other = this.direction === "down" ? "Left to right" : "Top down";
    this.turn.textContent = this.direction === "down" ? "⇢ Left to right" : "⇣ Top down";
    this.turn.setAttribute("aria-label", `Draw the trees ${other.toLowerCase()}`);
    this.turn.title = `Draw the trees ${other.toLowerCase()}`;
    const any = this.memory.folded.size > 0;
    this.foldAll.textContent = any ? "Unfold all" : "Fold all";
    this.foldAll.setAttribute("aria-label", any ? "Unfold all" : "Fold all");
    this.foldAll.title = any ? "Show all nodes" : "Show only the first node of every tree";
  }

  writeLegend() {
    const open = this.legend.open;
    this.legend.replaceChildren(html("summary", {}, "Legend and keys"), treeLegend(this.data.relations));
    this.legend.open = open;
  }

  resized() {
    const { clientWidth } = this.scroller;
    if (!this.data || this.width === clientWidth) return;
    // Another direction may suit another width, but not the width of a scroll bar.
    if (Math.abs(clientWidth - (this.width ?? 0)) > 40) this.found = null;
    this.width = clientWidth;
    if (this.memory.direction || this.found) this.zoom.again();
    else this.draw();
  }

  setDirection(direction) {
    this.memory.direction = direction;
    delete this.memory.scale;
    this.draw();
    if (this.selected) this.showNode(this.selected.node);
  }

  // Selection

  clicked(event) {
    const fold = event.target.closest("[data-fold]");
    if (fold) return this.fold(fold.dataset.fold);
    const node = event.target.closest("[data-node]");
    if (!node) return undefined;
    const triple = event.target.closest("[data-triple]");
    this.focusNode(node.dataset.node);
    return this.select({ node: node.dataset.node, triple: triple?.dataset.triple ?? null });
  }

  select(selection) {
    this.selected = selection;
    this.mark();
    this.send({ node: selection?.node ?? null, triple: selection?.triple ?? null });
    const triples = this.boxOf.get(selection?.node)?.node.triples.map((triple) => triple.id) ?? [];
    this.tell(selection?.triple ? [selection.triple] : triples);
  }

  /** Selects the first of these triples, which were chosen in another view. */
  follow(triples) {
    const holds = (node) => node.triples.find((triple) => triples.includes(triple.id));
    const node = this.data.trees.flatMap(withAllBelow).find(holds);
    if (!node) return;
    this.selected = { node: node.id, triple: holds(node).id };
    if (this.unfoldTo(node.id)) this.draw();
    this.mark();
    this.showNode(node.id);
  }

  /** Shows in the drawing what is selected. */
  mark() {
    for (const [id, group] of this.groups ?? []) {
      const here = this.selected?.node === id;
      group.setAttribute("aria-selected", String(here));
      group.classList.toggle("selected", here);
      for (const triple of group.querySelectorAll("[data-triple]")) {
        const pressed = here && this.selected.triple === triple.dataset.triple;
        triple.setAttribute("aria-pressed", String(pressed));
        triple.classList.toggle("selected", pressed);
        triple.classList.toggle("related", !pressed && this.related.has(triple.dataset.triple));
      }
    }
  }

  showNode(id) {
    const group = this.groups.get(id);
    if (group) reveal(this.scroller, group.querySelector(".shape"));
  }

  // Focus: one node at a time can be reached by Tab.

  focusedId() {
    return this.root.getRootNode().activeElement?.closest?.("[data-node]")?.dataset.node;
  }

  rove(id) {
    if (id === undefined) return;
    this.groups.get(this.current)?.setAttribute("tabindex", -1);
    this.current = id;
    this.groups.get(id)?.setAttribute("tabindex", 0);
  }

  focusNode(id) {
    const group = this.groups.get(id);
    if (!group) return;
    this.rove(id);
    group.focus({ preventScroll: true });
    this.showNode(id);
  }

  // Keys

  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const group = event.target.closest?.("[data-node]");
    if (!group) return;
    const triple = event.target.closest("[data-triple]");
    const box = this.boxOf.get(group.dataset.node);
    const done = triple ? this.tripleKey(event.key, group, triple, box) : this.nodeKey(event.key, box);
    if (done || this.viewKey(event.key)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  viewKey(key) {
    if (key === "+" || key === "=") this.zoom.step(1);
    else if (key === "-" || key === "_") this.zoom.step(-1);
    else if (key === "0") this.zoom.fit();
    else return false;
    if (this.current) this.showNode(this.current);
    return true;
  }

  nodeKey(key, box) {
    const target = neighbour(key, box, this.forest, this.direction);
    if (target) this.focusNode(target.node.id);
    else if (key === "Enter" || key === " ") this.select({ node: box.node.id, triple: null });
    else if (key === "Escape") this.selected ? this.select(null) : undefined;
    else if (key.toLowerCase() === "c") this.fold(box.node.id);
    else if (key.toLowerCase() === "t") this.groups.get(box.node.id).querySelector("[data-triple]")?.focus({ preventScroll: true });
    else return /^(Arrow|Page|Home|End)/.test(key);
    return true;
  }

  tripleKey(key, group, triple, box) {
    const all = [...group.querySelectorAll("[data-triple]")];
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[key];
    if (step) all[all.indexOf(triple) + step]?.focus({ preventScroll: true });
    else if (key === "Enter" || key === " ") this.select({ node: box.node.id, triple: triple.dataset.triple });
    else if (key === "Escape" || key.toLowerCase() === "t") this.focusNode(box.node.id);
    else return false;
    return true;
  }

  // Folding

  fold(id) {
    const box = this.boxOf.get(id);
    if (!box?.node.yes) return;
    if (!this.memory.folded.delete(id)) this.memory.folded.add(id);
    this.draw();
    this.focusNode(id);
  }

  toggleAll() {
    if (this.memory.folded.size) this.memory.folded.clear();
    else this.data.trees.filter((tree) => tree.yes).forEach((tree) => this.memory.folded.add(tree.id));
    this.draw();
  }

  /** The numbers of nodes mean others when the trees have another shape. */
  forgetOther() {
    const shape = JSON.stringify(this.data.trees.map(shapeOf));
    if (this.memory.shape !== shape) {
      this.memory.folded.clear();
      this.found = null;
    }
    this.memory.shape = shape;
  }

  /** Unfolds what hides a node; tells whether anything did. */
  unfoldTo(id) {
    const path = this.data.trees.map((tree) => pathTo(tree, id)).find(Boolean) ?? [];
    return path.slice(0, -1).filter((above) => this.memory.folded.delete(above)).length > 0;
  }
}
