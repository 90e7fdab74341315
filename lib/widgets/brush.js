// A brush on a canvas, for pointer and keyboard.

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * Paints a raster's pixels. `value`, `width` and `filling` say how, `cursor` where; changed() is
 * called when pixels have changed, moved() when the cursor has gone elsewhere.
 */
class Brush {
  constructor(raster, label, { changed, moved }) {
    const { size } = raster;
    Object.assign(this, { raster, changed, moved, value: 1, filling: false, pen: false, width: Math.max(1, Math.round(size / 16)) });
    this.widest = Math.max(2, size >> 2);
    this.cursor = { row: size >> 1, column: size >> 1 };
    this.canvas = make("canvas", { width: size, height: size, tabindex: 0, role: "application", class: "map", "aria-label": label });
    this.ring = make("div", { class: "ring" });
    this.sheet = make("div", { class: "sheet" }, this.canvas, this.ring);
    this.slider = make("input", { type: "range", min: 1, max: this.widest, value: this.width, "aria-label": "brush size in pixels",
      input: () => ((this.width = +this.slider.value), this.moved()) });
    this.widthText = make("output");
    this.size = make("label", { class: "size" }, "Size", this.slider, this.widthText);
    this.listen();
  }
  /** Bring the ring and the size's slider in line with the state. */
  show() {
    const spot = this.filling ? 1 : this.width, percent = (pixels) => `${(100 * pixels) / this.raster.size}%`;
    const corner = (middle) => percent(middle - Math.floor((spot - 1) / 2));
    const { row, column } = this.cursor;
    Object.assign(this.ring.style, { left: corner(column), top: corner(row), width: percent(spot) });
    [this.slider.value, this.widthText.value] = [this.width, `${this.width} px`];
  }
  press(place) {
    this.cursor = place;
    this.raster.remember();
    if (this.filling) this.raster.fill(place.row, place.column, this.value);
    else this.raster.dab(place.row, place.column, this.value, this.width);
    this.changed();
  }
  move(place) {
    const draws = this.pen && !this.filling;
    if (draws) this.raster.line(this.cursor, place, this.value, this.width);
    this.cursor = place;
    if (draws) this.changed();
    else this.moved();
  }
  /** Where the cursor is, in words. */
  get place() {
    return `row ${this.cursor.row + 1}, column ${this.cursor.column + 1}`;
  }
  /** The number of the pixel under the cursor. */
  get found() {
    return this.raster.now.map[this.cursor.row * this.raster.size + this.cursor.column];
  }
  /** Do what a key means; return false where it means nothing, "moved" where the cursor went. */
  typed(key, event) {
    const command = event.ctrlKey || event.metaKey;
    const travelled = (done) => (done && this.changed(), true);
    if (key === "z" && command && event.shiftKey) return travelled(this.raster.redo());
    if (key === "z") return travelled(this.raster.undo());
    if (key === "y") return travelled(this.raster.redo());
    if (command || event.altKey) return false;
    if (key === "[" || key === "]") this.width = clamp(this.width + (key === "]" ? 1 : -1), 1, this.widest);
    else if (event.target !== this.canvas) return false;
    else if (key === "f") {
      this.raster.remember();
      this.raster.fill(this.cursor.row, this.cursor.column, this.value);
      this.changed();
    } else if (key === " ") {
      if (!event.repeat) this.press(this.cursor);
      this.pen = true;
    } else if (ARROWS[key]) {
      const far = event.shiftKey ? 5 : 1, [down, right] = ARROWS[key].map((steps) => steps * far), last = this.raster.size - 1;
      this.move({ row: clamp(this.cursor.row + down, 0, last), column: clamp(this.cursor.column + right, 0, last) });
      return "moved";
    } else return false;
    return true;
  }
  listen() {
    const { canvas, raster: { size } } = this;
    const placeOf = (event) => {
      const box = canvas.getBoundingClientRect();
      const along = (value, from, length) => clamp(Math.floor(((value - from) / length) * size), 0, size - 1);
      return { row: along(event.clientY, box.top, box.height), column: along(event.clientX, box.left, box.width) };
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      this.pen = true;
      this.press(placeOf(event));
    });
    canvas.addEventListener("pointermove", (event) => this.move(placeOf(event)));
    for (const end of ["pointerup", "pointercancel", "blur"]) canvas.addEventListener(end, () => (this.pen = false));
    canvas.addEventListener("keyup", (event) => {
      if (event.key === " ") this.pen = false;
    });
  }
}

/** Let root's keys paint. other(key, event) may take a key first; told() hears what came of a move. */
function keysPaint(root, brush, other, told) {
  root.addEventListener("keydown", (event) => {
    if (event.target.tagName === "SELECT") return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const done = (plain && other(key)) || brush.typed(key, event);
    if (!done) return;
    event.preventDefault();
    if (done === "moved") told();
    else brush.moved();
  });
}

/** Buttons of which one is pressed: [text, title, what pressing does, whether it is pressed]. */
function toolButtons(tools) {
  const made = tools.map(([text, title, act]) => button(text, title, act));
  const show = () => made.forEach((one, place) => one.setAttribute("aria-pressed", String(tools[place][3]())));
  return { group: make("div", { class: "tools", role: "group", "aria-label": "tool" }, ...made), show };
}

/** The painted picture, and the line that says how long it took or why there is none. */
class Painted {
  constructor(root, size) {
    Object.assign(this, { root, changed: 0, silent: () => (this.notice.textContent = SILENT) });
    this.canvas = make("canvas", { width: size, height: size, role: "img", class: "face" });
    this.answer = make("span", { class: "answer" });
    this.notice = make("span", { class: "notice", role: "status" });
  }
  begin() {
    this.changed = performance.now();
    this.root.dataset.settled = false;
  }
  /** Show the kernel's answer to a question asked when `since` was the last change. */
  hear(content, buffers, since) {
    if (content.kind === "failed") {
      [this.answer.textContent, this.notice.textContent] = ["", `Nothing painted: ${content.why}`];
      return;
    }
    drawPicture(this.canvas, buffers[0]);
    const all = performance.now() - since;
    this.root.dataset.milliseconds = all;
    this.answer.textContent = `Painted in ${all.toFixed(0)} ms (the model ${content.milliseconds.toFixed(0)} ms)`;
    if (/kernel|Nothing/.test(this.notice.textContent)) this.notice.textContent = "";
  }
}
