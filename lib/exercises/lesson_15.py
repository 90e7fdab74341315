"""The checkers of lesson 15, Render to photo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise

_CLOSE = 1e-5


@exercise("15.balance")
def check_balance(answer: Callable) -> None:
    """Check growth, fall, both ends of the range, and gamma."""
    cases = (
        ("made ones redrawn too well", (0.5, 0.4, 0.1, 0.5, 0.1), 0.51),
        ("made ones redrawn too badly", (0.5, 0.4, 0.4, 0.5, 0.1), 0.48),
        ("in balance", (0.3, 0.4, 0.2, 0.5, 0.1), 0.3),
        ("another gamma", (0.5, 0.4, 0.1, 1.0, 0.1), 0.53),
        ("the start of a training", (0.0, 0.4, 0.9, 0.5, 0.1), 0.0),
        ("a critic at its hardest", (0.99, 0.9, 0.0, 0.5, 0.1), 1.0),
    )
    for name, given, wanted in cases:
        found = float(answer(*given))
        assert abs(found - wanted) < _CLOSE, f"{name}: the next k is {found:.4g}"


@exercise("15.people")
def check_people(answer: Callable) -> None:
    """Check order, mixed-up names, too few pictures, and the people's order."""
    names = np.array(["b", "a", "b", "c", "a", "b", "a"])
    cases = (
        ("two people, two pictures", ["a", "b"], 2, [1, 4, 0, 2]),
        ("in the order of the chosen", ["b", "a"], 2, [0, 2, 1, 4]),
        ("one picture of each", ["c", "a", "b"], 1, [3, 1, 0]),
        ("fewer pictures than asked for", ["c"], 3, [3, 3, 3]),
        ("a second turn", ["a"], 5, [1, 4, 6, 1, 4]),
    )
    for name, chosen, pictures, wanted in cases:
        found = np.asarray(answer(names, chosen, pictures))
        size = len(chosen) * pictures
        assert found.shape == (size,), f"{name}: the shape is {found.shape}, expected ({size},)"
        assert found.tolist() == wanted, f"{name}: found the places {found.tolist()}"


@exercise("15.magnet")
def check_magnet(answer: Callable) -> None:
    """Check cases by hand, the scale, several others, and large distances."""
    cases = (
        ("own and other equally near", [1.0], [[1.0]], 1.0, 1.0),
        ("the other far away", [1.0], [[9.0]], 1.0, 0.0),
        ("everything four times as long", [16.0], [[40.0]], 1.0, 0.25),
        ("no margin", [1.0], [[2.0]], 0.0, 0.0),
        ("two others, both as near as the own", [1.0], [[1.0, 1.0]], 1.0, 1 + np.log(2)),
        ("a far and a near picture", [1.0, 3.0], [[5.0], [5.0]], 1.0, 0.25),
        ("distances of thousands", [1.0], [[4000.0, 4000.0]], 1.0, 0.0),
        ("distances of thousands, own too", [4000.0], [[4000.0]], 1.0, 1.0),
    )
    for name, own, others, margin, wanted in cases:
        found = float(answer(np.array(own), np.array(others), margin))
        assert np.isfinite(found), f"{name}: the loss is {found}"
        assert abs(found - wanted) < _CLOSE, f"{name}: the loss is {found:.4g}"
    uneven = float(answer(np.array([1.0, 1.0]), np.array([[2000.0, 3.0], [1.0, 2000.0]]), 1.0))
    message = f"one other near, one 2000 away: the loss is {uneven:.4g}"
    assert abs(uneven - 0.5) < _CLOSE, message


@exercise("15.pull")
def check_pull(answer: Callable) -> None:
    """Check all face, half face, soft shares, no face, and random pictures."""
    colour = np.zeros((2, 2, 3))
    colour[0, 0], colour[0, 1], colour[1, 0], colour[1, 1] = 0.8, 0.4, 0.2, 0.6
    cases = (
        ("face everywhere", [[1, 1], [1, 1]], 0.5, 1.0),
        ("face in one pixel", [[1, 0], [0, 0]], 0.8, 0.25),
        ("face on the left", [[1, 0], [1, 0]], 0.5, 0.5),
        ("a soft edge", [[1, 0.5], [0, 0]], 2 / 3, 0.375),
        ("no face", [[0, 0], [0, 0]], 0.0, 0.0),
    )
    for name, share, wanted, left in cases:
        found, smaller = (np.asarray(x, float) for x in answer(colour, np.array(share, float)))
        assert found.shape == (1, 1, 3), f"the colour's shape is {found.shape}, expected (1, 1, 3)"
        assert smaller.shape == (1, 1), f"the share's shape is {smaller.shape}, expected (1, 1)"
        assert abs(smaller[0, 0] - left) < _CLOSE, f"{name}: the share is {smaller[0, 0]:.4g}"
        message = f"{name}: the colour is {found[0, 0, 0]:.4g}"
        assert np.allclose(found, wanted, atol=_CLOSE), message
    generator = np.random.default_rng(15)
    colour, share = generator.uniform(size=(6, 8, 3)), generator.integers(0, 2, (6, 8)) * 1.0
    found, smaller = (np.asarray(x, float) for x in answer(colour, share))
    assert found.shape == (3, 4, 3), f"of (6, 8, 3) the colour's shape is {found.shape}"
    inside = (colour * share[..., None])[2:4, 4:6].sum((0, 1)) / max(share[2:4, 4:6].sum(), 1)
    assert np.allclose(found[1, 2], inside, atol=_CLOSE), "wrong in the middle of a picture"
