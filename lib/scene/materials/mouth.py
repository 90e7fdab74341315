"""The materials inside the mouth."""

from __future__ import annotations

import numba
import numpy as np

from lib import labels
from lib.scene.kinds import Kind
from lib.scene.materials.finish import SKIN_REFLECTANCE, Finish, step
from lib.scene.materials.skin import SkinPaint, skin_colour
from lib.scene.parts.mouth import LOWER_WIDTHS, UPPER_WIDTHS
from lib.scene.vectors import Vector, mix, scale

MOUTH, U_LIP, L_LIP = (labels.CLASSES.index(name) for name in ("mouth", "u_lip", "l_lip"))

_ENAMEL = (0.60, 0.555, 0.47)
_GUM = (0.33, 0.11, 0.095)
_TONGUE = (0.31, 0.10, 0.09)
_THROAT = (0.030, 0.010, 0.009)
_UPPER = np.cumsum(UPPER_WIDTHS)
_LOWER = np.cumsum(LOWER_WIDTHS)


@numba.njit(cache=True)
def gap_distance(along: float, upper: bool) -> float:
    """Return how far a place on a row of teeth is from the nearest gap between two, mm."""
    place, borders = abs(along), _UPPER if upper else _LOWER
    nearest = place
    for border in borders:
        nearest = min(nearest, abs(place - border))
    return nearest


@numba.njit(cache=True)
def tooth_colour(along: float, down: float, upper: bool, brightness: float) -> Vector:
    """Return the colour of a place on a row of teeth.

    Args:
        along: distance from the middle along the arch, mm.
        down: 0 at the gum to 1 at the biting edge, negative on the gum.
        upper: which row.
        brightness: of the enamel, about 0.7 to 1.1.
    """
    apart = gap_distance(along, upper)
    far = step(abs(along), 12.0, 28.0)
    shade = (1 - 0.45 * (1 - step(apart, 0.0, 0.6))) * (1 - 0.35 * far) * (0.9 + 0.1 * down)
    enamel = scale(_ENAMEL, brightness * shade)
    papilla = 0.20 * (1 - step(apart, 0.0, 2.0))
    return mix(enamel, _GUM, 1 - step(down - papilla, -0.03, 0.05))


@numba.njit(cache=True)
def paint_mouth(
    kind: int, x: float, y: float, side: int, position: Vector, front: float, brightness: float
) -> Finish:
    """Return the finish of a place inside the mouth: darker the deeper it lies.

    Args:
        kind: TEETH, TONGUE or MOUTH_BACK.
        x: the part's first coordinate; for teeth see `tooth_colour`.
        y: the part's second coordinate.
        side: 1 the upper, -1 the lower teeth.
        position: of the place, mm.
        front: how far forward the lips' inner edge lies, mm.
        brightness: of the teeth.
    """
    shade = 0.08 + 0.62 * step(position[2], front - 30.0, front)
    if kind == Kind.TEETH:
        colour = tooth_colour(x, y, side > 0, brightness)
        return Finish(colour, 0.22, 1.1, 0.04, shade, MOUTH)
    if kind == Kind.TONGUE:
        return Finish(_TONGUE, 0.35, 1.0, SKIN_REFLECTANCE, shade, MOUTH)
    return Finish(_THROAT, 0.6, 0.0, SKIN_REFLECTANCE, shade, MOUTH)


@numba.njit(cache=True)
def paint_inner_lip(position: Vector, middle: float, skin: SkinPaint) -> Finish:
    """Return the finish of the lips' wet inside."""
    colour = scale(skin_colour(0.7 * skin.melanin + 0.05, skin.haemoglobin + 0.9), 0.55)
    label = U_LIP if position[1] > middle else L_LIP
    return Finish(colour, 0.3, 0.6, SKIN_REFLECTANCE, 0.6, label)
