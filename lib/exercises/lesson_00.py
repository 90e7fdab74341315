"""The checkers of lesson 00, Start here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise


def _pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    photo, painting = generator.integers(0, 256, (2, 4, 5, 3), dtype=np.uint8)
    hole = np.zeros((4, 5), np.uint8)
    hole[1:3, 2:] = 1
    return photo, painting, hole


@exercise("00.compose")
def check_compose(answer: Callable) -> None:
    """Check that the hole is the painting's, the rest the photo's, and nothing is written to."""
    photo, painting, hole = _pictures()
    kept = photo.copy()
    result = np.asarray(answer(photo, painting, hole))
    assert result.shape == photo.shape, f"the shape is {result.shape}, expected {photo.shape}"
    assert result.dtype == np.uint8, f"the type is {result.dtype}, expected uint8"
    assert (result[hole == 0] == photo[hole == 0]).all(), "outside the hole it is not the photo"
    assert (result[hole == 1] == painting[hole == 1]).all(), "in the hole it is not the painting"
    assert (photo == kept).all(), "the photo itself was changed: work on a copy"


@exercise("00.psnr_in_hole")
def check_psnr(answer: Callable) -> None:
    """Check a value worked out by hand, that the outside does not count, and uint8 arithmetic."""
    truth = np.full((4, 5, 3), 100, np.uint8)
    hole = _pictures()[2]
    darker = truth - np.uint8(20)
    expected = 22.1102  # 10 log10(255² / 20²); in uint8, 20² wraps to 144
    for picture, side in ((darker, "darker"), (truth + np.uint8(20), "brighter")):
        value = answer(picture, truth, hole)
        assert value is not None, "it returns nothing"
        assert abs(value - expected) < 0.01, f"{side} by 20 gives {value:.2f} dB, not 22.11"
    noisy = darker.copy()
    noisy[hole == 0] = 255
    assert abs(answer(noisy, truth, hole) - expected) < 0.01, "pixels outside the hole still count"
