"""Where scalp hair ends."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from lib.scene.look import HairStyle

_PLACE = np.array(
    [0, 14, 28, 40, 50, 58, 64, 69, 75, 84, 94, 101, 106, 118, 128, 136, 150, 170, 236], float
)
"""Unwrapped distance from the middle of the forehead (0) round to the nape (236), mm."""
_HEIGHT = np.array(
    [64, 64, 62, 59, 50, 37, 24, 12, -2, -10, -8, 6, 14, 16, 8, -28, -52, -66, -72], float
)
_FOREHEAD = np.array([1, 1, 1, 1, 0.6, 0.3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], float)
_RECESSION = np.array([0, 3, 9, 12, 9, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], float)
_SIDEBURN = np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], float)


class Hairline(NamedTuple):
    """The hairline's numbers, as in `lib.scene.look.HairStyle`."""

    forehead: float
    recession: float
    sideburns: float


def hairline(style: HairStyle) -> Hairline:
    """Return the hairline of a style."""
    return Hairline(float(style.forehead), float(style.recession), float(style.sideburns))


@numba.njit(cache=True)
def hairline_height(around: float, line: Hairline) -> float:
    """Return the unwrapped height of the hairline, mm.

    Args:
        around: unwrapped distance from the middle of the forehead, mm; its sign does not matter.
        line: the style's hairline.
    """
    place = min(abs(around), 235.9)
    index = 0
    while _PLACE[index + 1] <= place:
        index += 1
    share = (place - _PLACE[index]) / (_PLACE[index + 1] - _PLACE[index])
    low = _height(index, line)
    return low + (_height(index + 1, line) - low) * share


@numba.njit(cache=True)
def _height(index: int, line: Hairline) -> float:
    return (
        _HEIGHT[index]
        + _FOREHEAD[index] * line.forehead
        + _RECESSION[index] * line.recession
        - _SIDEBURN[index] * line.sideburns
    )
