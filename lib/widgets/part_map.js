// A part map that is painted on, and its history; no page is needed for any of this.
//
// part_painter.py puts this file before part_painter.js: a widget's front end is one module.

const UNDO_STEPS = 200;
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** The map, its history, and the ways to change it. */
class PartMap {
  constructor(start, maps, colours) {
    Object.assign(this, { size: start.size, maps, colours, undone: [], done: [] });
    this.now = { map: maps[0].slice(), colours: structuredClone(colours[0]), source: 0, giver: 0 };
  }
  copy() {
    return { ...this.now, map: this.now.map.slice(), colours: structuredClone(this.now.colours) };
  }
  remember() {
    this.done.push(this.copy());
    if (this.done.length > UNDO_STEPS) this.done.shift();
    this.undone = [];
  }
  step(from, to) {
    if (!from.length) return false;
    to.push(this.copy());
    this.now = from.pop();
    return true;
  }
  take(source) {
    Object.assign(this.now, { source, map: this.maps[source].slice() });
  }
  give(giver) {
    Object.assign(this.now, { giver, colours: structuredClone(this.colours[giver]) });
  }
  dab(row, column, group, width) {
    const middle = (width - 1) / 2; // an even brush reaches one pixel further down and right
    const top = row - Math.floor(middle), left = column - Math.floor(middle);
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < width; x++) {
        const inside = Math.hypot(y - middle, x - middle) <= width / 2;
        const r = top + y, c = left + x;
        if (inside && r >= 0 && c >= 0 && r < this.size && c < this.size) {
          this.now.map[r * this.size + c] = group;
        }
      }
    }
  }
  line(from, to, group, width) {
    const steps = Math.max(Math.abs(to.row - from.row), Math.abs(to.column - from.column), 1);
    for (let step = 0; step <= steps; step++) {
      const along = (a, b) => Math.round(a + ((b - a) * step) / steps);
      this.dab(along(from.row, to.row), along(from.column, to.column), group, width);
    }
  }
  fill(row, column, group) {
    const { size, now: { map } } = this, old = map[row * size + column], open = [[row, column]];
    if (old === group) return;
    while (open.length) {
      const [r, c] = open.pop();
      if (r < 0 || c < 0 || r >= size || c >= size || map[r * size + c] !== old) continue;
      map[r * size + c] = group;
      open.push([r + 1, c], [r - 1, c], [r, c + 1], [r, c - 1]);
    }
  }
}
