"""Smooth bumps and steps over the canonical face, from which features and modes are made."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from lib.scene import curves

step = curves.smooth_step.py_func
"""`curves.smooth_step` for arrays."""
lip_borders = curves.lip_borders.py_func
"""`curves.lip_borders` for arrays."""


def bell(distance: np.ndarray, width: float | np.ndarray) -> np.ndarray:
    """Give exp(-(distance / width)²): 1 at distance 0, 0.37 at one width."""
    return np.exp(-np.square(distance / width))


def beyond(distance: np.ndarray, edge: float, width: float) -> np.ndarray:
    """Give 1 up to ``edge``, then a bell's flank of that width."""
    return bell(np.maximum(distance - edge, 0.0), width)


def soft_absolute(x: np.ndarray, rounding: float) -> np.ndarray:
    """Give |x| without the crease at 0, which would show as a line down the face."""
    return np.sqrt(x * x + rounding * rounding) - rounding


def profile(y: np.ndarray, points: list[tuple[float, float]]) -> np.ndarray:
    """Run a spline with level ends through (height, value) points given from top to bottom."""
    heights, values = np.array(points[::-1], float).T
    spline = CubicSpline(heights, values, bc_type="clamped")
    return spline(np.clip(y, heights[0], heights[-1]))
