"""A finer description of a face than system S4's: every class apart, and where the light is.

S4 puts brows and hair into one group, lips and teeth into another, and knows nothing of light: half
a face in shadow gets the mean of both halves. Here each of the 18 parts has its own colour, and the
skin also a slope: how much brighter it becomes towards the right and towards the bottom.
"""

from __future__ import annotations

import numpy as np

from lib.labels import CLASSES
from lib.prepare.semantic import mean_colours, spread

PARTS = CLASSES[1:]
"""The planes' names: every class but the background."""

SHADED = ("skin", "nose", "l_ear", "r_ear", "neck")
"""The parts that one light falls on, and whose slope is measured and painted together."""

LEAST = 20
"""Pixels of skin from which a slope can be told."""

_PLANES = np.eye(256, len(CLASSES), dtype=np.uint8)[:, 1:]
_IS_SHADED = np.array([name in SHADED for name in PARTS], np.float32)


def planes_of(labels: np.ndarray) -> np.ndarray:
    """Return a label map as one plane for each part.

    Args:
        labels: uint8 or int (..., height, width), 0..18 in the authors' order.

    Returns:
        uint8 (..., height, width, 18), 0 or 1, in the order of `PARTS`; all 0 for background.
    """
    return _PLANES[labels]


def describe(picture: np.ndarray, planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Measure the parts' colours and the slope of the light on the skin.

    The slope is that of the plane through the shaded parts' colours, each about its own mean, which
    has the smallest squared error (least squares).

    Args:
        picture: (..., height, width, 3), any range.
        planes: (..., height, width, 18), 0 or 1.

    Returns:
        Colours, float32 (..., 18, 3), 0 for parts that are not there. Slope, float32 (..., 2, 3):
        by how much each channel rises from the left edge of the picture to the right one, and from
        the top to the bottom; 0 where there is too little skin.
    """
    colours = mean_colours(picture, planes)
    places, shaded = _about_their_parts(planes)
    left = (np.asarray(picture, np.float32) - spread(planes, colours)) * shaded
    across, along = _flat(places), _flat(left)
    squares = np.swapaxes(across, -1, -2) @ across
    enough = shaded.sum(axis=(-3, -2, -1)) >= LEAST
    squares[~enough] = np.eye(2)
    slope = np.linalg.solve(squares + 1e-3 * np.eye(2), np.swapaxes(across, -1, -2) @ along)
    return colours, np.where(enough[..., None, None], slope, 0).astype(np.float32)


def shaded_map(planes: np.ndarray, colours: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Paint parts in flat colours, and the light's slope over the skin.

    Args:
        planes: (..., height, width, 18), 0 or 1; anybody's.
        colours: (..., 18, 3), any range.
        slope: (..., 2, 3), in the same range.

    Returns:
        float32 (..., height, width, 3); 0 where no part is. Each part's mean is its colour.
    """
    light = _flat(_about_their_parts(planes)[0]) @ np.asarray(slope, np.float32)
    flat = spread(planes, np.asarray(colours, np.float32))
    return flat + light.reshape(flat.shape)


def _about_their_parts(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of each shaded pixel from its part's middle, in widths, and which are shaded.

    Returns:
        float32 (..., height, width, 2), and (..., height, width, 1) of 0 and 1.
    """
    height, width = planes.shape[-3:-1]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    places = np.broadcast_to(np.stack([x / width, y / height], axis=-1), (*planes.shape[:-1], 2))
    ones = np.concatenate([places, np.zeros_like(places[..., :1])], axis=-1)
    middles = mean_colours(ones, planes)
    middles[..., 2] = _IS_SHADED
    known = spread(planes, middles)
    shaded = known[..., 2:]
    return (places - known[..., :2]) * shaded, shaded


def _flat(picture: np.ndarray) -> np.ndarray:
    return picture.reshape(*picture.shape[:-3], -1, picture.shape[-1])
