// The part-map painter's half in the browser; the kernel's is part_painter.py beside this file.
//
// browser -> kernel   hello; paint: number, giver, colours, and the map as one byte a pixel
// kernel -> browser   start: what there is; painted: number, and the face as RGB; failed: why

const KEYS = "part · [ ] size · arrows move, space paints · F fills · Z undo · Y redo";

/** Build the editor into root. Returns what handles the kernel's answers. */
function editor(root, start, map, send) {
  const { size, names, groups, palette } = start, table = palette.map(levels);
  const parts = ["background", ...groups], keys = `Keys: ${groups.length > 9 ? "0–9 , ." : `0–${groups.length}`} ${KEYS}`;
  const brush = new Brush(map, `Part map, ${size} by ${size} pixels, to paint on. ${keys}`, { changed: change, moved: show });
  const painted = new Painted(root, size), { notice } = painted;
  const questions = new Questions(send, painted.silent);
  let since = 0;

  const sources = make("select", { change: (event) => act(() => map.take(+event.target.value)) }, ...names.map(option));
  const givers = make("select", { change: (event) => act(() => map.give(+event.target.value)) }, ...names.map(option));
  const undoButton = button("Undo", "Undo (Z)", () => map.undo() && change());
  const redoButton = button("Redo", "Redo (Y)", () => map.redo() && change());
  const reset = button("Reset", "Back to the chosen person's map and colours", () =>
    act(() => (map.take(map.now.source), map.give(map.now.giver))));
  const use = (filling) => () => ((brush.filling = filling), show());
  const tools = toolButtons([
    ["Brush", "Paint with the brush", use(false), () => !brush.filling],
    ["Fill", "Fill a connected area", use(true), () => brush.filling],
  ]);
  const identifier = Math.random().toString(36).slice(2);
  const choices = parts.map((name, place) => {
    const radio = make("input", { type: "radio", name: identifier, change: () => ((brush.value = place), show()) });
    const swatch = make("span", { class: "swatch", style: `background:${palette[place]}` });
    const label = make("label", { title: place ? undefined : "Paints background" }, radio, make("kbd", {}, place), swatch,
      place ? name : "eraser");
    const colour = place && make("input", { type: "color", "aria-label": `colour of ${name}`, title: `Colour of ${name}`,
      input: () => recolour(place - 1, levels(colour.value), colour), change: () => delete colour.dataset.begun });
    return { radio, colour, row: make("div", { class: "choice" }, label, ...(colour ? [colour] : [])) };
  });
  const flat = make("input", { type: "checkbox", change: () => show() });

  root.classList.toggle("many", groups.length > 9);
  root.append(
    make("div", { class: "bar" }, make("label", {}, "Map of", sources), make("label", {}, "Colours and ID of", givers),
      make("span", { class: "end" }, undoButton, redoButton, reset)),
    make("div", { class: "body" },
      make("div", { class: "side" }, tools.group, brush.size,
        make("div", { class: "choices", role: "radiogroup", "aria-label": "part to paint" }, ...choices.map((choice) => choice.row))),
      make("figure", {}, make("figcaption", {}, "Part map", make("label", {}, flat, "in flat colours")), brush.sheet),
      make("figure", {}, make("figcaption", {}, "Painted face"), painted.canvas)),
    make("div", { class: "foot" }, make("span", {}, painted.answer, notice), make("span", { class: "keys" }, keys)));

  /** Bring everything on the page in line with the state. */
  function show() {
    const { map: pixels, colours, source, giver } = map.now;
    drawPixels(brush.canvas, (place) => {
      const found = pixels[place];
      return !flat.checked ? table[found] : found ? colours[found - 1] : [0, 0, 0];
    });
    const [mine, theirs] = [names[source], names[giver]];
    painted.canvas.setAttribute("aria-label", `Face painted on the map of ${mine} in the colours of ${theirs}`);
    [sources.value, givers.value] = [source, giver];
    [undoButton.disabled, redoButton.disabled] = [!map.done.length, !map.undone.length];
    tools.show();
    choices.forEach(({ radio, colour }, place) => {
      radio.checked = place === brush.value;
      if (colour) colour.value = hex(colours[place - 1]);
    });
    brush.show();
  }
  function change() {
    painted.begin();
    show();
    questions.wish("paint", () => {
      since = painted.changed;
      const { giver, colours, map: pixels } = map.now;
      return [{ giver, colours }, [pixels.slice().buffer]];
    });
  }
  function act(how) {
    map.remember();
    how();
    change();
  }
  function recolour(place, colour, input) {
    if (!input.dataset.begun) map.remember(); // one step of undo for one visit to the picker
    input.dataset.begun = true;
    map.now.colours[place] = colour;
    change();
  }
  const chosen = (group) => ((brush.value = group), (notice.textContent = parts[group]), true);
  keysPaint(root, brush, (key) => {
    if (/^\d$/.test(key) && +key <= groups.length) return chosen(+key);
    if (key === "," || key === ".") return chosen((brush.value + (key === "." ? 1 : parts.length - 1)) % parts.length);
    return false;
  }, () => (notice.textContent = `${brush.place}: ${parts[brush.found]}`));

  change();
  return {
    hear(content, buffers) {
      if (!questions.settle(content)) return;
      root.dataset.settled = !questions.due.size;
      painted.hear(content, buffers, since);
      questions.next();
    },
    end: () => questions.end(),
  };
}

function begin(root, start, buffers, send) {
  const { size, names, groups } = start, [maps, colours] = buffers.map((buffer) => pieces(bytes(buffer), names.length));
  const triples = colours.map((row) => groups.map((_, place) => [...row.slice(3 * place, 3 * place + 3)]));
  return editor(root, start, new PartMap(size, maps, triples), send);
}

export default { render: rendered("part-painter", "To paint on this map, run the cell.", begin) };
