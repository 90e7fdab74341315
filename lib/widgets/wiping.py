"""Two pictures over each other, and a line between them to drag, that needs no kernel.

This is plain HTML and not an anywidget, on purpose. A wipe has nothing to ask of Python: as HTML
it moves in JupyterLab, in Colab and in a saved page alike, with ipywidgets 7, 8 or none, without a
kernel and without the network, from which a page would have to fetch anywidget's own code.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence

import numpy as np
from IPython.display import HTML, display

from lib import images, show
from lib.widgets.stills import Still, address, still

LETTERS = 11
"""As many fit into an inch of a title."""

Pair = tuple[np.ndarray, np.ndarray, str]
"""uint8 (H, W, 3) before and after, and whose pictures they are."""

# What the figure does: the slider sets --at, which clips the upper picture and places the line;
# a pointer on the pictures sets the slider and leaves the focus there, so that arrow keys go on.
_SLIDE = "this.parentElement.style.setProperty('--at', this.value + '%')"
_PRESS = """if (event.button) return;
event.preventDefault();
this.setPointerCapture(event.pointerId);
this.onpointermove(event);
this.nextElementSibling.focus({preventScroll: true})"""
_DRAG = """if (!this.hasPointerCapture(event.pointerId)) return;
const box = this.getBoundingClientRect(), slider = this.nextElementSibling;
slider.value = 100 * (event.clientX - box.left) / box.width;
slider.oninput()"""

# The data attribute keeps JupyterLab from taking keys for itself: it belongs to what has the focus.
_WIPE = """
<figure style="{hidden}--at:50%;margin:0;max-width:{width}px;font:13px/1.4 sans-serif">
  <div style="position:relative;overflow:hidden;cursor:ew-resize;touch-action:pan-y;
              user-select:none;-webkit-user-select:none"
       onpointerdown="{press}" onpointermove="{drag}">
    <img alt="{after_alt}" src="{after}" draggable="false"
         style="width:100%;display:block;margin:0">
    <img alt="{before_alt}" src="{before}" draggable="false"
         style="width:100%;display:block;margin:0;position:absolute;left:0;top:0;
                clip-path:inset(0 calc(100% - var(--at, 50%)) 0 0)">
    <div aria-hidden="true"
         style="position:absolute;top:0;bottom:0;left:var(--at, 50%);width:2px;margin-left:-1px;
                background:#fff;box-shadow:0 0 2px #000;pointer-events:none">
      <svg viewBox="-14 -14 28 28" width="28" height="28"
           style="position:absolute;left:-13px;top:calc(50% - 14px);max-width:none">
        <circle r="12.5" fill="#fff" stroke="#333"></circle>
        <path d="M-3 -5L-8 0L-3 5M3 -5L8 0L3 5" fill="none" stroke="#222" stroke-width="2"></path>
      </svg>
    </div>
  </div>
  <input type="range" min="0" max="100" step="any" value="50" data-lm-suppress-shortcuts="true"
         style="width:100%;margin:6px 0 2px;box-sizing:border-box"
         aria-label="share of {before_alt} shown" oninput="{slide}">
  <figcaption style="display:flex;justify-content:space-between;gap:1em;margin:0">
    <span>{before_caption}</span><span style="text-align:right">{after_caption}</span>
  </figcaption>
</figure>
"""

_CHOOSE = """this.parentElement.parentElement.querySelectorAll('figure').forEach((figure, place) =>
  figure.style.display = place === this.selectedIndex ? '' : 'none')"""
_TURN = """const pages = {PageUp: -1, PageDown: 1}[event.key];
const choice = this.querySelector('select');
if (!pages) return;
event.preventDefault();
choice.selectedIndex = Math.max(0, Math.min(choice.length - 1, choice.selectedIndex + pages));
choice.onchange();
const sliders = this.querySelectorAll('input');
if (event.target !== choice) sliders[choice.selectedIndex].focus({preventScroll: true})"""

_WIPES = """
<div style="max-width:{width}px;font:13px/1.4 sans-serif" onkeydown="{turn}">
  <label style="display:flex;flex-wrap:wrap;align-items:center;gap:4px 8px;margin-bottom:6px">Show
    <select style="flex:1 1 8em;min-width:0;font:inherit;padding:3px"
            data-lm-suppress-shortcuts="true" onchange="{choose}">{options}</select>
    <span style="opacity:0.75">or Page Up, Page Down</span>
  </label>{figures}
</div>
"""


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)


def _figure(
    before: np.ndarray, after: np.ndarray, names: Sequence[str], alts: Sequence[str], width: int,
    hidden: bool = False,
) -> str:  # fmt: skip
    if before.shape != after.shape:
        raise ValueError(f"found shapes {before.shape} and {after.shape}, expected equal ones")
    texts = [_escaped(text) for text in (*alts, *names)]
    keys = ("before_alt", "after_alt", "before_caption", "after_caption")
    return _WIPE.format(
        **dict(zip(keys, texts, strict=True)),
        width=width, hidden="display:none;" if hidden else "",
        before=address(images.encode_png(before)), after=address(images.encode_png(after)),
        press=_escaped(_PRESS), drag=_escaped(_DRAG), slide=_escaped(_SLIDE),
    )  # fmt: skip


def wipe(
    before: np.ndarray,
    after: np.ndarray,
    names: tuple[str, str] = ("before", "after"),
    width: int = 384,
) -> HTML:
    """Lay two pictures over each other, with a line to drag that uncovers one or the other.

    It runs in the browser alone: drag on the pictures or move the slider, by pointer or arrow
    keys; a saved page keeps it alive.

    Args:
        before: uint8 (H, W, 3), shown left of the line.
        after: uint8 of the same shape, shown right of it.
        names: what they are; captions and alternative texts.
        width: of the figure on the page, in CSS pixels.

    Returns:
        The figure; as a cell's last value it is shown.

    Raises:
        ValueError: when the pictures differ in shape.
    """
    return HTML(_figure(before, after, names, names, width))


def wipes(
    pairs: Sequence[Pair], names: tuple[str, str] = ("before", "after"), width: int = 384
) -> HTML:
    """Lay several pairs of pictures over each other, one pair to be seen at a time.

    A list above the pictures chooses the pair, and so do Page Up and Page Down.

    Args:
        pairs: (before, after, name) each, such as one a person.
        names: what the left and the right pictures are; captions.
        width: of the figure on the page, in CSS pixels.

    Returns:
        The figure; as a cell's last value it is shown.

    Raises:
        ValueError: when there is no pair, or the pictures of one differ in shape.
    """
    if not pairs:
        raise ValueError("found no pairs of pictures; expected at least one")
    figures = [
        _figure(before, after, names, [f"{name}, {title}" for title in names], width, place > 0)
        for place, (before, after, name) in enumerate(pairs)
    ]
    options = "".join(f"<option>{_escaped(name)}</option>" for *_, name in pairs)
    return HTML(
        _WIPES.format(
            width=width, figures="".join(figures), options=options,
            turn=_escaped(_TURN), choose=_escaped(_CHOOSE),
        )
    )  # fmt: skip


def side_by_side(pairs: Sequence[Pair], names: tuple[str, str], width: int = 384) -> Still:
    """Return the static picture: a row a pair, before at the left and after at the right.

    Args:
        pairs: (before, after, name) each; a name may be empty.
        names: titles of the two columns.
        width: of each picture at most, in pixels.
    """
    rows = []
    for *pair, _ in pairs:
        height, side = pair[0].shape[0], pair[0].shape[1]
        share = min(1.0, width / side)
        size = max(1, round(share * height)), max(1, round(share * side))
        rows.append([images.resize(picture, size) for picture in pair])
    people = [name for *_, name in pairs if name]
    height = 2.4 if len(rows) == 1 else 1.6
    across = height * rows[0][0].shape[1] / rows[0][0].shape[0]
    titles = [textwrap.fill(name, max(8, round(LETTERS * across))) for name in names]
    labels = [textwrap.fill(name, round(LETTERS * height)) for name in people]
    figure = show.pictures(rows, titles, labels, height=height)
    text = f"Side by side: {names[0]}, and {names[1]}"
    return still(figure, f"{text}, of {'; '.join(people)}." if people else f"{text}.")


def show_wipe(
    before: np.ndarray,
    after: np.ndarray,
    names: tuple[str, str] = ("before", "after"),
    width: int = 384,
) -> None:
    """Show two pictures side by side, as a page without scripts does, and below them the wipe.

    Args:
        before: uint8 (H, W, 3), shown at the left.
        after: uint8 of the same shape, shown at the right.
        names: what they are; titles, captions and alternative texts.
        width: of the wipe on the page, in CSS pixels.

    Raises:
        ValueError: when the pictures differ in shape.
    """
    live = wipe(before, after, names, width)
    display(side_by_side([(before, after, "")], names))
    display(live)


def show_wipes(
    pairs: Sequence[Pair], names: tuple[str, str] = ("before", "after"), width: int = 384
) -> None:
    """Show pairs of pictures in rows, as a page without scripts does, and below them the wipes.

    Args:
        pairs: (before, after, name) each, such as one a person.
        names: what the left and the right pictures are; titles and captions.
        width: of the wipe on the page, in CSS pixels.

    Raises:
        ValueError: when there is no pair, or the pictures of one differ in shape.
    """
    live = wipes(pairs, names, width)
    display(side_by_side(pairs, names))
    display(live)
