// One number a pixel, painted on, and its history; no page is needed for any of this.

const UNDO_STEPS = 200;

/** Square pixels that can be painted on. `now` is the state that undo brings back; map is in it. */
class Raster {
  constructor(size, now) {
    Object.assign(this, { size, now, undone: [], done: [] });
  }
  remember() {
    this.done.push(structuredClone(this.now));
    if (this.done.length > UNDO_STEPS) this.done.shift();
    this.undone = [];
  }
  step(from, to) {
    if (!from.length) return false;
    to.push(structuredClone(this.now));
    this.now = from.pop();
    return true;
  }
  undo() {
    return this.step(this.done, this.undone);
  }
  redo() {
    return this.step(this.undone, this.done);
  }
  dab(row, column, value, width) {
    const middle = (width - 1) / 2; // an even brush reaches one pixel further down and right
    const top = row - Math.floor(middle), left = column - Math.floor(middle);
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < width; x++) {
        const inside = Math.hypot(y - middle, x - middle) <= width / 2;
        const r = top + y, c = left + x;
        if (inside && r >= 0 && c >= 0 && r < this.size && c < this.size) {
          this.now.map[r * this.size + c] = value;
        }
      }
    }
  }
  line(from, to, value, width) {
    const steps = Math.max(Math.abs(to.row - from.row), Math.abs(to.column - from.column), 1);
    for (let step = 0; step <= steps; step++) {
      const along = (a, b) => Math.round(a + ((b - a) * step) / steps);
      this.dab(along(from.row, to.row), along(from.column, to.column), value, width);
    }
  }
  fill(row, column, value) {
    const { size, now: { map } } = this, old = map[row * size + column], open = [[row, column]];
    if (old === value) return;
    while (open.length) {
      const [r, c] = open.pop();
      if (r < 0 || c < 0 || r >= size || c >= size || map[r * size + c] !== old) continue;
      map[r * size + c] = value;
      open.push([r + 1, c], [r - 1, c], [r, c + 1], [r, c - 1]);
    }
  }
}
