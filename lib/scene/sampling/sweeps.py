"""Sweeps: captures that differ in one thing only, and the way from one person to another."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lib.scene.capture import Capture, Environment, Light
from lib.scene.sampling.expressions import names
from lib.scene.sampling.light import direction, normalise
from lib.scene.sampling.records import freeze

Direction = tuple[float, float, float]


def poses(capture: Capture, yaws: Sequence[float]) -> list[Capture]:
    """Turn the head; all else stays, the gaze relative to the head too.

    Args:
        capture: where to start from.
        yaws: degrees, positive towards the right of the picture.

    Returns:
        One capture for each yaw.
    """
    return [replace(capture, camera=replace(capture.camera, yaw=float(yaw))) for yaw in yaws]


def lights(
    capture: Capture, azimuths: Sequence[float], elevation: float = 25.0, fill: float = 0.4
) -> list[Capture]:
    """Move one white light around the head; all else stays.

    Args:
        capture: where to start from; its own lights are replaced.
        azimuths: degrees, 0 straight before the face, positive towards the subject's left.
        elevation: degrees over the horizon.
        fill: radiance of the grey surrounding, where the light itself has 1.

    Returns:
        One capture for each azimuth, at the strength of light that sampled captures have.
    """
    around = Environment((fill,) * 3, (0.7 * fill,) * 3, ())
    front = Light(direction(0.0, elevation), (1.0, 1.0, 1.0), 0.08, 3.0, True)
    # The strength is that of the light in front: moving a lamp does not make it brighter.
    (front,), around = normalise((front,), around)
    ways = [direction(float(azimuth), elevation) for azimuth in azimuths]
    moved = [replace(front, direction=way) for way in ways]
    return [replace(capture, lights=(light,), environment=around) for light in moved]


def expressions(capture: Capture, name: str, weights: Sequence[float]) -> list[Capture]:
    """Change one expression; the others keep their weights.

    Args:
        capture: where to start from.
        name: one of the head's expression modes.
        weights: usually 0 to 1.

    Returns:
        One capture for each weight.

    Raises:
        ValueError: for a name that the head does not have.
    """
    order = names()
    if name not in order:
        raise ValueError(f"found expression {name!r}; the head has {', '.join(order)}")
    chosen = np.arange(len(order)) == order.index(name)
    faces = [np.where(chosen, np.float32(weight), capture.expression) for weight in weights]
    return [replace(capture, expression=freeze(face)) for face in faces]


def between(first: Capture, second: Capture, steps: int) -> list[Capture]:
    """Go from one capture to another: person, hair and light change evenly, step by step.

    Numbers, colours and arrays are mixed; what has no middle (names, patterns, glasses on one of
    the two only) changes half way.

    Args:
        first: where to start.
        second: where to end.
        steps: how many captures, both ends included; at least 2.

    Returns:
        ``steps`` captures; the first and the last are the ones given.

    Raises:
        ValueError: for fewer than 2 steps.
    """
    if steps < 2:
        raise ValueError(f"found {steps} steps; expected at least 2, for both ends")
    middle = [blend(first, second, step / (steps - 1)) for step in range(1, steps - 1)]
    return [first, *middle, second]


def blend(first: Any, second: Any, share: float) -> Any:
    """Mix two values of the scene's data model.

    Args:
        first: a dataclass, tuple, array or number, or anything else.
        second: another of the same kind.
        share: 0 (the first) to 1 (the second).

    Returns:
        Numbers, arrays, tuples of one length and dataclasses of one type mixed part by part, the
        directions of lights turned; for anything else the nearer of the two.
    """
    nearer = first if share < 0.5 else second
    if type(first) is not type(second):
        return nearer
    if dataclasses.is_dataclass(first):
        fields = [field.name for field in dataclasses.fields(first)]
        mixed = replace(first, **{
            name: blend(getattr(first, name), getattr(second, name), share) for name in fields
        })  # fmt: skip
        return _with_directions(mixed, first, second, share)
    if isinstance(first, tuple) and len(first) == len(second):
        return tuple(blend(one, other, share) for one, other in zip(first, second, strict=True))
    if isinstance(first, np.ndarray):
        return freeze(((1 - share) * first + share * second).astype(first.dtype))
    if isinstance(first, float):
        return (1 - share) * first + share * second
    return nearer


def _with_directions(mixed: Any, first: Any, second: Any, share: float) -> Any:
    """Return what two lights or surroundings were mixed to, its directions of length 1."""
    if isinstance(mixed, Light):
        return replace(mixed, direction=_turn(first.direction, second.direction, share))
    if isinstance(mixed, Environment) and len(first.lobes) == len(second.lobes):
        lobes = zip(first.lobes, second.lobes, mixed.lobes, strict=True)
        return replace(
            mixed,
            lobes=tuple((_turn(one[0], other[0], share), *rest[1:]) for one, other, rest in lobes),
        )
    return mixed


def _turn(first: Direction, second: Direction, share: float) -> Direction:
    """Return the direction on the shortest way between two, after a share of its angle.

    Between opposite directions no way is the shortest; the nearer of the two stays.
    """
    angle = math.acos(np.clip(np.dot(first, second), -1.0, 1.0))
    if math.sin(angle) < 1e-6:
        return first if share < 0.5 else second
    one, other = math.sin((1 - share) * angle), math.sin(share * angle)
    between = (one * np.asarray(first) + other * np.asarray(second)) / math.sin(angle)
    return tuple(between.tolist())
