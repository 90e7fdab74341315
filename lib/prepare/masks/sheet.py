"""One finished sheet, ready to be warped: colours, cover and contact shadow."""

from __future__ import annotations

import numpy as np

from lib.prepare.masks import cuts, occluders
from lib.prepare.masks.canvas import Canvas
from lib.prepare.masks.designs import Description
from lib.prepare.masks.fabric import albedo, strap_colour
from lib.prepare.masks.light import Light, shade

_SHADOW = 0.38
"""How much light the contact shadow takes at its darkest."""


def bounds(kind: str) -> tuple[float, float, float, float]:
    """Return least x, least y, greatest x, greatest y of what is drawn, in face space."""
    return occluders.BOUNDS.get(kind) or cuts.bounds(kind)


def paint(
    design: Description,
    canvas: Canvas,
    generator: np.random.Generator,
    light: Light,
    skin: np.ndarray,
) -> np.ndarray:
    """Draw a design under a light.

    Args:
        design: what to draw.
        canvas: to draw on, over `bounds`.
        generator: of the random numbers.
        light: on the face.
        skin: linear (3,), the face's own colour as lit.

    Returns:
        float32 (height, width, 4): sRGB 0..255 times cover, and the share of the picture that the
        sheet takes away, in [0, 1], shadow included.
    """
    if design.kind == "sunglasses":
        colours, cover = occluders.sunglasses(design, canvas, generator, light)
    elif design.kind == "hand":
        colours, cover = occluders.hand(skin, canvas, generator, light)
    else:
        colours, cover = _mask(design, canvas, generator, light)
    encoded = 255 * np.clip(colours, 0, 1) ** np.float32(1 / 2.2)
    below = max(1, round(0.03 * canvas.density))
    shadow = _SHADOW * canvas.soften(np.roll(cover, below, axis=0), 0.035)
    taken = 1 - (1 - cover) * (1 - shadow)
    return np.dstack([encoded * cover[..., None], taken]).astype(np.float32)


def _mask(
    design: Description, canvas: Canvas, generator: np.random.Generator, light: Light
) -> tuple[np.ndarray, np.ndarray]:
    cut = cuts.lay_out(design.kind, canvas, generator)
    lit = shade(canvas, cut.relief, cut.dark, light)[..., None]
    colours = albedo(design, cut, canvas, generator) * lit
    bare = (1 - cut.outline)[..., None]  # straps run under the fabric
    straps = strap_colour(design) * light.level * 0.8
    colours += bare * (straps - colours)
    return colours, np.maximum(cut.outline, cut.straps)
