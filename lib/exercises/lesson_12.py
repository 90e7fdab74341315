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


@exercise("12.receptive_field")
def check_receptive_field(answer: Callable) -> None:
    """Check single layers, strides, dilation, and the encoder of S3's editor."""
    halving = (2, 2, 1)
    level = [(3, 1, 1), (3, 1, 1), halving]
    dilated = [(3, 1, dilation) for dilation in (2, 4, 8, 16)]
    cases = (
        ("no layer", [], 1),
        ("a 3 x 3 convolution", [(3, 1, 1)], 3),
        ("two of them", [(3, 1, 1)] * 2, 5),
        ("one with dilation 4", [(3, 1, 4)], 9),
        ("a halving, then a 3 x 3 convolution", [halving, (3, 1, 1)], 6),
        ("four dilated convolutions", dilated, 61),
        ("both levels and the four dilated convolutions", level * 2 + dilated, 256),
    )
    for name, layers, wanted in cases:
        found = answer(list(layers))
        assert found == wanted, f"{name}: found {found}, expected {wanted}"


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
