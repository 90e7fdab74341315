"""Linear light of 8-bit pictures, and colour apart from brightness."""

from __future__ import annotations

import numpy as np

from lib.prepare.layers import LINEAR

GREY = 0.04
"""Difference of greatest and least chromaticity up to which a colour tells nothing of a surface: in
skin, where seven parts in eight are shine."""


def to_linear(picture: np.ndarray) -> np.ndarray:
    """Return the linear light of 8-bit sRGB (IEC 61966-2-1).

    Args:
        picture: uint8, any shape.

    Returns:
        float32 of that shape, 0..1; `lib.scene.pictures.to_srgb` undoes it exactly.
    """
    return LINEAR[picture]


def chromaticity(light: np.ndarray) -> np.ndarray:
    """Return each channel's share of the light; a third each where there is none.

    Args:
        light: (..., 3), linear, not negative.

    Returns:
        (..., 3) of the same type, 0..1, of sum 1.
    """
    total = light.sum(axis=-1, keepdims=True)
    return np.where(total > 0, light / np.where(total > 0, total, 1), light.dtype.type(1 / 3))


def is_coloured(colours: np.ndarray) -> np.ndarray:
    """Say which chromaticities (..., 3) are of a colour at all: bool (...)."""
    return colours.max(axis=-1) - colours.min(axis=-1) > GREY


def trust(colours: np.ndarray) -> np.ndarray:
    """Say how far chromaticities (..., 3) can be believed: 0 for greys, 1 from twice `GREY` on.

    Between the two it rises evenly: a sharp border would leave white specks in clipped highlights.
    """
    return np.clip((colours.max(axis=-1) - colours.min(axis=-1)) / GREY - 1, 0, 1)
