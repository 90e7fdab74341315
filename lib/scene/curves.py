"""Curves drawn on the canonical face: lids, lips and brows, for geometry, materials and landmarks.

The canonical face is the mean head's front, flattened: x to the subject's left and y up, in mm,
with the pupils at height 0. What is drawn there fits every head, because heads differ only in where
the same points of the skin lie.

The functions take numbers inside the renderer's compiled loops; ``function.py_func`` is the same
function for NumPy arrays.
"""

from __future__ import annotations

import numba
import numpy as np

EYE_CENTRE = (31.0, 0.0, 78.0)
"""Where the mean head's left eyeball is centred, mm; the right one is its mirror."""
EYE_RADIUS = 12.3
EYE_CORNERS = (16.4, 45.0)
"""|x| of the inner and outer corner of the eyes, mm."""
SLIT_HEIGHT = -2.0
"""y of the line along which closed lids meet, mm."""
MOUTH_HEIGHT = -64.0
"""y of the line along which closed lips meet, mm."""
MOUTH_HALF_WIDTH = 26.6
"""|x| of the corners of the mouth, mm."""
NOSE_TIP = (0.0, -34.5)
LANDMARK_BROW = (52.8, 44.2, 33.3, 21.4, 10.3)
"""|x| of a brow's five landmarks, from its outer end to its inner one, mm."""


@numba.njit(cache=True)
def smooth_step(value: float, start: float, end: float) -> float:
    """Rise from 0 at ``start`` to 1 at ``end`` with level ends (the Hermite cubic 3t² - 2t³).

    Write 20.0 for 20 inside the loops: Numba compiles a function anew for every whole number.
    """
    t = np.minimum(np.maximum((value - start) / (end - start), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@numba.njit(cache=True)
def smooth_maximum(first: float, second: float, blend: float) -> float:
    """Give the larger of two numbers, rounded where they differ by less than ``blend``.

    The polynomial blend of Quilez, "Smooth minimum" (2013): at most ``blend`` / 4 above the larger.
    """
    share = np.minimum(np.maximum(0.5 + 0.5 * (first - second) / blend, 0.0), 1.0)
    return second + (first - second) * share + blend * share * (1.0 - share)


@numba.njit(cache=True)
def lid_curves(lateral: float) -> tuple[float, float]:
    """Shape of the open eye.

    Args:
        lateral: mm outwards from the eye's centre, on the canonical face.

    Returns:
        How far the upper lid is raised and the lower lid is lowered there, as shares (0 to 1) of
        their largest opening. The upper lid is highest inwards of the middle, the lower one lowest
        outwards of it; both are 0 in the corners and beyond, and small near the inner one, where
        there is no eyeball between them.
    """
    inner, outer = EYE_CORNERS
    along = (lateral + EYE_CENTRE[0] - 0.5 * (inner + outer)) / (0.5 * (outer - inner))
    skew = 1.0 - along * along
    narrow = 0.45 + 0.55 * smooth_step(along, -1.0, -0.7)
    upper = np.maximum(1.0 - np.abs(along + 0.13 * skew) ** 2.3, 0.0) ** 0.66
    lower = np.maximum(1.0 - np.abs(along - 0.15 * skew) ** 2.5, 0.0) ** 0.72
    return narrow * upper, narrow * lower


@numba.njit(cache=True)
def lip_borders(absolute_x: float, upper: float, lower: float, bow: float) -> tuple[float, float]:
    """Borders of the red of the lips.

    Args:
        absolute_x: distance from the middle of the face, mm.
        upper: the head's "upper_lip": fullness in standard deviations.
        lower: the head's "lower_lip".
        bow: the head's "cupid_bow".

    Returns:
        How far the red reaches above and below the line between the lips there, mm.
    """
    inside = np.maximum(1.0 - (absolute_x / (MOUTH_HALF_WIDTH + 0.3)) ** 2, 0.0)
    peak = np.exp(-(((absolute_x - 5.2) / 3.2) ** 2))
    dip = np.exp(-((absolute_x / 2.6) ** 2))
    above = (6.3 + 1.3 * upper) * inside**0.8 + (1.0 + 0.4 * bow) * (peak - 0.9 * dip) * inside
    below = (9.6 + 1.4 * lower) * inside**0.72
    return np.maximum(above, 0.0), np.maximum(below, 0.0)


@numba.njit(cache=True)
def brow_curve(absolute_x: float, arch: float, thickness: float) -> tuple[float, float]:
    """Course of the eyebrow on the canonical face.

    Args:
        absolute_x: distance from the middle of the face, mm.
        arch: -1.5 (flat) to 1.5 (high).
        thickness: 1 is average.

    Returns:
        Height of the brow's middle line and half its thickness there, mm; the half thickness is
        negative where there is no brow.
    """
    along = (absolute_x - 9.5) / 45.0
    inside = np.minimum(np.maximum(along, 0.0), 1.0)
    tail = np.maximum(inside - 0.75, 0.0) / 0.25
    droop = np.minimum(np.maximum(0.4 + 0.3 * arch, 0.0), 1.0)
    height = 19.4 + (3.6 + 1.4 * arch) * np.sin(2.35 * inside) - 1.8 * tail * droop
    taper = np.minimum(np.maximum(along - 0.55, 0.0), 0.6) / 0.45
    blunt = np.maximum(9.5 - absolute_x, 0.0)
    half = (3.2 - 0.6 * along - 2.2 * taper) * thickness - 1.2 * blunt
    return height, half
