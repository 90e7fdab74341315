"""Arguments that make no sense, refused in a line before anything is rendered or written."""

from __future__ import annotations

import inspect
import math
import numbers
import operator
from collections.abc import Collection, Mapping
from typing import Any

from lib.prepare.camera import CameraFlaws
from lib.scene.sampling import sample
from lib.store import StoreError

SMALLEST_SIZE = 8
"""Pixels; below that nothing can be seen."""

SMALLEST_PADDING = -0.4
"""Share of the frame; below that a chip shows little more than the nose."""

BUILD_OPTIONS = ("max_rejected", "progress", "shares")
"""The options of `lib.store.build` that are left to the user."""


def whole(lowest: int, **given: int) -> tuple[int, ...]:
    """Return whole numbers, whatever kind they are of, as Python's own.

    Args:
        lowest: the least that makes sense.
        **given: the arguments by name.

    Raises:
        StoreError: naming the first that is not whole, or too small.
    """
    found = []
    for name, number in given.items():
        try:
            found.append(operator.index(number))
        except TypeError:
            found.append(lowest - 1)
        if found[-1] < lowest:
            raise StoreError(f"found {name} = {number!r}; expected a whole number from {lowest}")
    return tuple(found)


def real(lowest: float, **given: float) -> tuple[float, ...]:
    """Return finite numbers as Python's own, as `whole` does.

    Raises:
        StoreError: naming the first that is no number, not finite, or too small.
    """
    for name, number in given.items():
        if not isinstance(number, numbers.Real) or not lowest <= number < math.inf:
            raise StoreError(f"found {name} = {number!r}; expected a number from {lowest:g}")
    return tuple(map(float, given.values()))


def require_camera(camera: object) -> None:
    """Refuse a camera that is neither ``None`` nor has flaws.

    Raises:
        StoreError: saying what was found.
    """
    if camera is not None and not isinstance(camera, CameraFlaws):
        raise StoreError(f"found camera = {camera!r}; expected CameraFlaws(...), or None")


def require_known(options: Mapping[str, Any], known: Collection[str], meaning: str) -> None:
    """Refuse options that do not exist.

    Raises:
        StoreError: naming the first, and those there are.
    """
    unknown = sorted(options.keys() - set(known))
    if unknown:
        expected = ", ".join(sorted(known))
        raise StoreError(f"found the option {unknown[0]!r}; options of {meaning} are {expected}")


def require_build_options(options: Mapping[str, Any]) -> None:
    """Refuse options that are not for `lib.store.build`.

    Raises:
        StoreError: if there is no such option, or ``max_rejected`` is no share.
    """
    require_known(options, BUILD_OPTIONS, "building")
    real(0, max_rejected=options.get("max_rejected", 0))


def sampling_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options of `lib.scene.sampling.sample`, as JSON can hold them.

    Raises:
        StoreError: if there is no such option, or `sample` refuses its value.
    """
    parameters = inspect.signature(sample).parameters.values()
    defaults = {one.name: one.default for one in parameters if one.kind is one.KEYWORD_ONLY}
    require_known(options, defaults, "sampling")
    try:
        sample(0, 0, 0, **options)
    except ValueError as error:
        raise StoreError(str(error)) from error
    return {name: _plain(value, defaults[name]) for name, value in options.items()}


def _plain(value: Any, default: Any) -> Any:
    """Return an option's value as its default is: a number or switch; names sorted, or None."""
    if default is not None:
        return type(default)(value)
    return None if value is None else sorted(set(value))
