"""What makes a painting part of a photo: colours go on over its rim, and so does the grain of skin.

A painter of rendered people gets the light of a photograph nearly right, and a patch that is nearly
right is seen at once. Skin beside the hole says how far its colours are off there
(`continue_colours`), and how rough skin is in this photo (`match_grain`). Neither knows more of the
person.
"""

from __future__ import annotations

import cv2
import numpy as np

FEWEST = 12
"""Pixels of skin beside a hole from which its colours can be told."""

ALIKE = 30.0
"""Grey levels from the usual error at which one counts for little: a strap, a hair, a shadow."""

SOFTNESS = 2.0
"""Pixels within which errors at the rim are averaged."""

FINEST = 0.8
"""Standard deviation of the blur that takes the finest octave of detail away, pixels."""

ROUGH_FROM = 50
"""Pixels from which the strength of detail can be told."""

INSIDE = 0.99

COLOURLESS = 2.0
"""Mean grey levels between a pixel's channels up to which a photo counts as black and white."""


def follow_greyness(painted: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Take the colours out of what was painted or changed if the rest of the picture has none.

    Args:
        painted: uint8 (S, S, 3), a picture painted in the hole.
        hole: uint8 {0, 1} (S, S), what was painted or changed.

    Returns:
        uint8 (S, S, 3), as `painted` outside the hole.
    """
    if not hole.any() or hole.all() or np.ptp(painted[hole == 0], axis=1).mean() > COLOURLESS:
        return painted
    grey = cv2.cvtColor(painted, cv2.COLOR_RGB2GRAY)
    return np.where(hole[..., None] == 1, grey[..., None], painted)


def continue_colours(
    painted: np.ndarray, hole: np.ndarray, error: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Take off a painting's colours what they are off beside the hole, the nearer the rim the more.

    The error is carried into the hole as the mean of all known ones, weighted by one over the cube
    of the distance: the interpolation of Shepard (1968), here for the task of Perez et al. (Poisson
    Image Editing, SIGGRAPH 2003). An error unlike the others counts for little, see `ALIKE`.

    Args:
        painted: uint8 (S, S, 3), a picture painted in the hole.
        hole: uint8 {0, 1} (S, S).
        error: float (S, S, 3), by how much a painting is too bright where the truth is known.
        known: uint8 {0, 1} (S, S), where that is; outside the hole.

    Returns:
        uint8 (S, S, 3), as `painted` outside the hole; the same picture where too little is known.
    """
    places, wanted = np.argwhere(known), np.argwhere(hole)
    if len(places) < FEWEST or not len(wanted):
        return painted
    errors = error[tuple(places.T)].astype(np.float32)
    unlike = np.sum((errors - np.median(errors, axis=0)) ** 2, axis=1)
    away = np.sum((wanted[:, None] - places) ** 2, axis=2, dtype=np.float32)
    weights = np.exp(-unlike / (2 * ALIKE**2)) / (away + SOFTNESS**2) ** 1.5
    carried = weights @ errors / weights.sum(axis=1, keepdims=True)
    new, inside = painted.copy(), tuple(wanted.T)
    new[inside] = np.rint(painted[inside] - carried).clip(0, 255)
    return new


def match_grain(photo: np.ndarray, hole: np.ndarray, skin: np.ndarray, octaves: int) -> np.ndarray:
    """Give a painted part of a photo about as much fine detail as the skin beside it has.

    What is added is noise, the same at any time, with a strength of its own in every octave: the
    simplest of the textures of Heeger and Bergen (Pyramid-Based Texture Analysis and Synthesis,
    SIGGRAPH 1995).

    Args:
        photo: uint8 RGB (H, W, 3), painted in the hole.
        hole: float32 (H, W), 0..1: how far each pixel is painted.
        skin: float32 (H, W), 0..1; 1 where the photo shows skin.
        octaves: how many are compared, from the finest on; each is twice as coarse as the last.

    Returns:
        uint8 (H, W, 3), as the photo where the hole is 0. What has enough detail gets no more, and
        without skin to see nothing is added.

    Raises:
        ValueError: if there is no octave.
    """
    if octaves < 1:
        raise ValueError(f"found {octaves} octaves, expected at least 1")
    rows, columns = _around(hole, skin)
    part, hole, skin = photo[rows, columns], hole[rows, columns], skin[rows, columns]
    if not part.size:
        return photo.copy()
    luma = cv2.cvtColor(part.astype(np.float32), cv2.COLOR_RGB2GRAY)
    white = np.random.default_rng(0).standard_normal(hole.shape, np.float32)
    change = np.zeros_like(white)
    for detail, noise in zip(_octaves(luma, octaves), _octaves(white, octaves), strict=True):
        there, here = _roughness(detail[skin > INSIDE]), _roughness(detail[hole > INSIDE])
        if there > here:
            change += np.float32((there**2 - here**2) ** 0.5 / noise.std()) * noise
    new = photo.copy()
    new[rows, columns] = np.rint(part + (hole * change)[..., None]).clip(0, 255)
    return new


def _octaves(values: np.ndarray, number: int) -> list[np.ndarray]:
    """Return what ever stronger blurs take away, the finest detail first, as float32 (H, W)."""
    octaves, done = [], 0.0
    for octave in range(number):
        blur = FINEST * 2**octave
        coarse = cv2.GaussianBlur(values, (0, 0), (blur**2 - done**2) ** 0.5)
        octaves.append(values - coarse)
        values, done = coarse, blur
    return octaves


def _roughness(detail: np.ndarray) -> float:
    """Return a standard deviation that single edges do not change; 0 for few pixels."""
    if detail.size < ROUGH_FROM:
        return 0.0
    return 1.4826 * float(np.median(np.abs(detail - np.median(detail))))


def _around(*maps: np.ndarray) -> tuple[slice, slice]:
    """Return the smallest rows and columns that hold all values above 0 of all maps."""
    spans = []
    for axis in (1, 0):
        places = np.flatnonzero(np.any([one.any(axis=axis) for one in maps], axis=0))
        spans.append(slice(places[0], places[-1] + 1) if len(places) else slice(0, 0))
    return spans[0], spans[1]
