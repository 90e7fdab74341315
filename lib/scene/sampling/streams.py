"""Streams of random numbers: one for each group of things drawn, none of which moves another.

A picture's numbers come from ``SeedSequence([seed, identity])`` for all that stays with a person
and ``SeedSequence([seed, identity, capture])`` for all that changes from picture to picture. Every
group (skin, hair, light, ...) has its own child of these, so a new way to draw hair leaves the
light of every picture as it was, and a picture never depends on those drawn before it.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

Value = TypeVar("Value")

GROUPS = (
    "sex",
    "shape",
    "skin",
    "colouring",
    "features",
    "hair",
    "beard",
    "make_up",
    "glasses",
    "expression",
    "gaze",
    "camera",
    "place",
    "light",
    "clothing",
    "background",
    "hat",
    "sunglasses",
    "jewellery",
    "finish",
    "lamps",
)
"""All groups; a group's place here is part of its stream, so new ones are added at the end."""

NEARLY_FLAT = 0.5
"""Within so few standard deviations a normal density is taken for a constant one."""


class Draw:
    """Draws plain Python numbers from one stream."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator = generator

    def uniform(self, low: float, high: float) -> float:
        """Draw from [low, high)."""
        return low + (high - low) * self.generator.random()

    def normal(self, mean: float, deviation: float, reach: float = 2.5) -> float:
        """Draw from a normal distribution cut off at ``reach`` standard deviations."""
        if reach < NEARLY_FLAT:
            return mean + deviation * self.uniform(-reach, reach)
        while True:
            offset = self.generator.standard_normal()
            if abs(offset) <= reach:
                return mean + deviation * offset

    def log_uniform(self, low: float, high: float) -> float:
        """Draw from [low, high) so that each doubling is equally likely."""
        return low * math.exp(self.uniform(0.0, math.log(high / low)))

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.generator.random() < probability

    def sign(self) -> float:
        """Return -1.0 or 1.0."""
        return -1.0 if self.generator.random() < 0.5 else 1.0

    def count(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.generator.random() * (high - low + 1))

    def among(self, values: Sequence[Value]) -> Value:
        """Return one of the values, all equally likely."""
        return values[int(self.generator.random() * len(values))]

    def pick(self, weights: Mapping[Value, float]) -> Value:
        """Return one of the keys, each as likely as its weight says; weights need not sum to 1."""
        left = self.generator.random() * sum(weights.values())
        for value, weight in weights.items():
            left -= weight
            if left < 0:
                return value
        return value


def person_streams(seed: int, identity: int) -> Callable[[str], Draw]:
    """Return a function from a group's name to its stream for all that stays with a person.

    Args:
        seed: of the whole collection, >= 0.
        identity: the person's number, >= 0.

    Returns:
        A function that starts the stream of one of `GROUPS` afresh at each call.

    Raises:
        ValueError: for what is no whole number from 0.
    """
    return _streams((seed, identity), 0)


def moment_streams(seed: int, identity: int, capture: int) -> Callable[[str], Draw]:
    """Return a function from a group's name to its stream for all that changes with the picture.

    Args:
        seed: of the whole collection, >= 0.
        identity: the person's number, >= 0.
        capture: the picture's number among this person's, >= 0.

    Returns:
        A function that starts the stream of one of `GROUPS` afresh at each call.

    Raises:
        ValueError: for what is no whole number from 0.
    """
    return _streams((seed, identity, capture), 1)


def _streams(numbers: tuple[int, ...], scope: int) -> Callable[[str], Draw]:
    return functools.partial(_stream, tuple(map(_counted, numbers)), scope)


def _counted(number: int) -> int:
    try:
        counted = operator.index(number)
    except TypeError:
        counted = -1
    if counted < 0:
        message = "expected whole numbers from 0 for seed, identity and capture"
        raise ValueError(f"found {number!r}; {message}")
    return counted


def _stream(numbers: tuple[int, ...], scope: int, group: str) -> Draw:
    # NumPy pads short entropy with zeros: without the scope, capture 0 would repeat the streams
    # of its person.
    key = (scope, GROUPS.index(group))
    sequence = np.random.SeedSequence(numbers, spawn_key=key)
    return Draw(np.random.Generator(np.random.PCG64(sequence)))
