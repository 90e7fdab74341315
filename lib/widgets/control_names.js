// Gives sliders the names that their labels show: ipywidgets labels the slider, but not its handle,
// which has the focus, nor the number beside it, which can be typed into.

const HANDLES = ".noUi-handle, .ui-slider-handle"; // of ipywidgets 8, and of 7

/** Let a handle of ipywidgets 7 be a slider to screen readers as well, with the value shown. */
function become(handle, readout) {
  const say = () => handle.setAttribute("aria-valuenow", readout.textContent);
  handle.setAttribute("role", "slider");
  new MutationObserver(say).observe(readout, { childList: true, characterData: true, subtree: true });
  say();
}

function render({ el }) {
  let patience = 50;
  const named = () => {
    const controls = [...(el.closest(".widget-vbox")?.querySelectorAll(".widget-slider") ?? [])];
    for (const control of controls) {
      const name = control.querySelector(".widget-label")?.textContent ?? "";
      const readout = control.querySelector(".widget-readout");
      readout?.setAttribute("role", "textbox");
      readout?.setAttribute("aria-label", `${name}, as a number`);
      for (const handle of control.querySelectorAll(HANDLES)) {
        handle.setAttribute("aria-label", name);
        if (!handle.hasAttribute("role") && readout) become(handle, readout);
      }
    }
    // the controls are drawn one by one, perhaps after this
    if (controls.some((control) => control.querySelector(HANDLES)) || !patience--) clearInterval(timer);
  };
  const timer = setInterval(named, 100);
  return () => clearInterval(timer);
}

export default { render };
