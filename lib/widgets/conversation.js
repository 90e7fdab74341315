// The talk between a view and the kernel; live.py has the other half.

const PATIENCE = 10000; // milliseconds until a silent kernel is remarked upon
const SILENT = "The kernel does not answer: it is busy, or this cell has to be run again.";

/**
 * Questions to the kernel, one on its way at a time. What is wished meanwhile goes when that is
 * answered; of several wishes of one kind only the last.
 */
class Questions {
  constructor(send, silent) {
    Object.assign(this, { send, silent, due: new Map(), waiting: null, number: 0 });
  }
  /** Ask as soon as may be: write() returns the question's content and buffers. */
  wish(kind, write) {
    this.due.set(kind, write);
    this.next();
  }
  next() {
    if (this.waiting || !this.due.size) return;
    const [kind, write] = this.due.entries().next().value;
    this.due.delete(kind);
    const [content, buffers = []] = write(), number = ++this.number;
    this.waiting = { number, began: performance.now(), timer: setTimeout(this.silent, PATIENCE) };
    this.send({ ...content, kind, number }, buffers);
  }
  /** Say whether this is the answer that is waited for; if so, the next question may go. */
  settle(content) {
    if (!this.waiting || content.number !== this.waiting.number) return false;
    clearTimeout(this.waiting.timer);
    this.waiting = null;
    return true;
  }
  end() {
    clearTimeout(this.waiting?.timer);
    this.due.clear();
  }
}

/**
 * Return what anywidget calls for each view. begin(root, content, buffers, send) builds the view
 * from the kernel's answer to "hello"; it returns what hears later answers and, perhaps, what ends.
 */
function rendered(name, invitation, begin) {
  return ({ model, el }) => {
    const view = Math.random().toString(36).slice(2);
    const root = make("div", { class: `lab-widget ${name}` }, "Waiting for the kernel …");
    const send = (content, buffers) => model.send({ ...content, view }, undefined, buffers);
    let begun = null;
    const hear = (content, buffers) => {
      if (content.view !== view) return; // another view of the same widget asked
      if (begun) begun.hear(content, buffers);
      else if (content.kind === "start") {
        clearTimeout(timer);
        root.replaceChildren();
        begun = begin(root, content, buffers, send);
      } else root.textContent = `This could not start: ${content.why}`;
    };
    const timer = setTimeout(() => (root.textContent = invitation), PATIENCE);
    root.addEventListener("keydown", (event) => event.stopPropagation()); // Lab's shortcuts stay out
    el.append(root);
    model.on("msg:custom", hear);
    try {
      send({ kind: "hello" });
    } catch {
      root.textContent = invitation;
    }
    return () => (clearTimeout(timer), model.off("msg:custom", hear), begun?.end?.());
  };
}
