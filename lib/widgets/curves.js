// Curves over training steps as small pictures; no page is needed for any of this but the last.

const WIDTH = 200, HEIGHT = 104, LEFT = 40, RIGHT = 8, TOP = 8, BOTTOM = 20; // pixels

/** Write a number short: 0.00123 as 1.2e-3, 12345 as 12,345. */
function short(number) {
  const size = Math.abs(number);
  if (size && (size < 0.001 || size >= 1e6)) return number.toExponential(1).replace("e+", "e");
  return size >= 1000 ? Math.round(number).toLocaleString("en") : String(+number.toPrecision(3));
}

/** How far round numbers are apart, of which about so many lie between two. */
function distance(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough);
}

/** Round numbers between two, at which to draw lines. */
function ticks(low, high, apart) {
  const found = [];
  for (let place = Math.ceil(low / apart - 1e-9); place * apart <= high + 1e-9 * apart; place++) found.push(+(place * apart).toPrecision(12));
  return found;
}

/** Whole powers of ten for a logarithmic axis; where there is none between, the ends. */
function decades(low, high) {
  const found = [], first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  const apart = Math.max(1, Math.ceil((last - first) / 3));
  for (let power = first; power <= last; power += apart) found.push(10 ** power);
  return found.length > 1 ? found : [low, high];
}

/** A term's points [step, value] that an axis can show, and how many it cannot. */
function points(rows, term, logarithmic) {
  const found = rows.filter((row) => row[term] !== undefined);
  const shown = found.filter((row) => row[term] !== null && (!logarithmic || row[term] > 0));
  return { shown: shown.map((row) => [row.step, row[term]]), missing: found.length - shown.length };
}

/** Describe a curve in words. */
function described(term, shown) {
  if (!shown.length) return `${term}: nothing to show yet`;
  const values = shown.map(([, value]) => value), [first, last] = [shown[0], shown[shown.length - 1]];
  return `${term}: ${short(first[1])} at step ${first[0]}, ${short(last[1])} at step ${last[0]}, ` +
    `between ${short(Math.min(...values))} and ${short(Math.max(...values))}`;
}

/** Draw a curve as the inside of an SVG element: numbers and nothing else, so it is safe as HTML. */
function drawn(shown, { logarithmic, colour, lastStep, marked }) {
  if (!shown.length) return "";
  const values = shown.map(([, value]) => value), way = logarithmic ? Math.log10 : (value) => value;
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) [low, high] = logarithmic ? [low / 2, high * 2] : [low - (Math.abs(low) || 1) / 10, high + (Math.abs(high) || 1) / 10];
  const apart = distance(low, high, 3), right = Math.max(1, lastStep);
  if (!logarithmic) [low, high] = [Math.floor(low / apart + 1e-9) * apart, Math.ceil(high / apart - 1e-9) * apart];
  const inner = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
  const x = (step) => (LEFT + (inner.width * step) / right).toFixed(1);
  const y = (value) => (TOP + inner.height * (1 - (way(value) - way(low)) / (way(high) - way(low)))).toFixed(1);
  const lines = (logarithmic ? decades(low, high) : ticks(low, high, apart)).map((value) =>
    `<path class="grid" d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}"/><text x="${LEFT - 5}" y="${+y(value) + 3.5}" text-anchor="end">${short(value)}</text>`);
  const below = ticks(0, right, distance(0, right, 4)).map((step) => `<text x="${x(step)}" y="${HEIGHT - 5}" text-anchor="middle">${short(step)}</text>`);
  const marker = marked === null ? "" : `<path class="marker" d="M${x(marked)} ${TOP}V${HEIGHT - BOTTOM}"/>`;
  const line = `<polyline fill="none" stroke="${colour}" stroke-width="1.6" stroke-linejoin="round" points="${shown
    .map(([step, value]) => `${x(step)},${y(value)}`).join(" ")}"/>`;
  const [step, value] = shown[shown.length - 1];
  return [...lines, ...below, marker, line, `<circle cx="${x(step)}" cy="${y(value)}" r="2.6" fill="${colour}"/>`].join("");
}
