"""Faces cut out on black, as several systems see them."""

from __future__ import annotations

import numpy as np

BLACK = -1.0
"""Black in the networks' range."""


def cut_out(pictures: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Leave nothing but what is seen, on black.

    Args:
        pictures: float (N, H, W, 3) in [-1, 1].
        seen: (N, H, W) of 0 and 1, such as skin.

    Returns:
        The same shape and type.
    """
    shown = (seen == 1)[..., None].astype(pictures.dtype)
    return pictures * shown + (1 - shown) * pictures.dtype.type(BLACK)
