// The training dashboard's half in the browser; the kernel's is run_dashboard.py beside this file.
//
// browser -> kernel   hello; news: how many rounds are known, and the last one's step; sheet: step
// kernel -> browser   start, news: rounds from `first` on, sheets; sheet: a PNG file; failed: why

/** What is known of the run, and of its sample sheets, each fetched once. */
class Known {
  constructor() {
    Object.assign(this, { rows: [], terms: [], sheets: [], steps: null, name: "", pictures: new Map() });
  }
  learn({ first, rows, terms, sheets, steps, name }) {
    this.rows.length = first; // more is known only where the run began anew
    this.rows.push(...rows);
    Object.assign(this, { terms, steps, name, sheets: sheets.map(([step, written]) => ({ step, key: `${step}:${written}` })) });
  }
  get last() {
    return this.rows[this.rows.length - 1];
  }
  forget() {
    this.pictures.forEach((address) => URL.revokeObjectURL(address));
    this.pictures.clear();
  }
}

/** Say in words how far the run is. */
function progress({ last, steps }) {
  if (!last) return "no round yet";
  const done = steps && last.step >= steps, of = steps ? ` of ${steps.toLocaleString("en")}` : "";
  const time = last.seconds >= 90 ? `${(last.seconds / 60).toFixed(1)} min` : `${(last.seconds ?? 0).toFixed(0)} s`;
  return `step ${last.step.toLocaleString("en")}${of} after ${time}${done ? ": finished" : ""}`;
}

function begin(root, start, _, send) {
  const known = new Known(), hidden = new Set(), { every } = start;
  const colours = start.colours.map((colour) => (colour === "#000000" ? "var(--ink)" : colour)); // seen on dark ground too
  let place = 0, follows = true, asked = "";
  const notice = make("span", { class: "notice", role: "status" }), title = make("strong"), about = make("span", { class: "about" });
  const questions = new Questions(send, () => (notice.textContent = SILENT));
  const refresh = button("Refresh", "Look at the folder now", () => look(true));
  const logarithmic = make("input", { type: "checkbox", change: () => show() });
  const terms = make("div", { class: "terms", role: "group", "aria-label": "loss terms shown" });
  const panels = make("div", { class: "panels" });
  const slider = make("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": "sample sheet", input: () => choose(+slider.value) });
  const step = make("output"), picture = make("img", { alt: "" });
  const frame = make("figure", { class: "samples" }, make("figcaption", {}, "Samples", step), slider, picture);

  root.append(
    make("div", { class: "bar" }, title, about, make("span", { class: "end" }, make("label", {}, logarithmic, "logarithmic"), refresh)),
    terms,
    make("div", { class: "body" }, panels, frame),
    make("div", { class: "foot" }, notice, make("span", { class: "keys" }, "Tab to a control; arrows move the slider, space ticks a box.")));

  /** Bring everything on the page in line with what is known. */
  function show() {
    const sheet = known.sheets[place], marked = sheet ? sheet.step : null;
    [title.textContent, about.textContent] = [known.name, progress(known)];
    root.dataset.step = known.last?.step ?? 0;
    const names = [...terms.querySelectorAll("input")].map((box) => box.value);
    if (names.join() !== known.terms.join()) terms.replaceChildren(...known.terms.map(tick));
    const options = { logarithmic: logarithmic.checked, lastStep: known.last?.step ?? 1, marked };
    panels.replaceChildren(...known.terms.map((term, number) => !hidden.has(term) && panel(term, number, options)).filter(Boolean));
    if (!known.terms.length) panels.append(make("p", { class: "empty" }, "No round yet."));
    [slider.max, slider.value] = [Math.max(0, known.sheets.length - 1), place];
    slider.disabled = known.sheets.length < 2;
    frame.hidden = !sheet;
    step.value = sheet ? `step ${sheet.step.toLocaleString("en")}` : "";
    if (!sheet) return;
    slider.setAttribute("aria-valuetext", `step ${sheet.step}, sheet ${place + 1} of ${known.sheets.length}`);
    if (known.pictures.has(sheet.key)) {
      [picture.src, picture.alt] = [known.pictures.get(sheet.key), `Sample sheet of step ${sheet.step}`];
      picture.dataset.step = sheet.step;
    } else if (asked !== sheet.key) {
      questions.wish("sheet", () => [{ step: sheet.step }, ((asked = sheet.key), [])]);
    }
  }
  function tick(term, number) {
    const box = make("input", { type: "checkbox", value: term, change: () => (box.checked ? hidden.delete(term) : hidden.add(term), show()) });
    box.checked = !hidden.has(term);
    return make("label", {}, box, make("span", { class: "swatch", style: `background:${colours[number % colours.length]}` }), term);
  }
  function panel(term, number, options) {
    const { shown, missing } = points(known.rows, term, options.logarithmic), colour = colours[number % colours.length];
    const last = shown.length ? short(shown[shown.length - 1][1]) : "";
    const chart = make("div", { class: "chart", role: "img", "aria-label": described(term, shown) });
    chart.innerHTML = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}">${drawn(shown, { ...options, colour })}</svg>`;
    const lack = options.logarithmic ? "not above 0" : "not finite";
    const why = missing && make("p", { class: "missing" }, `left out, being ${lack}: ${missing} of the values`);
    return make("figure", { "data-term": term }, make("figcaption", {}, term, make("output", {}, last)), chart, ...(why ? [why] : []));
  }
  function choose(number) {
    place = number;
    follows = place === known.sheets.length - 1;
    show();
  }
  function learn(content) {
    known.learn(content);
    if (follows || place >= known.sheets.length) place = Math.max(0, known.sheets.length - 1);
    show();
  }
  function look(wanted) {
    const seen = root.isConnected && document.visibilityState === "visible";
    if (!wanted && (!seen || questions.waiting)) return;
    questions.wish("news", () => [{ rows: known.rows.length, step: known.last?.step ?? null }]);
  }
  const timer = every > 0 ? setInterval(() => look(false), 1000 * every) : undefined;

  learn(start);
  return {
    hear(content, buffers) {
      if (!questions.settle(content)) return;
      notice.textContent = content.kind === "failed" ? content.why : "";
      if (content.kind === "news") learn(content);
      else if (content.kind === "sheet") {
        known.pictures.set(asked, URL.createObjectURL(new Blob([bytes(buffers[0])], { type: "image/png" })));
        show();
      } else asked = ""; // a sheet that could not be had may be asked for again
      questions.next();
    },
    end: () => (clearInterval(timer), questions.end(), known.forget()),
  };
}

export default { render: rendered("run-dashboard", "To look through this run, run the cell.", begin) };
