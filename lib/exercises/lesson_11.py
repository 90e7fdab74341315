"""The checkers of lesson 11, Unmask with noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise


@exercise("11.fill")
def check_fill(answer: Callable) -> None:
    """Check hole and outside, one map for three colours, and that the picture stays as it is."""
    generator = np.random.default_rng(0)
    masked, noise = generator.uniform(-1, 1, (2, 2, 4, 5, 3))
    mask = np.zeros((2, 4, 5))
    mask[0, 1:3, 2:], mask[1, 3] = 1, 1
    kept = masked.copy()
    result = np.asarray(answer(masked, mask, noise))
    assert result.shape == masked.shape, f"the shape is {result.shape}, expected {masked.shape}"
    assert np.allclose(result[mask == 0], masked[mask == 0]), "outside the hole it is changed"
    assert np.allclose(result[mask == 1], noise[mask == 1]), "in the hole it is not the noise"
    assert (masked == kept).all(), "the picture itself was changed: work on a copy"


@exercise("11.receptive_field")
def check_receptive_field(answer: Callable) -> None:
    """Check one layer, stride before and behind, S2's U-Net and the 70 pixels of PatchGAN."""
    cases = (
        ("one 3 x 3 convolution", [3], [1], 3),
        ("two 3 x 3 convolutions of stride 1", [3, 3], [1, 1], 5),
        ("a 1 x 1 convolution behind one of stride 2", [3, 1], [2, 1], 3),
        ("a 3 x 3 convolution behind one of stride 2", [3, 3], [2, 1], 7),
        ("a 3 x 3 convolution before one of stride 2", [3, 3], [1, 2], 5),
        ("the five levels of Face-G", [3] * 5, [2] * 5, 63),
        ("PatchGAN", [4] * 5, [2, 2, 2, 1, 1], 70),
    )
    for name, kernels, strides, wanted in cases:
        found = answer(list(kernels), list(strides))
        assert np.ndim(found) == 0 and found is not None, "expected one number, in pixels"
        assert found == wanted, f"{name} sees {wanted} pixels, found {found}"


@exercise("11.grow")
def check_grow(answer: Callable) -> None:
    """Check a single pixel, the edges, an empty map, OpenCV's dilation, and the map itself."""
    import cv2

    mask = np.zeros((6, 7), np.uint8)
    assert not np.any(answer(mask.copy())), "an empty map must stay empty"
    mask[2, 3] = 1
    kept = mask.copy()
    result = np.asarray(answer(mask))
    assert result.shape == mask.shape, f"the shape is {result.shape}, expected {mask.shape}"
    assert result.sum() == 9, f"a single pixel became {result.sum()} pixels, not 3 x 3"
    assert (mask == kept).all(), "the map itself was changed: work on a copy"
    corner = np.zeros((4, 4), np.uint8)
    corner[0, 0] = 1
    count = np.asarray(answer(corner)).sum()
    assert count == 4, f"a pixel in the corner became {count}, not 4: nothing comes in behind"
    random = (np.random.default_rng(1).random((20, 30)) < 0.1).astype(np.uint8)
    wanted = cv2.dilate(random, np.ones((3, 3), np.uint8))
    assert (np.asarray(answer(random)) == wanted).all(), "a scattered map differs from OpenCV's"
