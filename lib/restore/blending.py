"""What makes a painting part of a photo: colours and grain go on across its edge.

A painter of rendered people gets the light of a photograph nearly right, and a patch that is nearly
right is seen at once. Skin beside the hole says how far its colours are off there
(`continue_colours`), and how rough skin is in this photo (`match_grain`); a photo without colours
gets none (`is_grey`, `greyed`). None of them knows more of the person.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

FEWEST = 12
"""Pixels of skin beside a hole from which its colours can be told."""

ALIKE = 30.0
"""Standard deviation of errors round the median one, grey levels over the three channels together:
a strap or a hair that was taken for skin is further off, and counts for little."""

SOFTNESS = 2.0
"""Pixels within which errors at the rim are averaged."""

FINEST = 0.8
"""Standard deviation of the blur that takes the finest octave of detail away, pixels."""

ROUGH_FROM = 50
"""Pixels from which the strength of detail can be told."""

INSIDE = 0.99
"""From what weight on a pixel is painted, or skin, altogether."""

COLOURLESS = 8
"""Grey levels between a pixel's channels that 99 of 100 pixels of a black and white photo keep."""


def is_grey(picture: np.ndarray, mask: np.ndarray) -> bool:
    """Return whether a picture has no colours outside a mask.

    Args:
        picture: uint8 (S, S, 3).
        mask: uint8 {0, 1} (S, S).
    """
    spread = np.ptp(picture[mask == 0], axis=1)
    return bool(len(spread)) and float(np.quantile(spread, 0.99)) <= COLOURLESS


def greyed(picture: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Return a picture without colours in some places, uint8 (S, S, 3).

    Args:
        picture: uint8 (S, S, 3).
        where: uint8 {0, 1} (S, S).
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.where(where[..., None] == 1, grey[..., None], picture)


def continue_colours(
    painted: np.ndarray, hole: np.ndarray, error: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Take off a painting's colours what they are off beside the hole, the nearer the rim the more.

    The error is carried into the hole as the mean of all known ones, weighted by one over the cube
    of the distance: the interpolation of Shepard (1968), here for the task of Perez et al. (Poisson
    Image Editing, SIGGRAPH 2003). An error unlike the median one counts for little, see `ALIKE`: so
    does the smaller side of a face in hard light from the side, but what is mistaken for skin is
    more frequent (medians of nearby errors left 0.3 dB less on 90 photographs).

    Args:
        painted: uint8 (S, S, 3), a picture painted in the hole.
        hole: uint8 {0, 1} (S, S).
        error: float (S, S, 3), by how much a painting is too bright where the truth is known.
        known: uint8 {0, 1} (S, S), where that is; outside the hole.

    Returns:
        uint8 (S, S, 3), as `painted` outside the hole; the same picture where too little is known.
    """
    places, wanted = (np.argwhere(one).astype(np.float32) for one in (known, hole))
    if len(places) < FEWEST or not len(wanted):
        return painted
    errors = error[known == 1].astype(np.float32)
    unlike = np.sum((errors - np.median(errors, axis=0)) ** 2, axis=1)
    weights = (_squared_distances(wanted, places) + SOFTNESS**2) ** -1.5
    weights *= np.exp((unlike.min() - unlike) / (2 * ALIKE**2))
    carried = weights @ errors / weights.sum(axis=1, keepdims=True)
    new = painted.copy()
    new[hole == 1] = np.rint(painted[hole == 1] - carried).clip(0, 255)
    return new


def _squared_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return those of each of (N, 2) places from each of (M, 2), float32 (N, M)."""
    return sum(np.subtract.outer(first[:, axis], second[:, axis]) ** 2 for axis in (0, 1))


def match_grain(photo: np.ndarray, hole: np.ndarray, skin: np.ndarray, octaves: int) -> np.ndarray:
    """Give a painted part of a photo about as much fine detail as the skin beside it has.

    What is added is noise, the same in every call, as strong in each octave as what is missing: the
    simplest of the textures of Heeger and Bergen (Pyramid-Based Texture Analysis and Synthesis,
    SIGGRAPH 1995).

    Args:
        photo: uint8 RGB (H, W, 3), painted in the hole.
        hole: float32 (H, W), 0..1: how far each pixel is painted, and no longer the old photo.
        skin: float32 (H, W), 0..1; 1 where the photo shows skin.
        octaves: how many are compared, from the finest on; each is twice as coarse as the last.

    Returns:
        uint8 (H, W, 3), as the photo where the hole is 0. What has enough detail gets no more, and
        nothing is added where skin or hole are too small to tell.

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
        there, here = detail[skin > INSIDE], detail[hole > INSIDE]
        if min(there.size, here.size) >= ROUGH_FROM:
            missing = max(0.0, _roughness(there) ** 2 - _roughness(here) ** 2) ** 0.5
            change += np.float32(missing / noise.std()) * noise
    new, share = photo.copy(), np.sqrt(1 - (1 - hole) ** 2)  # the old grain shines through the rest
    new[rows, columns] = np.rint(part + (share * change)[..., None]).clip(0, 255)
    return new


def _octaves(values: np.ndarray, number: int) -> Iterator[np.ndarray]:
    """Give what ever stronger blurs take away, the finest detail first, as float32 (H, W)."""
    done = 0.0
    for octave in range(number):
        blur = FINEST * 2**octave
        coarse = cv2.GaussianBlur(values, (0, 0), (blur**2 - done**2) ** 0.5)
        yield values - coarse
        values, done = coarse, blur


def _roughness(detail: np.ndarray) -> float:
    """Return a standard deviation that single edges do not change."""
    return 1.4826 * float(np.median(np.abs(detail - np.median(detail))))


def _around(*maps: np.ndarray) -> tuple[slice, slice]:
    """Return the smallest rows and columns that hold all values above 0 of all maps."""
    spans = []
    for axis in (1, 0):
        places = np.flatnonzero(np.any([one.any(axis=axis) for one in maps], axis=0))
        spans.append(slice(places[0], places[-1] + 1) if len(places) else slice(0, 0))
    return spans[0], spans[1]
