// The mask painter's half in the browser; the kernel's is mask_painter.py beside this file.
//
// browser -> kernel   hello; paint: number, picture's place, and the mask as one byte a pixel
// kernel -> browser   start: what there is; painted: number, and the result as RGB; failed: why

const KEYS = "Keys: B brush · E eraser · [ ] size · arrows move, space paints · F fills · Z undo · Y redo · C clear · M hides the mask";
const SHARE = 0.6; // of the mask's colour where the mask is; the picture stays to be seen

/** A mask over one of several pictures; undo brings back the picture as well. */
class Mask extends Raster {
  constructor(size, masks) {
    super(size, { map: masks[0].slice(), place: 0 });
    this.masks = masks;
  }
  take(place) {
    this.now = { map: this.masks[place].slice(), place };
  }
  clear() {
    this.now.map.fill(0);
  }
}

function begin(root, start, buffers, send) {
  const { size, names } = start, colour = levels(start.colour);
  const [pictures, masks] = buffers.map((buffer) => pieces(bytes(buffer), names.length));
  const mask = new Mask(size, masks);
  const brush = new Brush(mask, `Picture with its mask, ${size} by ${size} pixels, to paint on. ${KEYS}`, { changed: change, moved: show });
  const painted = new Painted(root, size), { notice } = painted;
  const questions = new Questions(send, painted.silent);
  let since = 0;

  const choice = make("select", { change: () => act(() => mask.take(+choice.value)) }, ...names.map(option));
  const undoButton = button("Undo", "Undo (Z)", () => mask.undo() && change());
  const redoButton = button("Redo", "Redo (Y)", () => mask.redo() && change());
  const clear = button("Clear", "No mask at all (C)", () => act(() => mask.clear()));
  const reset = button("Reset", "Back to the mask that came with the picture", () => act(() => mask.take(mask.now.place)));
  const use = (value, filling) => ([brush.value, brush.filling] = [value, filling]);
  const tools = toolButtons([
    ["Brush", "Cover with the brush (B)", () => (use(1, false), show()), () => !brush.filling && brush.value === 1],
    ["Eraser", "Uncover with the brush (E)", () => (use(0, false), show()), () => !brush.filling && brush.value === 0],
    ["Fill", "Cover a connected area", () => (use(1, true), show()), () => brush.filling],
  ]);
  const shown = make("input", { type: "checkbox", change: () => show() });
  shown.checked = true;

  root.append(
    make("div", { class: "bar" }, make("label", {}, "Picture", choice), make("div", { class: "hold" }, tools.group), brush.size,
      make("span", { class: "end" }, undoButton, redoButton, clear, reset)),
    make("div", { class: "body" },
      make("figure", {}, make("figcaption", {}, "Picture and mask", make("label", {}, shown, "show the mask")), brush.sheet),
      make("figure", {}, make("figcaption", {}, start.result), painted.canvas)),
    make("div", { class: "foot" }, make("span", {}, painted.answer, notice), make("span", { class: "keys" }, KEYS)));

  /** Bring everything on the page in line with the state. */
  function show() {
    const { map, place } = mask.now, picture = pictures[place], mixed = [0, 0, 0];
    drawPixels(brush.canvas, (pixel) => {
      const covered = shown.checked && map[pixel] ? SHARE : 0;
      for (let channel = 0; channel < 3; channel++) {
        mixed[channel] = (1 - covered) * picture[3 * pixel + channel] + covered * colour[channel];
      }
      return mixed;
    });
    const share = (100 * map.reduce((sum, one) => sum + one, 0)) / map.length;
    root.dataset.share = share;
    painted.canvas.setAttribute("aria-label", `${start.result} of ${names[place]}, ${share.toFixed(0)} % of it covered`);
    choice.value = place;
    [undoButton.disabled, redoButton.disabled] = [!mask.done.length, !mask.undone.length];
    tools.show();
    brush.show();
  }
  function change() {
    painted.begin();
    show();
    questions.wish("paint", () => {
      since = painted.changed;
      return [{ place: mask.now.place }, [mask.now.map.slice().buffer]];
    });
  }
  function act(how) {
    mask.remember();
    how();
    change();
  }
  const says = (text) => ((notice.textContent = text), true);
  keysPaint(root, brush, (key) => {
    if (key === "b") return use(1, false), says("brush");
    if (key === "e") return use(0, false), says("eraser");
    if (key === "c") return act(() => mask.clear()), says("no mask at all");
    if (key === "m") return (shown.checked = !shown.checked), says(shown.checked ? "mask shown" : "mask hidden");
    return false;
  }, () => says(`${brush.place}: ${brush.found ? "covered" : "free"}`));

  change();
  return {
    hear(content, answered) {
      if (!questions.settle(content)) return;
      root.dataset.settled = !questions.due.size;
      painted.hear(content, answered, since);
      questions.next();
    },
    end: () => questions.end(),
  };
}

export default { render: rendered("mask-painter", "To paint on this mask, run the cell.", begin) };
