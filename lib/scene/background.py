"""What is behind the person: a gradient with out-of-focus discs and bars."""

from __future__ import annotations

import cv2
import numpy as np

from lib.scene.capture import Background
from lib.scene.curves import smooth_step

_GRID = 64
"""Backgrounds are out of focus: they are painted this small and enlarged."""

_smooth_step = smooth_step.py_func


def _over(picture: np.ndarray, colour: tuple, cover: np.ndarray) -> np.ndarray:
    return picture + cover[..., None] * (np.asarray(colour) - picture)


def paint(background: Background, size: int) -> np.ndarray:
    """Paint a background.

    Returns:
        (size, size, 3) float32 linear RGB, not below 0.
    """
    y, x = (np.mgrid[0:_GRID, 0:_GRID] + 0.5) / _GRID
    across, along = np.cos(background.angle), np.sin(background.angle)
    share = np.clip((x - 0.5) * across + (y - 0.5) * along + 0.5, 0, 1)[..., None]
    picture = np.asarray(background.colours[0]) * (1 - share)
    picture = picture + np.asarray(background.colours[1]) * share
    for column, row, radius, softness, colour in background.discs:
        distance = np.hypot(x - column, y - row)
        edge = radius * np.array([1 - softness, 1 + softness])
        picture = _over(picture, colour, 0.75 * (1 - _smooth_step(distance, *edge)))
    for angle, offset, width, colour in background.bars:
        distance = np.abs((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) - offset)
        cover = 1 - _smooth_step(distance, 0.6 * width, 1.4 * width)
        picture = _over(picture, colour, 0.6 * cover)
    large = cv2.resize(picture.astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    return np.maximum(large, 0)
