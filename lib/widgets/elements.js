// Elements, colours and pixels: what every live widget's front end is made of.
//
// live.py puts a widget's files one after the other: its code is one module.

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

const FOCUSED = ["button", "canvas", "input", "select"];

/** Make an element: attributes by name, functions as listeners, then its children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  // JupyterLab takes keys for itself unless what has the focus says not to
  if (FOCUSED.includes(tag)) element.dataset.lmSuppressShortcuts = "true";
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const option = (name, place) => make("option", { value: place }, name);
const button = (text, title, act) => make("button", { type: "button", title, click: act }, text);

const bytes = (buffer) => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
const levels = (hex) => [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16));
const hex = (colour) => "#" + colour.map((level) => level.toString(16).padStart(2, "0")).join("");

/** Cut bytes into as many equal pieces, each a copy. */
function pieces(data, count) {
  const length = data.length / count;
  return Array.from({ length: count }, (_, place) => data.slice(place * length, (place + 1) * length));
}

/** Draw pixels: colourOf says the red, green and blue of the pixel at a place. */
function drawPixels(canvas, colourOf) {
  const context = canvas.getContext("2d"), picture = context.createImageData(canvas.width, canvas.height);
  for (let place = 0; place < canvas.width * canvas.height; place++) {
    picture.data.set(colourOf(place), 4 * place);
    picture.data[4 * place + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

/** Draw pixels from three bytes each. */
function drawPicture(canvas, buffer) {
  const picture = bytes(buffer);
  drawPixels(canvas, (place) => picture.subarray(3 * place, 3 * place + 3));
}
