"""Draws heads of men and women."""

from __future__ import annotations

import numpy as np

from lib.scene.head.identity import IDENTITY_MODES, NAMED_MODES

_SEX = {
    "jaw_width": 0.9,
    "brow_ridge": 0.7,
    "chin_width": 0.45,
    "chin_length": 0.4,
    "face_length": 0.9,
    "face_width": 0.7,
    "nose_width": 0.6,
    "upper_lip": -0.2,
    "lower_lip": -0.15,
    "eye_opening": -0.25,
    "brow_height": -0.6,
    "neck_width": 0.8,
    "forehead_slope": -0.3,
}


def draw_shape(generator: np.random.Generator, sex: float, spread: float = 1.3) -> np.ndarray:
    """Draw the shape of a head.

    Args:
        generator: source of randomness.
        sex: -1 (female) to 1 (male).
        spread: how far heads lie from the mean in what nobody measures.

    Returns:
        (modes,) float32 coefficients in standard deviations.
    """
    shape = np.clip(generator.standard_normal(len(IDENTITY_MODES)), -2.2, 2.2)
    shape[len(NAMED_MODES) :] *= spread
    for name, amount in _SEX.items():
        shape[IDENTITY_MODES.index(name)] += sex * amount
    return shape.astype(np.float32)
