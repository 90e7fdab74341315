"""Bare skin: its colour from melanin and haemoglobin, its shine from where oil glands are."""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from lib.scene.materials.finish import hill, ridge, step
from lib.scene.noise import COARSE, FRECKLE, look_up
from lib.scene.person import Skin
from lib.scene.vectors import Vector

TONES = np.array(
    [
        (0.660, 0.460, 0.370),
        (0.500, 0.315, 0.225),
        (0.345, 0.200, 0.135),
        (0.200, 0.115, 0.078),
        (0.095, 0.058, 0.043),
    ]
)
"""Linear RGB reflectance at melanin 0, 1/4, 1/2, 3/4 and 1: our own estimate, not measured data."""

_LOG_TONES = np.log(TONES)
_BLOOD = np.array([0.10, 0.55, 0.48])
"""How strongly haemoglobin absorbs red, green and blue."""


class SkinPaint(NamedTuple):
    """A person's skin as the painter sees it; see `lib.scene.person.Skin`.

    Attributes:
        detail: share of the finest texture a pixel can show, 0 to 1.
    """

    melanin: float
    haemoglobin: float
    blood: float
    unevenness: float
    freckles: float
    dark_circles: float
    age: float
    pattern: float
    blush: float
    detail: float


def skin_paint(skin: Skin, blush: float, detail: float) -> SkinPaint:
    """Return the paint of a person's skin."""
    numbers = (skin.melanin, skin.haemoglobin, skin.blood, skin.unevenness, skin.freckles)
    return SkinPaint(
        *map(float, numbers),
        float(skin.dark_circles),
        float(skin.age),
        float(skin.pattern),
        float(blush),
        float(detail),
    )


@numba.njit(cache=True)
def skin_colour(melanin: float, haemoglobin: float) -> Vector:
    """Return the reflectance of skin.

    Args:
        melanin: 0 (lightest) to 1 (darkest).
        haemoglobin: 0.3 is average.
    """
    place = min(max(melanin, 0.0), 1.0) * 4.0
    index = min(int(place), 3)
    share = place - index
    blood = haemoglobin - 0.3
    red = _LOG_TONES[index, 0] * (1 - share) + _LOG_TONES[index + 1, 0] * share
    green = _LOG_TONES[index, 1] * (1 - share) + _LOG_TONES[index + 1, 1] * share
    blue = _LOG_TONES[index, 2] * (1 - share) + _LOG_TONES[index + 1, 2] * share
    return (
        math.exp(red - blood * _BLOOD[0]),
        math.exp(green - blood * _BLOOD[1]),
        math.exp(blue - blood * _BLOOD[2]),
    )


@numba.njit(cache=True)
def blood_of_face(x: float, y: float, paint: SkinPaint) -> float:
    """Return how much redder a place of the face is: cheeks, nose, chin; paler the forehead."""
    ax = abs(x)
    flushed = (
        hill(ax - 38, y + 28, 17.0, 15.0)
        + 0.8 * hill(x, y + 36, 14.0, 11.0)
        + 0.3 * hill(x, y + 95, 15.0, 10.0)
        + 0.2 * hill(ax - 20, y + 52, 9.0, 8.0)
    )
    pale = 0.10 * hill(x, y - 45, 30.0, 18.0) + 0.08 * hill(ax - 32, y + 92, 16.0, 14.0)
    lids = 0.12 * hill(ax - 31, y - 2, 15.0, 9.0)
    rouge = 0.6 * paint.blush * hill(ax - 43, y + 22, 14.0, 9.0)
    return 0.38 * paint.blood * flushed - pale + lids + rouge


@numba.njit(cache=True)
def melanin_of_face(x: float, y: float, paint: SkinPaint, noise: np.ndarray) -> float:
    """Return what darkens a place of the face beyond its tone: lids, circles, freckles, sun."""
    ax = abs(x)
    circles = 0.045 * paint.dark_circles * hill(ax - 29, y + 11.5, 12.0, 5.0)
    lids = 0.035 * (1 + paint.dark_circles) * hill(ax - 31, y - 4, 13.0, 6.0)
    sun = 0.03 * hill(x, y - 50, 42.0, 20.0) + 0.02 * step(-y, 70.0, 110.0)
    dots = 0.0
    if paint.freckles > 0:
        where = hill(ax - 26, y + 22, 26.0, 16.0) + hill(x, y + 20, 14.0, 18.0)
        dots = 0.35 * paint.freckles * min(where, 1.0)
        dots *= look_up(noise, FRECKLE, x + 17 * paint.pattern, y, 170.0, 170.0)
    return circles + lids + sun + dots


@numba.njit(cache=True)
def mole(x: float, y: float, moles: tuple) -> float:
    """Return how much melanin the moles, each (x, y, radius), add at a place."""
    total = 0.0
    for place in moles:
        dx, dy, radius = x - place[0], y - place[1], place[2]
        distance = (dx * dx + dy * dy) / (radius * radius)
        if distance < 3.0:
            total += 1.2 * math.exp(-distance * distance)
    return total


@numba.njit(cache=True)
def oil_of_face(x: float, y: float) -> float:
    """Return the gloss of a place of the face: forehead, nose and cheekbones shine most."""
    ax = abs(x)
    zone = (
        hill(x, y - 46, 34.0, 22.0)
        + 1.1 * hill(x, y + 22, 9.0, 20.0)
        + 0.75 * hill(ax - 41, y + 14, 15.0, 11.0)
        + 0.5 * hill(x, y + 94, 13.0, 9.0)
        + 0.4 * hill(x, y + 52, 12.0, 6.0)
    )
    return 0.5 + 0.8 * min(zone, 1.15)


@numba.njit(cache=True)
def folds(x: float, y: float) -> float:
    """Return the shade of the folds that every face has and age deepens, 0 to 1.

    From the wings of the nose past the mouth, from the corners of the mouth down, under the eyes.
    """
    ax = abs(x)
    down = (-36.0 - y) / 34.0
    cheek = ridge(ax - 19.0 - 15.0 * down, 2.6) * step(down, 0.0, 0.25) * (1 - step(down, 0.8, 1.2))
    mouth = (
        ridge(ax - 29.0 - 0.12 * (-68.0 - y), 2.2)
        * step(-y, 66.0, 72.0)
        * (1 - step(-y, 82.0, 92.0))
    )
    bag = ridge(y + 14.0 - 0.012 * (ax - 30.0) ** 2, 2.0) * (1 - step(abs(ax - 30.0), 9.0, 15.0))
    return min(cheek + 0.6 * mouth + 0.7 * bag, 1.0)


@numba.njit(cache=True)
def wrinkles(x: float, y: float, paint: SkinPaint, noise: np.ndarray) -> float:
    """Return the darkness of folds and wrinkles: forehead lines, frown lines and crow's feet."""
    ax = abs(x)
    deep = (0.05 + 0.24 * paint.age) * folds(x, y)
    if paint.age < 0.3:
        return deep
    bend = 2.0 * look_up(noise, COARSE, x + paint.pattern, y, 150.0, 150.0)
    lines = 0.0
    for height in (33.0, 41.0, 50.0):
        lines += ridge(y - height - bend - 0.0016 * x * x, 1.3)
    lines *= hill(x, 0.0, 30.0, 1.0)
    frown = ridge(ax - 5.0, 0.9) * hill(0.0, y - 22.0, 1.0, 7.0)
    feet = 0.0
    for slope in (-0.45, -0.1, 0.25):
        feet += ridge(y + 1.0 - slope * (ax - 46), 0.9)
    feet *= step(ax, 46.0, 50.0) * (1 - step(ax, 56.0, 62.0))
    fine = (paint.age - 0.3) * (0.34 * lines + 0.4 * feet + 0.4 * frown)
    return min(deep + min(fine, 0.6) * (0.3 + 0.7 * paint.detail), 0.7)
