"""The checkers of lesson 14, Map to face."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise

_CLOSE = 1e-5


@exercise("14.overlap")
def check_overlap(answer: Callable) -> None:
    """Check one shared part, none, two shared at once, several parts, and random maps."""
    cases = (
        ("the same part in both", [1, 0, 0], [1, 0, 0], 1),
        ("different parts", [1, 0, 0], [0, 1, 0], 0),
        ("nothing in one", [0, 0, 0], [0, 1, 0], 0),
        ("two parts in both", [1, 1, 0], [1, 1, 0], 1),
        ("one of two parts in both", [1, 1, 0], [0, 1, 1], 1),
    )
    for name, first, second, wanted in cases:
        planes = (np.array([[one]], np.float32) for one in (first, second))
        found = np.asarray(answer(*planes))
        assert found.shape == (1, 1), f"the shape is {found.shape}, expected (1, 1): one a pixel"
        assert abs(float(found[0, 0]) - wanted) < _CLOSE, f"{name}: found {float(found[0, 0]):g}"
    generator = np.random.default_rng(14)
    first, second = (generator.integers(0, 2, (6, 5, 7)).astype(np.float32) for _ in range(2))
    found = np.asarray(answer(first, second))
    assert found.shape == (6, 5), f"the shape is {found.shape}, expected (6, 5)"
    assert set(np.unique(found)) <= {0, 1}, "a pixel is shared or not: 0 or 1"
    wanted = ((first == 1) & (second == 1)).any(axis=-1)
    assert (found == wanted).all(), f"{(found != wanted).sum()} pixels of random maps are wrong"


@exercise("14.differ")
def check_differ(answer: Callable) -> None:
    """Check no difference, half of the least, enough, more than enough, places, and channels."""
    truth, everywhere = np.full((2, 2, 3), 0.5), np.ones((2, 2))
    for share, wanted in ((0.0, 0.08), (0.02, 0.06), (0.06, 0.02), (0.08, 0.0), (0.3, 0.0)):
        found = float(answer(truth, truth + share, everywhere, 0.08))
        message = f"everything lighter by {share:g}: the loss is {found:.3g}, expected {wanted:g}"
        assert abs(found - wanted) < _CLOSE, message
    found = float(answer(truth, truth - 0.06, everywhere, 0.08))
    assert abs(found - 0.02) < _CLOSE, "darker is as different as lighter"
    half = np.array([[1.0, 1.0], [0.0, 0.0]])
    found = float(answer(truth, truth, half, 0.08))
    message = f"unchanged, half of the pixels asked to differ: {found:.3g}, expected 0.04"
    assert abs(found - 0.04) < _CLOSE, message
    one_channel = truth + np.array([0.24, 0.0, 0.0])
    found = float(answer(truth, one_channel, everywhere, 0.08))
    assert abs(found) < _CLOSE, "a pixel's difference is the mean over its three channels"


@exercise("14.modulate")
def check_modulate(answer: Callable) -> None:
    """Check plain normalisation, an offset, a scale, both pixel by pixel, and the input."""
    generator = np.random.default_rng(14)
    x = generator.normal(3.0, 2.0, (4, 5, 5, 2))
    kept, zero = x.copy(), np.zeros((4, 5, 5, 2))
    plain = np.asarray(answer(x, zero, zero))
    assert plain.shape == x.shape, f"the shape is {plain.shape}, expected {x.shape}"
    means, spreads = plain.mean(axis=(0, 1, 2)), plain.std(axis=(0, 1, 2))
    assert np.allclose(means, 0, atol=1e-4), f"channels have means {means.round(3).tolist()}"
    message = f"channels have standard deviations {spreads.round(3).tolist()}, expected 1"
    assert np.allclose(spreads, 1, atol=2e-3), message
    moved = np.asarray(answer(x, zero, zero + 0.5))
    assert np.allclose(moved, plain + 0.5, atol=1e-4), "an offset of 0.5 moves everything by 0.5"
    doubled = np.asarray(answer(x, zero + 1.0, zero))
    assert np.allclose(doubled, 2 * plain, atol=1e-4), "a scale of 1 doubles: x (1 + scale)"
    scale, offset = generator.normal(size=(2, *x.shape))
    result = np.asarray(answer(x, scale, offset))
    assert np.allclose(result, plain * (1 + scale) + offset, atol=1e-3), "wrong on random numbers"
    assert (x == kept).all(), "x itself was changed: work on a copy"


@exercise("14.light_slope")
def check_light_slope(answer: Callable) -> None:
    """Check a plane by hand, a constant, slanting places, and noise against least squares."""
    x, y = (one.ravel() for one in np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 1, 4)))
    found = np.asarray(answer(100 + 40 * x - 10 * y, x, y), float)
    assert found.shape == (2,), f"found {found.size} numbers, expected 2: right and down"
    message = f"a plane of slopes 40 and -10 gave {found.round(2).tolist()}"
    assert np.allclose(found, (40, -10), atol=1e-3), message
    flat = np.asarray(answer(np.full(20, 77.0), x, y), float)
    assert np.allclose(flat, 0, atol=1e-3), "skin of one colour has no slope"
    generator = np.random.default_rng(14)
    x = generator.uniform(0.2, 0.9, 60)
    y = 0.6 * x + generator.uniform(0, 0.4, 60)  # a cheek that lies aslant
    levels = 90 + 25 * x + 15 * y + generator.normal(0, 4, 60)
    ones = np.stack([x, y, np.ones(60)], axis=-1)
    wanted = np.linalg.lstsq(ones, levels, rcond=None)[0][:2]
    found = np.asarray(answer(levels, x, y), float)
    message = f"on noisy levels {found.round(2).tolist()}: not the plane of the least squares"
    assert np.allclose(found, wanted, atol=1e-2), message
