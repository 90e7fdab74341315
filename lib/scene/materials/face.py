"""What is painted on the skin of a face: lips, brows, lashes, beard, nostrils, make-up."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from lib.scene.curves import MOUTH_HEIGHT, SLIT_HEIGHT, brow_curve, lip_borders
from lib.scene.materials.finish import hill, ridge, step
from lib.scene.materials.skin import SkinPaint, skin_colour
from lib.scene.noise import FINE, MIDDLE, STRAND, look_up
from lib.scene.person import Colour
from lib.scene.vectors import Vector, mix


class LipPaint(NamedTuple):
    """Lips: borders (identity modes), redness, and what is put on them."""

    upper: float
    lower: float
    bow: float
    redness: float
    lipstick: float
    colour: Colour
    gloss: float


class BrowPaint(NamedTuple):
    """Eyebrows; see `lib.scene.person.Brows`."""

    arch: float
    thickness: float
    density: float
    colour: Colour


class BeardPaint(NamedTuple):
    """Facial hair; see `lib.scene.look.Beard`."""

    moustache: float
    chin: float
    cheeks: float
    density: float
    length: float
    colour: Colour


class EyePaint(NamedTuple):
    """What is put on the lids; see `lib.scene.look.MakeUp`."""

    liner: float
    shadow: float
    shadow_colour: Colour


@numba.njit(cache=True)
def lip_cover(x: float, y: float, paint: LipPaint, wobble: float) -> float:
    """Return how much a place of the face is lip: positive upper, negative lower, 0 to 1."""
    ax = abs(x)
    if ax > 27.6 or abs(y - MOUTH_HEIGHT) > 18.0:
        return 0.0
    above, below = lip_borders(ax, paint.upper, paint.lower, paint.bow)
    over = y - MOUTH_HEIGHT
    inside = 1 - step(ax, 25.0, 27.6)
    if over >= 0:
        return step(above + wobble - over, -0.5, 0.7) * inside
    return -step(below + wobble + over, -0.7, 0.9) * inside


@numba.njit(cache=True)
def lip_colour(
    x: float, y: float, skin: SkinPaint, melanin: float, paint: LipPaint, noise: np.ndarray
) -> Vector:
    """Return the colour of the lips' vermilion, with lipstick."""
    lines = 0.05 * look_up(noise, STRAND, x * 8, y, 120.0, 200.0) * skin.detail
    redness = skin.haemoglobin * 0.7 + 0.40 + 0.42 * paint.redness + lines
    bare = skin_colour(melanin * 0.9 + 0.09 + 0.05 * skin.melanin, redness)
    return mix(bare, paint.colour, paint.lipstick * (1 + 0.6 * lines))


@numba.njit(cache=True)
def brow_cover(x: float, y: float, paint: BrowPaint, pattern: float, noise: np.ndarray) -> float:
    """Return how densely brow hair covers a place of the face, 0 to 1."""
    ax = abs(x)
    if ax < 8.0 or ax > 57.0 or y < 8.0 or y > 34.0:
        return 0.0
    height, half = brow_curve(ax, paint.arch, paint.thickness)
    if half < 0.3:
        return 0.0
    side = 1.0 if x > 0 else -1.0
    across = (0.75 * x + 1.1 * side * y) * 5.2 + 31 * pattern
    hair = look_up(noise, STRAND, across, y - 0.4 * ax, 150.0, 120.0)
    edge = 1.02 - abs(y - height) / half + 0.2 * hair
    ends = step(ax, 8.5, 15.0) * (1 - step(ax, 49.0, 55.5))
    return min(max(step(edge, -0.05, 0.75) * ends * (1 + 0.22 * hair), 0.0), 1.0)


@numba.njit(cache=True)
def is_brow(x: float, y: float, paint: BrowPaint) -> bool:
    """Say whether a place of the face counts as eyebrow in a label map."""
    ax = abs(x)
    if ax < 9.8 or ax > 54.0:
        return False
    height, half = brow_curve(ax, paint.arch, paint.thickness)
    return abs(y - height) < 1.05 * half


@numba.njit(cache=True)
def beard_region(x: float, y: float, paint: BeardPaint) -> float:
    """Return how much of a place of the face the beard takes, 0 to 1, before its density."""
    ax = abs(x)
    moustache = step(y, -63.5, -60.0) * (1 - step(y, -51.0, -46.5)) * (1 - step(ax, 24.0, 31.0))
    chin = step(-y, 77.5, 83.0) * (1 - step(-y, 112.0, 120.0))
    below_lip = step(-y, 74.5, 76.0) * (1 - step(ax, 4.0, 9.0)) * (1 - step(-y, 80.0, 84.0))
    line = -58 + 30 * step(ax, 44.0, 60.0) + 30 * step(ax, 58.0, 66.0)
    cheeks = step(line - y, 0.0, 14.0) * step(ax, 27.0, 36.0) * (1 - step(-y, 112.0, 122.0))
    corner = ridge(ax - 33, 4.5) * step(-y, 50.0, 58.0) * (1 - step(-y, 90.0, 96.0))
    goatee = paint.chin * max(chin * (1 - 0.75 * step(ax, 28.0, 44.0)), below_lip)
    full = paint.cheeks * max(cheeks, chin * paint.chin)
    joined = corner * min(paint.moustache, paint.chin)
    return max(moustache * paint.moustache, goatee, full, joined)


@numba.njit(cache=True)
def beard_cover(
    x: float, y: float, paint: BeardPaint, pattern: float, detail: float, noise: np.ndarray
) -> float:
    """Return how much of the skin facial hair hides at a place, 0 to 0.95."""
    if paint.density <= 0.0 or y > -30.0 or y < -124.0:
        return 0.0
    x_moved = x + 1.2 * look_up(noise, MIDDLE, x + pattern, y, 120.0, 120.0)
    y_moved = y + 1.5 * look_up(noise, MIDDLE, y, x + pattern, 50.0, 50.0)
    region = beard_region(x_moved, y_moved, paint)
    if region <= 0.0:
        return 0.0
    dots = look_up(noise, FINE, 1.3 * x, 1.3 * y, 80.0, 80.0) * detail
    side = 1.0 if x > 0 else -1.0
    hairs = look_up(noise, STRAND, 3.4 * x + 0.5 * side * y, y + 0.3 * abs(x), 150.0, 90.0)
    cover = paint.density * (1 + 0.25 * dots + 0.3 * hairs * paint.length)
    return min(max(region * cover * step(region + 0.12 * dots, 0.05, 0.75), 0.0), 0.95)


@numba.njit(cache=True)
def lash_cover(x: float, y: float, paint: EyePaint) -> float:
    """Return the darkness of lashes and liner along the lids' margins, 0 to 0.95."""
    ax = abs(x)
    inside = 1 - step(abs(ax - 30.6), 13.2, 15.2)
    if inside <= 0.0 or abs(y - SLIT_HEIGHT) > 6.0:
        return 0.0
    if y >= SLIT_HEIGHT - 0.01:
        upper = ridge(y - SLIT_HEIGHT, 0.95 + 0.6 * paint.liner)
        return min(0.92 * upper * inside * (0.75 + 0.25 * step(ax, 20.0, 30.0)), 0.95)
    lower = ridge(SLIT_HEIGHT - y, 0.6) * (0.25 + 0.5 * paint.liner)
    return lower * inside * (0.6 + 0.4 * step(ax, 26.0, 36.0))


@numba.njit(cache=True)
def shadow_cover(x: float, y: float, paint: EyePaint) -> float:
    """Return how much eye shadow lies on a place of the upper lid."""
    if paint.shadow <= 0.0:
        return 0.0
    spread = (abs(x) - 32.0) / 16.0
    return paint.shadow * ridge(spread * spread, 1.0) * ridge(max(abs(y - 5) - 3, 0.0), 4.0)


@numba.njit(cache=True)
def lid_crease(x: float, y: float) -> float:
    """Return the darkness of the fold over the upper lid, 0 to 1."""
    return ridge(y - SLIT_HEIGHT - 4.9, 1.0) * (1 - step(abs(abs(x) - 32), 12.0, 17.0))


@numba.njit(cache=True)
def nostril(x: float, y: float, nose_width: float) -> float:
    """Return how deep in a nostril a place is, 0 to 1."""
    return min(1.15 * hill(abs(x) - 6.1 - 0.5 * nose_width, y + 43.9, 3.2, 1.8), 1.0)


@numba.njit(cache=True)
def face_creases(x: float, y: float, nose_width: float) -> float:
    """Return the darkness of the groove round the nose wings and of the closed mouth, 0 to 1."""
    ax = abs(x)
    wing = 0.20 * hill(ax - 17.8 - 0.9 * nose_width, y + 40.5, 1.9, 6.0)
    mouth = 0.5 * ridge(y - MOUTH_HEIGHT, 0.8) * (1 - step(ax, 25.5, 29.0))
    return min(wing + mouth, 0.9)


_NOSE_DEPTH = (-10.0, -4.0, 10.0, 22.0, 30.0, 36.0, 40.0, 44.0, 47.5, 49.0)
_NOSE_WIDTH = (5.5, 7.0, 10.5, 13.0, 15.2, 17.6, 18.0, 15.5, 9.0, 0.0)


@numba.njit(cache=True)
def is_nose(x: float, y: float, nose_width: float) -> bool:
    """Say whether a place of the face counts as nose in a label map."""
    if y > 6.0 or y < -49.0:
        return False
    index = 0
    while index < 8 and _NOSE_DEPTH[index + 1] <= -y:
        index += 1
    share = (-y - _NOSE_DEPTH[index]) / (_NOSE_DEPTH[index + 1] - _NOSE_DEPTH[index])
    width = _NOSE_WIDTH[index] + (_NOSE_WIDTH[index + 1] - _NOSE_WIDTH[index]) * share
    return abs(x) < width + (0.9 * nose_width if y < -25.0 else 0.0)
