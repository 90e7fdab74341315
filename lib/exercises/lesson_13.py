"""The checkers of lesson 13, Remove specularity."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise

_CLOSE = 1e-6


@exercise("13.rate_at")
def check_rate_at(answer: Callable) -> None:
    """Check the constant half, its end, the slope, the last step, and another length and rate."""
    cases = ((0, 1.0), (30, 1.0), (50, 1.0), (51, 0.98), (75, 0.5), (99, 0.02), (100, 0.0))
    for step, share in cases:
        found = float(answer(step, 100, 1.0))
        message = f"at step {step} of 100 the rate is {found:.3g} of the first, expected {share:g}"
        assert abs(found - share) < _CLOSE, message
    found = float(answer(30, 40, 2e-4))
    assert abs(found - 1e-4) < 1e-9, "half of the training is a share of it, not a step"


@exercise("13.pool_step")
def check_pool_step(answer: Callable) -> None:
    """Check filling, both sides of the coin, another slot, and that the history itself stays."""
    shown, history = answer([], "a", 2, 0, True)
    assert shown == "a", f"an empty pool shows {shown!r}, expected the new fake itself"
    assert list(history) == ["a"], "a pool that is not full stores the new fake"
    shown, history = answer(["a"], "b", 2, 0, True)
    assert shown == "b", "a pool that is not full shows the new fake, whatever the coin says"
    assert list(history) == ["a", "b"], f"the history is {list(history)}, expected the new one last"
    full = ["a", "b", "c"]
    shown, history = answer(full, "d", 3, 1, False)
    assert shown == "d", f"without the coin {shown!r} is shown, expected the new fake"
    assert list(history) == ["a", "b", "c"], "without the coin nothing is stored"
    for slot, old, wanted in ((1, "b", ["a", "d", "c"]), (2, "c", ["a", "b", "d"])):
        shown, history = answer(full, "d", 3, slot, True)
        assert shown == old, f"slot {slot}: {shown!r} is shown, expected the older one there"
        assert list(history) == wanted, f"slot {slot}: the history is {list(history)}"
    assert full == ["a", "b", "c"], "the list that was given was changed: work on a copy"


@exercise("13.recolour")
def check_recolour(answer: Callable) -> None:
    """Check one pixel, intensities, chromaticities, black pixels, white ones, and the input."""
    generator = np.random.default_rng(13)
    picture = generator.uniform(0.05, 0.9, (5, 4, 3))
    wanted = generator.uniform(0.1, 0.6, (5, 4))
    kept = picture.copy(), wanted.copy()
    one = np.asarray(answer(np.array([[[0.6, 0.3, 0.3]]]), np.array([[0.2]])))
    assert one.shape == (1, 1, 3), f"the shape is {one.shape}, expected (1, 1, 3)"
    message = f"(0.6, 0.3, 0.3) at half its intensity became {one[0, 0].round(3).tolist()}"
    assert np.allclose(one[0, 0], (0.3, 0.15, 0.15), atol=_CLOSE), message
    result = np.asarray(answer(picture, wanted))
    assert (picture == kept[0]).all() and (wanted == kept[1]).all(), "the inputs were changed"
    assert np.allclose(result.mean(axis=-1), wanted), "the mean of the channels is not what it was"
    shares = [array / array.sum(axis=-1, keepdims=True) for array in (result, picture)]
    assert np.allclose(*shares), "the chromaticity has changed: one factor for all three channels"
    with np.errstate(divide="ignore", invalid="ignore"):
        dark = np.asarray(answer(np.zeros((2, 2, 3)), np.full((2, 2), 0.3)))
    assert np.isfinite(dark).all(), "a black pixel gives no finite number: its intensity is 0"
    assert np.allclose(dark, 0.3), "a black pixel becomes grey of the wanted intensity"
