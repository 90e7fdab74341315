"""One finished sheet, ready to be warped: colours, cover and contact shadow."""

from __future__ import annotations

import numpy as np

from lib.prepare.masks import cuts, occluders, templates
from lib.prepare.masks.canvas import Canvas
from lib.prepare.masks.designs import TEMPLATE, Description
from lib.prepare.masks.fabric import albedo, strap_colour
from lib.prepare.masks.light import Light, shade
from lib.prepare.masks.templates import Template

_SHADOW = 0.42
"""How much light the contact shadow takes at its darkest."""

_FADED = 0.08
"""How much less it takes everywhere, so that it ends instead of fading for ever."""


def bounds(kind: str) -> tuple[float, float, float, float]:
    """Return least x, least y, greatest x, greatest y of what is drawn, in face space."""
    if kind == TEMPLATE:
        return templates.BOUNDS
    return occluders.BOUNDS.get(kind) or cuts.bounds(kind)


def paint(
    design: Description,
    canvas: Canvas,
    generator: np.random.Generator,
    light: Light,
    skin: np.ndarray,
    template: Template | None = None,
) -> np.ndarray:
    """Draw a design under a light.

    Args:
        design: what to draw.
        canvas: to draw on, over `bounds`.
        generator: of the random numbers.
        light: on the face.
        skin: linear (3,), the face's own colour as lit.
        template: the user's own mask, if the design says so.

    Returns:
        float32 (height, width, 4): sRGB 0..255 times cover, and the share of the picture that the
        sheet takes away, in [0, 1], shadow included.
    """
    if template is not None:
        colours, cover = template.draw(canvas, light)
    elif design.kind == "sunglasses":
        colours, cover = occluders.sunglasses(design, canvas, generator, light)
    elif design.kind == "hand":
        colours, cover = occluders.hand(skin, canvas, generator, light)
    else:
        colours, cover = _mask(design, canvas, generator, light)
    encoded = 255 * np.clip(colours, 0, 1) ** np.float32(1 / 2.2)
    taken = 1 - (1 - cover) * (1 - _shadow(canvas, cover))
    return np.dstack([encoded * cover[..., None], taken]).astype(np.float32)


def _shadow(canvas: Canvas, cover: np.ndarray) -> np.ndarray:
    """Return the share of light that is missing around and below what covers, float32."""
    below = max(1, round(0.03 * canvas.density))
    dropped = np.zeros_like(cover)
    dropped[below:] = cover[:-below]
    return np.maximum(_SHADOW * canvas.soften(dropped, 0.035) - _FADED, 0)


def _mask(
    design: Description, canvas: Canvas, generator: np.random.Generator, light: Light
) -> tuple[np.ndarray, np.ndarray]:
    cut = cuts.lay_out(design.kind, canvas, generator)
    lit = shade(canvas, cut.relief, cut.dark, light)[..., None]
    colours = albedo(design, cut, canvas, generator) * lit
    loops = cut.straps * (1 - cut.outline)  # they run under the fabric
    cover = cut.outline + loops
    share = loops / np.maximum(cover, 1e-3)
    colours += share[..., None] * (strap_colour(design) * light.level * 0.8 - colours)
    return colours, cover
