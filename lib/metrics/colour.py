"""What happens to the colour of skin: a remover that lightens dark skin has not removed shine."""

from __future__ import annotations

import numpy as np

from lib.metrics.arrays import ScoreError, require_masks, require_pictures

TONES = ("light", "medium", "dark")
"""Names of the thirds of melanin's range, from 0 up."""


def skin_tone_shift(found: np.ndarray, reference: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Average how far the colours of skin have moved: CIE 1976 Delta E in CIELAB under D65.

    The distance is that of CIE 15 (Colorimetry), section on CIE 1976 uniform colour spaces: about 2
    is just seen side by side, 10 at a glance.

    Args:
        found: uint8 sRGB (N, H, W, 3).
        reference: uint8 sRGB (N, H, W, 3), such as the true diffuse layer.
        skin: (N, H, W) of 0 and 1; 1 counts.

    Returns:
        float64 (N,), 0 or more; NaN where there is no skin.

    Raises:
        ScoreError: if types or shapes are others, or ``skin`` holds more than 0 and 1.
    """
    from skimage.color import rgb2lab

    reference = require_pictures(reference, "reference pictures")
    found = require_pictures(found, "pictures found")
    if found.shape != reference.shape:
        raise ScoreError(f"found pictures {found.shape}, expected {reference.shape} as the others")
    shifts = []
    for pair in zip(found, reference, require_masks(skin, found.shape[:3], "skin"), strict=True):
        colours = [rgb2lab(picture[pair[2]]) for picture in pair[:2]]
        moved = np.linalg.norm(colours[0] - colours[1], axis=-1)
        shifts.append(moved.mean() if moved.size else np.nan)
    return np.array(shifts)


def tone_groups(melanin: np.ndarray) -> np.ndarray:
    """Name the third of its range that each person's melanin lies in.

    Args:
        melanin: (N,), 0 the lightest to 1 the darkest skin, as rendered people have it.

    Returns:
        str (N,): "light" below 1/3, "medium" below 2/3, else "dark".

    Raises:
        ScoreError: if there is a value that is not from 0 to 1.
    """
    melanin = np.asarray(melanin, np.float64)
    if melanin.ndim != 1 or not ((melanin >= 0) & (melanin <= 1)).all():
        raise ScoreError(f"found melanin {melanin!r}, expected (N,) numbers from 0 to 1")
    return np.array(TONES)[np.searchsorted([1 / 3, 2 / 3], melanin, side="right")]
