"""The checkers of lesson 22, Scale out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise

_CLOSE = 1e-9


@exercise("22.share")
def check_share(answer: Callable) -> None:
    """Check even shares, odd ones, and that nobody's sample is lost or counted twice."""
    cases = (
        ("an even batch", (8, 2, 0), (0, 4)),
        ("an even batch, the last worker", (8, 2, 1), (4, 8)),
        ("7 samples for 3 workers, the first", (7, 3, 0), (0, 3)),
        ("7 samples for 3 workers, the second", (7, 3, 1), (3, 5)),
        ("one worker alone", (5, 1, 0), (0, 5)),
        ("more workers than samples, the last", (2, 4, 3), (2, 2)),
    )
    for name, given, wanted in cases:
        found = tuple(int(value) for value in answer(*given))
        assert found == wanted, f"{name}: it has the rows {found}"
    for total, workers in ((11, 4), (64, 7)):
        rows = [row for index in range(workers) for row in range(*answer(total, workers, index))]
        assert rows == list(range(total)), f"{total} samples, {workers} workers: not each row once"


@exercise("22.forecast")
def check_forecast(answer: Callable) -> None:
    """Check both measurements themselves, many workers, and more than twice as fast."""
    cases = (
        ("one worker", (10.0, 6.0, 1), 10.0),
        ("two workers", (10.0, 6.0, 2), 6.0),
        ("four workers", (10.0, 6.0, 4), 4.0),
        ("no serial part", (10.0, 5.0, 5), 2.0),
        ("no gain at all", (10.0, 10.0, 8), 10.0),
        ("two more than twice as fast", (10.0, 4.0, 10), 1.0),
    )
    for name, given, wanted in cases:
        found = float(answer(*given))
        assert abs(found - wanted) < _CLOSE, f"{name}: the forecast is {found:.4g} s"


@exercise("22.combine")
def check_combine(answer: Callable) -> None:
    """Check that the workers' losses add up to the whole batch's masked mean."""
    cases = (
        ("masks of the same size", [6.0, 2.0], [4, 4], 1.0),
        ("one pixel here, four there", [4.0, 0.0], [1, 4], 0.8),
        ("a worker without any mask", [0.0, 9.0], [0, 3], 3.0),
        ("three workers", [1.0, 2.0, 3.0], [1, 1, 10], 0.5),
        ("no mask anywhere", [0.0, 0.0], [0, 0], 0.0),
    )
    for name, sums, counts, wanted in cases:
        found = sum(float(answer(error_sum, np.array(counts))) for error_sum in sums)
        assert abs(found - wanted) < _CLOSE, f"{name}: the losses add up to {found:.4g}"
