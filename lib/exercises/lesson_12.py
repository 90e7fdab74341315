"""The checkers of lesson 12, Unmask with two critics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise

_CLOSE = 1e-5


@exercise("12.critics_weights")
def check_critics_weights(answer: Callable) -> None:
    """Check the beginning, both sides of the moment when the second joins, and the end."""
    cases = ((0, (1.0, 0.0)), (399, (1.0, 0.0)), (400, (0.3, 0.7)), (999, (0.3, 0.7)))
    for step, wanted in cases:
        found = np.asarray(answer(step, 1000), float)
        assert found.shape == (2,), f"found {found.size} numbers, expected 2: the whole, the hole"
        message = f"at step {step} of 1000 the weights are {found.tolist()}, expected {wanted}"
        assert np.allclose(found, wanted), message
    found = np.asarray(answer(40, 50), float)
    assert np.allclose(found, (0.3, 0.7)), "40 % is a share of the training, not a step"


@exercise("12.neighbours")
def check_neighbours(answer: Callable) -> None:
    """Check no layer, single layers, S3's stack with its gaps, and one without gaps."""
    cases = (
        ("no layer", (), [0]),
        ("dilation 1", (1,), [-1, 0, 1]),
        ("dilation 5", (5,), [-5, 0, 5]),
        ("dilations 1 and 1", (1, 1), [-2, -1, 0, 1, 2]),
        ("dilations 1 and 3", (1, 3), list(range(-4, 5))),
        ("dilations 2, 4, 8 and 16", (2, 4, 8, 16), list(range(-30, 31, 2))),
        ("dilations 1, 2, 4 and 8", (1, 2, 4, 8), list(range(-15, 16))),
    )
    for name, dilations, wanted in cases:
        found = [int(place) for place in answer(dilations)]
        assert len(set(found)) == len(found), f"{name}: a place is listed more than once"
        assert found == sorted(found), f"{name}: the places are not in order"
        count = f"found {len(found)} places, expected {len(wanted)}"
        assert len(found) == len(wanted), f"{name}: {count}"
        assert found == wanted, f"{name}: {len(set(found) - set(wanted))} places are not seen"


@exercise("12.excite")
def check_excite(answer: Callable) -> None:
    """Check an open and a shut gate, the mean over pixels, and numbers worked out independently."""
    generator = np.random.default_rng(12)
    x = generator.normal(size=(5, 7, 3))
    kept = x.copy()
    hidden = (generator.normal(size=(3, 4)), generator.normal(size=4))
    weights = generator.normal(size=(4, 3))
    result = np.asarray(answer(x, *hidden, np.zeros((4, 3)), np.zeros(3)))
    assert result.shape == x.shape, f"the shape is {result.shape}, expected {x.shape}"
    assert np.allclose(result, x / 2), "a sigmoid of 0 must halve every channel"
    shut = np.asarray(answer(x, *hidden, np.zeros((4, 3)), np.array([-50.0, 50.0, 50.0])))
    assert np.allclose(shut[..., 0], 0, atol=_CLOSE), "a sigmoid of -50 must shut the channel"
    assert np.allclose(shut[..., 1:], x[..., 1:]), "a sigmoid of 50 must leave the channel as it is"
    squeezed = [x[..., channel].sum() / 35 for channel in range(3)]
    first = [max(0.0, float(np.dot(squeezed, hidden[0][:, n]) + hidden[1][n])) for n in range(4)]
    logits = [float(np.dot(first, weights[:, n])) + 0.5 for n in range(3)]
    wanted = [1 / (1 + np.exp(-logit)) for logit in logits]
    found = np.asarray(answer(x, *hidden, weights, np.full(3, 0.5)))
    message = "the factors are not those of mean, dense, ReLU, dense and sigmoid, in this order"
    assert np.allclose(found / x, np.array(wanted), atol=_CLOSE), message
    assert (x == kept).all(), "x itself was changed: work on a copy"
