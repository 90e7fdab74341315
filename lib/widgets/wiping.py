"""Two pictures over each other, and a slider between them that needs no kernel."""

from __future__ import annotations

import base64
import html

import numpy as np
from IPython.display import HTML

from lib import images

# The upper picture is clipped at the slider's place: no kernel, no library, keyboard included
# (the data attribute keeps JupyterLab from taking the arrow keys for itself).
_WIPE = """
<figure style="margin:0;max-width:{width}px">
  <div style="position:relative;width:100%">
    <img alt="{after_alt}" src="{after}" style="width:100%;display:block">
    <img alt="{before_alt}" src="{before}"
         style="width:100%;position:absolute;left:0;top:0;clip-path:inset(0 50% 0 0)">
  </div>
  <input type="range" min="0" max="100" value="50" style="width:100%;margin:4px 0"
         data-lm-suppress-shortcuts="true"
         aria-label="share of {before_alt} shown"
         oninput="this.previousElementSibling.lastElementChild.style.clipPath
                  = 'inset(0 ' + (100 - this.value) + '% 0 0)'">
  <figcaption style="font:13px sans-serif;display:flex;justify-content:space-between">
    <span>{before_alt}</span><span>{after_alt}</span>
  </figcaption>
</figure>
"""


def _address(picture: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(images.encode_png(picture)).decode()


def wipe(
    before: np.ndarray,
    after: np.ndarray,
    names: tuple[str, str] = ("before", "after"),
    width: int = 384,
) -> HTML:
    """Lay two pictures over each other, with a slider that uncovers one or the other.

    It runs in the browser alone: arrow keys move it, and a saved page keeps it alive.

    Args:
        before: uint8 (H, W, 3), shown left of the slider.
        after: uint8 of the same shape, shown right of it.
        names: what they are; captions and alternative texts.
        width: of the figure on the page, in CSS pixels.

    Returns:
        The figure; as a cell's last value it is shown.

    Raises:
        ValueError: when the pictures differ in shape.
    """
    if before.shape != after.shape:
        raise ValueError(f"found shapes {before.shape} and {after.shape}, expected equal ones")
    before_alt, after_alt = (html.escape(name, quote=True) for name in names)
    return HTML(
        _WIPE.format(
            width=width,
            before=_address(before),
            after=_address(after),
            before_alt=before_alt,
            after_alt=after_alt,
        )
    )
