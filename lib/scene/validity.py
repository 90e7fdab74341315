"""Whether a capture can be rendered: one line that says what is wrong with it, before any pixel."""

from __future__ import annotations

import dataclasses
import math
import operator

import numpy as np

from lib.scene.capture import Capture
from lib.scene.head import EXPRESSIONS, IDENTITY_MODES
from lib.scene.look import COMBS


class SceneError(ValueError):
    """A capture or a request that cannot be rendered."""


def _require(holds: bool, place: str, found: object, expected: str) -> None:
    if not holds:
        shown = " ".join(repr(found).split())
        raise SceneError(f"{place}: found {shown[:120]}, expected {expected}")


def require_whole(name: str, value: object) -> int:
    """Return a whole number of at least 1.

    Raises:
        SceneError: if it is anything else.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    _require(number >= 1, name, value, "a whole number of at least 1")
    return number


def _require_finite(place: str, value: object) -> None:
    """Look through dataclasses, tuples and arrays for numbers that are none."""
    if isinstance(value, (float, np.floating)):
        _require(math.isfinite(value), place, value, "a finite number")
    elif isinstance(value, tuple):
        for part in value:
            _require_finite(place, part)
    elif isinstance(value, np.ndarray):
        _require(bool(np.isfinite(value).all()), place, value, "finite numbers")
    elif dataclasses.is_dataclass(value):
        for name, part in vars(value).items():
            _require_finite(f"{place}.{name}", part)


def require_renderable(capture: Capture) -> None:
    """Check a capture.

    Args:
        capture: what there is to see.

    Raises:
        SceneError: naming the first thing that cannot be: a number that is none, a vector of
            another length, a camera without a field of view, no light at all.
    """
    _require(isinstance(capture, Capture), "capture", capture, "a lib.scene.capture.Capture")
    _require_finite("capture", capture)
    person, camera, hair = capture.person, capture.camera, capture.look.hair
    for place, vector, names in (
        ("capture.person.shape", person.shape, IDENTITY_MODES),
        ("capture.expression", capture.expression, EXPRESSIONS),
    ):
        _require(np.shape(vector) == (len(names),), place, np.shape(vector), f"({len(names)},)")
    for place, number in (
        ("capture.camera.field", camera.field),
        ("capture.camera.distance", camera.distance),
        ("capture.clothing.period", capture.clothing.period),
        *(("capture.person.skin.moles", mole[2]) for mole in person.skin.moles),
    ):
        _require(number > 0, place, number, "a length above 0 mm")
    _require(hair.comb in COMBS, "capture.look.hair.comb", hair.comb, f"one of {COMBS}")
    _require(len(capture.lights) > 0, "capture.lights", capture.lights, "at least one light")
    for light in capture.lights:
        length = math.hypot(*light.direction)
        _require(abs(length - 1) < 1e-3, "light.direction", light.direction, "a unit vector")
