// The size of the drawing in its frame: zoom, fit, and moving it with the mouse.

const ZOOM = { least: 0.2, most: 2.5, step: 1.2, readable: 0.7, fitted: 1.25 };

/** `memory.scale` is what a person has set: a number, "fit", or nothing. */
class Zoom {
  constructor(scroller, output, memory) {
    Object.assign(this, { scroller, output, memory, scale: 1 });
    scroller.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.step(event.deltaY < 0 ? 1 : -1);
    }, { passive: false });
    scroller.addEventListener("pointerdown", (event) => this.pan(event));
  }

  room() {
    return Math.max(160, this.scroller.clientWidth - 2);
  }

  /** Takes a new drawing of this size, in pixels. */
  take(drawing, size) {
    Object.assign(this, { drawing, size });
    this.again();
  }

  again() {
    if (!this.drawing) return;
    const whole = this.room() / this.size.width;
    if (this.memory.scale === "fit") this.apply(Math.min(ZOOM.fitted, whole));
    else this.apply(this.memory.scale ?? Math.min(1, Math.max(ZOOM.readable, whole)));
  }

  fit() {
    this.memory.scale = "fit";
    this.again();
  }

  step(steps) {
    if (!this.drawing) return;
    const { scroller } = this, old = this.scale;
    const middle = [scroller.scrollLeft + scroller.clientWidth / 2, scroller.scrollTop + scroller.clientHeight / 2];
    this.memory.scale = Math.min(ZOOM.most, Math.max(ZOOM.least, old * ZOOM.step ** steps));
    this.apply(this.memory.scale);
    scroller.scrollLeft = (middle[0] * this.scale) / old - scroller.clientWidth / 2;
    scroller.scrollTop = (middle[1] * this.scale) / old - scroller.clientHeight / 2;
  }

  apply(scale) {
    this.scale = scale;
    this.drawing.setAttribute("width", this.size.width * scale);
    this.drawing.setAttribute("height", this.size.height * scale);
    this.output.textContent = `${Math.round(scale * 100)} %`;
  }

  /** Only the mouse: a finger moves what scrolls by itself. */
  pan(event) {
    if (event.pointerType !== "mouse" || event.button !== 0 || event.target.closest("[data-node], [data-fold]")) return;
    const { scroller } = this;
    const [x, y, left, top] = [event.clientX, event.clientY, scroller.scrollLeft, scroller.scrollTop];
    const move = (now) => {
      scroller.scrollLeft = left + x - now.clientX;
      scroller.scrollTop = top + y - now.clientY;
    };
    scroller.classList.add("held");
    scroller.setPointerCapture(event.pointerId);
    scroller.addEventListener("pointermove", move);
    scroller.addEventListener("lostpointercapture", () => {
      scroller.classList.remove("held");
      scroller.removeEventListener("pointermove", move);
    }, { once: true });
  }
}
