"""The parametric head: a linear model of shape and expression, and lids that close exactly.

skull = head.load()
vertices = skull.shape(person.shape, capture.expression)
points = skull.landmarks(vertices, person)
"""

from __future__ import annotations

import functools

from lib.scene.head.expression import EXPRESSIONS
from lib.scene.head.identity import IDENTITY_MODES
from lib.scene.head.model import Head, build

__all__ = ["EXPRESSIONS", "IDENTITY_MODES", "Head", "load"]


@functools.cache
def load(detail: float = 0.72) -> Head:
    """Give the head at a level of detail, built once per process.

    Args:
        detail: 0.72 has about 11,000 vertices, 1 about 20,000; their number goes with its square.
    """
    return build(detail)
