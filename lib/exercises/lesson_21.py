"""The checkers of lesson 21, Your own photos."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lib.checks import exercise

_CLOSE = 1e-6


@exercise("21.paste")
def check_paste(answer: Callable) -> None:
    """Check the three pixels of the lesson, every grey level at weight 0 and 1, and the inputs."""
    generator = np.random.default_rng(21)
    p, q = generator.integers(0, 256, (2, 6, 5, 3)).astype(np.uint8)
    p[0, 0], q[0, 0], p[0, 1], q[0, 1] = 100, 200, 200, 100
    w = generator.uniform(size=(6, 5))
    w[0, :2], w[1], w[2] = 0.25, 0.0, 1.0
    kept = p.copy(), q.copy()
    found = np.asarray(answer(p, q, w))
    assert found.shape == p.shape, f"the shape is {found.shape}, expected {p.shape}"
    assert found.dtype == np.uint8, f"found {found.dtype}, expected uint8"
    assert (p == kept[0]).all() and (q == kept[1]).all(), "p or q was changed: work on a copy"
    assert found[0, 0, 0] == 125, f"100 under 200 at ¼ gives {found[0, 0, 0]}, expected 125"
    assert found[0, 1, 0] == 175, f"200 under 100 at ¼ gives {found[0, 1, 0]}, expected 175"
    assert (found[1] == p[1]).all(), "where the weight is 0, p's own pixels must stay"
    assert (found[2] == q[2]).all(), "where the weight is 1, q's pixels must stand"
    for y, x in ((3, 1), (4, 4), (5, 2)):
        wanted = [round(float((1 - w[y, x]) * p[y, x, c] + w[y, x] * q[y, x, c])) for c in range(3)]
        assert found[y, x].tolist() == wanted, "between 0 and 1 the result is not the rounded mean"


@exercise("21.feather")
def check_feather(answer: Callable) -> None:
    """Check no mask, one pixel and a slanted distance, and a mask of two pieces."""
    empty = np.asarray(answer(np.zeros((4, 5), np.uint8), 3))
    assert empty.shape == (4, 5), f"the shape is {empty.shape}, expected (4, 5)"
    assert not empty.any(), "without a mask every weight must be 0"
    mask = np.zeros((12, 15), np.uint8)
    mask[3, 4] = 1
    found = np.asarray(answer(mask, 10), float)
    assert abs(found[3, 4] - 1) < _CLOSE, "in the mask the weight must be 1"
    assert abs(found[3, 9] - 0.5) < _CLOSE, "5 pixels away, at width 10, the weight must be 0.5"
    assert abs(found[7, 7] - 0.5) < _CLOSE, "3 across and 4 down are 5 pixels away"
    assert found.min() >= 0 and found[11, 14] == 0, "further away than the width it must be 0"
    mask[8:11, 11:14] = 1
    kept, found = mask.copy(), np.asarray(answer(mask, 2.5), float)
    assert (mask == kept).all(), "the mask was changed: work on a copy"
    ones = [(y, x) for y in range(12) for x in range(15) if mask[y, x]]
    for y, x in ((9, 9), (2, 3), (7, 14), (6, 7), (9, 12)):
        away = min(math.hypot(y - row, x - column) for row, column in ones)
        wanted = max(0.0, 1 - away / 2.5)
        assert abs(found[y, x] - wanted) < _CLOSE, "it is the nearest pixel of the mask that counts"


@exercise("21.turn_back")
def check_turn_back(answer: Callable) -> None:
    """Check every number of quarters on a picture whose bright pixels say where they were."""
    places = [(6, 1), (0, 0), (7, 4)]
    photo = np.zeros((5, 8), int)
    for number, (x, y) in enumerate(places, 1):
        photo[y, x] = number
    for quarters in (0, 1, 2, 3):
        turned = np.rot90(photo, quarters)
        spots = [np.argwhere(turned == number)[0] for number in range(1, len(places) + 1)]
        points = np.array([(x, y) for y, x in spots], np.float32)
        found = np.asarray(answer(points.copy(), quarters, 5, 8), float)
        assert found.shape == (3, 2), f"the shape is {found.shape}, expected (3, 2)"
        right = np.allclose(found, places, atol=_CLOSE)
        assert right, f"after {quarters} quarters a point is not where it was in the photo"
