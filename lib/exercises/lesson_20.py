"""The checkers of lesson 20, Compare."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise

_CLOSE = 1e-6


@exercise("20.people")
def check_people(answer: Callable) -> None:
    """Check one picture each, several, mixed-up names, and somebody drawn twice."""
    cases = (
        ("one picture each", [1.0, 5.0], "ab", [[0, 1], [0, 0], [1, 1]], [3.0, 1.0, 5.0]),
        ("two pictures of one", [1.0, 3.0, 8.0], "aab", [[0, 1], [0, 0]], [4.0, 2.0]),
        ("drawn twice", [1.0, 3.0, 8.0], "aab", [[1, 1], [1, 0]], [8.0, 4.0]),
        ("names in any order", [8.0, 1.0, 3.0], "baa", [[0, 0], [1, 1]], [2.0, 8.0]),
        ("three people", [2.0, 4.0, 6.0, 0.0], "cbac", [[0, 1, 2], [2, 2, 0]], [3.0, 2.0]),
    )
    for name, scores, people, draws, wanted in cases:
        found = np.asarray(answer(np.array(scores), np.array(list(people)), np.array(draws)))
        assert found.shape == (len(wanted),), (
            f"{name}: the shape is {found.shape}, expected ({len(wanted)},)"
        )
        assert np.allclose(found, wanted, atol=_CLOSE), f"{name}: found {found.round(3).tolist()}"


@exercise("20.pooled")
def check_pooled(answer: Callable) -> None:
    """Check equal pictures, an easy and a hard one, and masks of different size."""
    unit = 255.0**2
    cases = (
        ("two equal pictures", [[unit / 100] * 3, [unit / 100] * 3], 20.0, 20.0),
        ("an easy and a hard one", [[unit / 1000], [unit / 10]], 20.0, -10 * np.log10(0.0505)),
        (
            "a large and a small mask",
            [[unit / 1000] * 9, [unit / 10]],
            20.0,
            -10 * np.log10(0.0109),
        ),
        ("one picture of two pixels", [[0.0, unit / 50]], 20.0, 20.0),
    )
    for name, errors, mean, pooled in cases:
        found = answer([np.array(one) for one in errors])
        assert np.shape(found) == (2,), f"{name}: expected two numbers"
        first, second = map(float, found)
        assert abs(first - mean) < _CLOSE, f"{name}: the mean of PSNRs is {first:.4g}"
        assert abs(second - pooled) < _CLOSE, f"{name}: the PSNR of all pixels is {second:.4g}"


@exercise("20.front")
def check_front(answer: Callable) -> None:
    """Check one winner, a trade, equal rows, a tie in one score, and many."""
    cases = (
        ("one beats all", [[3, 3], [1, 2], [2, 1]], [True, False, False]),
        ("each is best at something", [[1, 3], [2, 2], [3, 1]], [True, True, True]),
        ("in between, and beaten", [[1, 3], [1, 1], [3, 1]], [True, False, True]),
        ("equals do not beat each other", [[2, 2], [2, 2]], [True, True]),
        ("equal in one, better in the other", [[2, 2], [2, 1]], [True, False]),
        ("alone", [[0, 0]], [True]),
    )
    for name, scores, wanted in cases:
        found = np.asarray(answer(np.array(scores, float)))
        assert found.shape == (len(wanted),), f"{name}: the shape is {found.shape}"
        assert found.tolist() == wanted, f"{name}: found {found.tolist()}"
    angles = np.linspace(0, np.pi / 2, 30)
    front = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    found = np.asarray(answer(np.concatenate([front, 0.9 * front])))
    assert found.tolist() == [True] * 30 + [False] * 30, "wrong for 60 rows"
