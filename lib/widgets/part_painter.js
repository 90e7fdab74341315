// The part-map painter's half in the browser; the kernel's is part_painter.py beside this file.
//
// browser -> kernel   hello; paint: number, giver, colours, and the map as one byte a pixel
// kernel -> browser   start: what there is; painted: number, and the face as RGB; failed: why
//
// One request is on its way at a time. What is drawn meanwhile goes with the next one.

const RUN = "To paint on this map, run the cell.";
const PATIENCE = 10000; // milliseconds until a silent kernel is remarked upon
const KEYS = "part · [ ] size · arrows move, space paints · F fills · Z undo · Y redo";

/** Make an element: attributes by name, functions as listeners, then its children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const bytes = (buffer) => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
const levels = (hex) => [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16));
const hex = (colour) => "#" + colour.map((level) => level.toString(16).padStart(2, "0")).join("");

/** Draw pixels: colourOf says the red, green and blue of the pixel at a place. */
function drawPixels(canvas, colourOf) {
  const context = canvas.getContext("2d"), picture = context.createImageData(canvas.width, canvas.height);
  for (let place = 0; place < canvas.width * canvas.height; place++) {
    picture.data.set(colourOf(place), 4 * place);
    picture.data[4 * place + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

/** Build the editor into root. Returns what handles the kernel's answers. */
function editor(root, start, map, send) {
  const { size, names, groups, palette } = start, table = palette.map(levels);
  const parts = ["background", ...groups], keys = `Keys: ${groups.length > 9 ? "0–9 , ." : `0–${groups.length}`} ${KEYS}`;
  let group = 1, width = Math.max(1, Math.round(size / 16)), filling = false, pen = false;
  let cursor = { row: size >> 1, column: size >> 1 };
  let changed = 0, waiting = null, due = false, number = 0;

  const option = (name, place) => make("option", { value: place }, name);
  const button = (text, title, act) => make("button", { type: "button", title, click: act }, text);
  const sources = make("select", { change: (event) => act(() => map.take(+event.target.value)) }, ...names.map(option));
  const givers = make("select", { change: (event) => act(() => map.give(+event.target.value)) }, ...names.map(option));
  const undoButton = button("Undo", "Undo (Z)", () => travel(map.done, map.undone));
  const redoButton = button("Redo", "Redo (Y)", () => travel(map.undone, map.done));
  const reset = button("Reset", "Back to the chosen person's map and colours", () =>
    act(() => (map.take(map.now.source), map.give(map.now.giver))));

  const tool = (text, fills, title) => {
    const made = button(text, title, () => ((filling = fills), show()));
    made.dataset.fills = fills;
    return made;
  };
  const tools = [tool("Brush", false, "Paint with the brush"), tool("Fill", true, "Fill a connected area")];
  const slider = make("input", { type: "range", min: 1, max: Math.max(2, size >> 2), value: width,
    "aria-label": "brush size in pixels", input: () => ((width = +slider.value), show()) });
  const widthText = make("output");
  const identifier = Math.random().toString(36).slice(2);
  const choices = parts.map((name, place) => {
    const radio = make("input", { type: "radio", name: identifier, change: () => ((group = place), show()) });
    const swatch = make("span", { class: "swatch", style: `background:${palette[place]}` });
    const label = make("label", { title: place ? undefined : "Paints background" }, radio, make("kbd", {}, place), swatch,
      place ? name : "eraser");
    const colour = place && make("input", { type: "color", "aria-label": `colour of ${name}`, title: `Colour of ${name}`,
      input: () => recolour(place - 1, levels(colour.value), colour), change: () => delete colour.dataset.begun });
    return { radio, colour, row: make("div", { class: "choice" }, label, ...(colour ? [colour] : [])) };
  });

  const canvas = make("canvas", { width: size, height: size, tabindex: 0, role: "application", class: "map",
    "aria-label": `Part map, ${size} by ${size} pixels, to paint on. ${keys}` });
  const ring = make("div", { class: "ring" });
  const face = make("canvas", { width: size, height: size, role: "img", class: "face" });
  const flat = make("input", { type: "checkbox", change: () => show() });
  const answer = make("span", { class: "answer" }), notice = make("span", { class: "notice", role: "status" });

  root.classList.toggle("many", groups.length > 9);
  root.append(
    make("div", { class: "bar" }, make("label", {}, "Map of", sources), make("label", {}, "Colours and ID of", givers),
      make("span", { class: "end" }, undoButton, redoButton, reset)),
    make("div", { class: "body" },
      make("div", { class: "side" }, make("div", { class: "tools", role: "group", "aria-label": "tool" }, ...tools),
        make("label", { class: "size" }, "Size", slider, widthText),
        make("div", { class: "choices", role: "radiogroup", "aria-label": "part to paint" }, ...choices.map((choice) => choice.row))),
      make("figure", {}, make("figcaption", {}, "Part map", make("label", {}, flat, "in flat colours")),
        make("div", { class: "sheet" }, canvas, ring)),
      make("figure", {}, make("figcaption", {}, "Painted face"), face)),
    make("div", { class: "foot" }, make("span", {}, answer, notice), make("span", { class: "keys" }, keys)));

  /** Bring everything on the page in line with the state. */
  function show() {
    const { map: pixels, colours, source, giver } = map.now;
    drawPixels(canvas, (place) => {
      const found = pixels[place];
      return !flat.checked ? table[found] : found ? colours[found - 1] : [0, 0, 0];
    });
    const [mine, theirs] = [names[source], names[giver]];
    face.setAttribute("aria-label", `Face painted on the map of ${mine} in the colours of ${theirs}`);
    [sources.value, givers.value, slider.value, widthText.value] = [source, giver, width, `${width} px`];
    [undoButton.disabled, redoButton.disabled] = [!map.done.length, !map.undone.length];
    tools.forEach((made) => made.setAttribute("aria-pressed", String(made.dataset.fills === String(filling))));
    choices.forEach(({ radio, colour }, place) => {
      radio.checked = place === group;
      if (colour) colour.value = hex(colours[place - 1]);
    });
    const spot = filling ? 1 : width, percent = (pixelCount) => `${(100 * pixelCount) / size}%`;
    const corner = (middle) => middle - Math.floor((spot - 1) / 2);
    Object.assign(ring.style, { left: percent(corner(cursor.column)), top: percent(corner(cursor.row)), width: percent(spot) });
  }
  function change() {
    [changed, due] = [performance.now(), true];
    root.dataset.settled = false;
    show();
    ask();
  }
  function ask() {
    if (!due || waiting) return;
    due = false;
    waiting = { number: ++number, changed, timer: setTimeout(() => {
      notice.textContent = "The kernel does not answer: it is busy, or this cell has to be run again.";
    }, PATIENCE) };
    const { giver, colours, map: pixels } = map.now;
    send({ kind: "paint", number, giver, colours }, [pixels.slice().buffer]);
  }
  function act(how) {
    map.remember();
    how();
    change();
  }
  const travel = (from, to) => map.step(from, to) && change();
  function recolour(place, colour, input) {
    if (!input.dataset.begun) map.remember(); // one step of undo for one visit to the picker
    input.dataset.begun = true;
    map.now.colours[place] = colour;
    change();
  }
  function press(place) {
    cursor = place;
    map.remember();
    if (filling) map.fill(place.row, place.column, group);
    else map.dab(place.row, place.column, group, width);
    change();
  }
  function move(place) {
    const draws = pen && !filling;
    if (draws) map.line(cursor, place, group, width);
    cursor = place;
    if (draws) change();
    else show();
  }

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
    pen = true;
    press(placeOf(event));
  });
  canvas.addEventListener("pointermove", (event) => move(placeOf(event)));
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (pen = false));
  canvas.addEventListener("blur", () => (pen = false));

  const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  function typed(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, command = event.ctrlKey || event.metaKey;
    if (key === "z" && command && event.shiftKey) travel(map.undone, map.done);
    else if (key === "z") travel(map.done, map.undone);
    else if (key === "y") travel(map.undone, map.done);
    else if (command || event.altKey) return false;
    else if (/^\d$/.test(key) && +key <= groups.length) [group, notice.textContent] = [+key, parts[key]];
    else if (key === "," || key === ".") {
      group = (group + (key === "." ? 1 : parts.length - 1)) % parts.length;
      notice.textContent = parts[group];
    } else if (key === "[" || key === "]") width = clamp(width + (key === "]" ? 1 : -1), 1, +slider.max);
    else if (event.target !== canvas) return false;
    else if (key === "f") {
      map.remember();
      map.fill(cursor.row, cursor.column, group);
      change();
    } else if (key === " ") {
      if (!event.repeat) press(cursor);
      pen = true;
    } else if (ARROWS[key]) {
      const far = event.shiftKey ? 5 : 1, [down, right] = ARROWS[key].map((steps) => steps * far);
      move({ row: clamp(cursor.row + down, 0, size - 1), column: clamp(cursor.column + right, 0, size - 1) });
      notice.textContent = `row ${cursor.row + 1}, column ${cursor.column + 1}: ` +
        parts[map.now.map[cursor.row * size + cursor.column]];
    } else return false;
    show();
    return true;
  }
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.target.tagName !== "SELECT" && typed(event)) event.preventDefault();
  });
  root.addEventListener("keyup", (event) => {
    if (event.key === " ") pen = false;
  });

  change();
  return (content, buffers) => {
    if (!waiting || content.number !== waiting.number) return;
    const { changed: since, timer } = waiting;
    clearTimeout(timer);
    waiting = null;
    root.dataset.settled = !due;
    if (content.kind === "failed") {
      [answer.textContent, notice.textContent] = ["", `Nothing painted: ${content.why}`];
    } else {
      const picture = bytes(buffers[0]);
      drawPixels(face, (place) => picture.subarray(3 * place, 3 * place + 3));
      const all = performance.now() - since;
      root.dataset.milliseconds = all;
      answer.textContent = `Painted in ${all.toFixed(0)} ms (the model ${content.milliseconds.toFixed(0)} ms)`;
      if (/kernel|Nothing/.test(notice.textContent)) notice.textContent = "";
    }
    ask();
  };
}

function render({ model, el }) {
  const view = Math.random().toString(36).slice(2);
  const root = make("div", { class: "part-painter", "data-lm-suppress-shortcuts": "true" }, "Waiting for the kernel …");
  const send = (content, buffers) => model.send({ ...content, view }, undefined, buffers);
  let answered = null;
  const hear = (content, buffers) => {
    if (content.view !== view) return; // another view of the same painter asked
    if (content.kind === "start") {
      const all = bytes(buffers[0]), colours = bytes(buffers[1]), { size, names, groups } = content;
      const cut = (data, length) => names.map((_, place) => data.slice(place * length, (place + 1) * length));
      const maps = cut(all, size * size);
      const triples = cut(colours, 3 * groups.length).map((row) => groups.map((_, place) => [...row.slice(3 * place, 3 * place + 3)]));
      clearTimeout(timer);
      root.replaceChildren();
      answered = editor(root, content, new PartMap(content, maps, triples), send);
    } else if (answered) answered(content, buffers);
    else root.textContent = `The painter could not start: ${content.why}`;
  };
  const timer = setTimeout(() => (root.textContent = RUN), PATIENCE);
  el.append(root);
  model.on("msg:custom", hear);
  try {
    send({ kind: "hello" });
  } catch {
    root.textContent = RUN;
  }
  return () => (clearTimeout(timer), model.off("msg:custom", hear));
}

export default { render };
