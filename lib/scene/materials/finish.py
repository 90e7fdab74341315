"""What a material says of one place on its surface, and the shapes it is painted with."""

from __future__ import annotations

from typing import NamedTuple

import numba

from lib.scene.curves import smooth_step as step
from lib.scene.vectors import Vector

__all__ = ["SKIN_REFLECTANCE", "Finish", "hill", "ridge", "step"]


class Finish(NamedTuple):
    """A place on a surface, ready to be lit.

    Attributes:
        colour: linear RGB reflectance of the diffuse layer.
        roughness: of the surface, 0 (a mirror) to 1.
        gloss: factor on the specular layer; 1 is skin of average oil.
        reflectance: of the surface seen head-on (Fresnel), 0.028 for skin.
        shade: share of the light that small folds let through, 0 to 1.
        label: class number of `lib.labels.CLASSES`.
    """

    colour: Vector
    roughness: float
    gloss: float
    reflectance: float
    shade: float
    label: int


SKIN_REFLECTANCE = 0.028
"""Fresnel reflectance of skin seen head-on: an index of refraction of 1.4."""


@numba.njit(cache=True)
def bump(distance: float) -> float:
    """Return nearly exp(-distance), for a squared distance; from 6 on it is 0."""
    share = max(1.0 - distance / 6.0, 0.0)
    return share * share * share * share * share * share


@numba.njit(cache=True)
def hill(x: float, y: float, width: float, height: float) -> float:
    """Return a bell-shaped hill at the origin, nearly a Gaussian; it ends at 2.4 widths."""
    across, up = x / width, y / height
    return bump(across * across + up * up)


@numba.njit(cache=True)
def ridge(distance: float, width: float) -> float:
    """Return a bell of one distance, nearly a Gaussian; it ends at 2.4 widths."""
    share = distance / width
    return bump(share * share)
