"""Who is first: ranks by each score, and how far two scores disagree about them."""

from __future__ import annotations

import itertools

import numpy as np
import pandas

from lib.leaderboard.boards import direction


def ranks(table: pandas.DataFrame) -> pandas.DataFrame:
    """Return the place of each row by each score, 1 the best; equal scores share the better place.

    Args:
        table: a row a way, a column a score; names begin as those of `lib.leaderboard.boards`.

    Returns:
        The same rows and columns, int; 0 where there is no score.

    Raises:
        KeyError: for a score of which is not known whether more is better.
    """
    placed = {
        column: (table[column] * direction(column)).rank(ascending=False, method="min")
        for column in table
    }
    return pandas.DataFrame(placed).fillna(0).astype(int)


def swapped(first: pandas.Series, second: pandas.Series) -> int:
    """Count the pairs of rows that two columns of ranks put in opposite order (Kendall 1938).

    Args:
        first: ranks, 0 where there is none.
        second: ranks of the same rows.
    """
    pairs = itertools.combinations(range(len(first)), 2)
    one, other = first.to_numpy(), second.to_numpy()
    return sum(
        bool(one[a] * one[b] * other[a] * other[b])
        and np.sign(one[a] - one[b]) * np.sign(other[a] - other[b]) < 0
        for a, b in pairs
    )
