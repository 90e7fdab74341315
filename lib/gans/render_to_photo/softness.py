"""How much softer photographs are than renders.

Renders are sharp to the pixel. Photographs come through a lens, a demosaic, JPEG, and a change of
size, and a translator that may only correct a render keeps its sharpness: the critic sees it, and
nothing that it can ask for takes it away everywhere. So the translator's last layer is a blur, and
how wide it is follows from training pictures alone.
"""

from __future__ import annotations

import cv2
import numpy as np

from lib.metrics.arrays import require_pictures

FINE = 1.5
"""What a blur of so many pixels takes away is fine detail."""

WIDEST = 3.0
"""Widest blur that is thought of, pixels."""

HALVINGS = 12
"""Of the range in which the blur is sought: to a thousandth of a pixel."""


def measure_softness(renders: np.ndarray, photos: np.ndarray) -> float:
    """Return the blur by which renders would have as little fine detail as photographs.

    Args:
        renders: uint8 (N, S, S, 3), of faces in the middle.
        photos: uint8 (M, S, S, 3), framed alike; other people.

    Returns:
        Standard deviation of the Gaussian, pixels, 0..`WIDEST`; 0 where renders have less detail.

    Raises:
        ScoreError: if either are no uint8 pictures.
    """
    renders, wanted = require_pictures(renders), fine_share(photos)
    low, high = 0.0, WIDEST
    if fine_share(renders) <= wanted:
        return 0.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if fine_share(np.stack([_blurred(one, middle) for one in renders])) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def fine_share(pictures: np.ndarray) -> float:
    """Return which share of the contrast in the middle of the pictures is fine detail.

    As a share it does not change with the light. The middle is a third of the width and three
    eighths of the height, from the eyes to the mouth; flat pictures do not count.

    Args:
        pictures: uint8 (N, S, S, 3).

    Returns:
        The mean over the pictures, 0..1; 0 where all are flat.

    Raises:
        ScoreError: if the pictures are no uint8 (N, S, S, 3).
    """
    grey = require_pictures(pictures).mean(axis=-1, dtype=np.float32)
    side = grey.shape[1]
    rows, columns = slice(side * 3 // 8, side * 3 // 4), slice(side // 3, side * 2 // 3)
    fine = np.stack([one - _blurred(one, FINE) for one in grey])[:, rows, columns].std(axis=(1, 2))
    whole = grey[:, rows, columns].std(axis=(1, 2))
    seen = whole > 0
    return float(np.mean(fine[seen] / whole[seen])) if seen.any() else 0.0


def _blurred(picture: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma > 0 else picture
