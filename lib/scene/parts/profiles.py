"""Soft steps and bumps: what sculpted surfaces are added up from."""

from __future__ import annotations

import numpy as np

from lib.scene import curves

smooth_step = curves.smooth_step.py_func
"""`curves.smooth_step` for NumPy arrays; ``start`` may exceed ``end`` for a step down."""


def bump(x: np.ndarray, centre: float, width: float) -> np.ndarray:
    """Return the bell exp(-((x - centre) / width)²)."""
    return np.exp(-(((x - centre) / width) ** 2))
