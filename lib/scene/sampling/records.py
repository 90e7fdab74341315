"""Captures as text and as flat tables of numbers: stored, compared and read back."""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from typing import Any

import numpy as np

from lib.scene.capture import Capture


def freeze(values: np.ndarray) -> np.ndarray:
    """Make an array read-only, as the rest of a capture is, and return it."""
    values.flags.writeable = False
    return values


def to_json(capture: Capture) -> str:
    """Write a capture as JSON; equal captures give equal text.

    Args:
        capture: any.

    Returns:
        One line that `from_json` reads back without loss.
    """
    return json.dumps(dataclasses.asdict(capture), default=np.ndarray.tolist)


def from_json(text: str) -> Capture:
    """Read a capture that `to_json` wrote.

    Args:
        text: JSON.

    Returns:
        The capture.

    Raises:
        ValueError: where a field is missing or unknown.
    """
    return _restore(Capture, json.loads(text))


def describe(capture: Capture) -> dict[str, float | str]:
    """List every number of a capture under its place, such as ``camera.yaw``.

    Args:
        capture: any.

    Returns:
        Numbers and names by their dotted places; parts that are absent are left out.
    """
    flat: dict[str, float | str] = {}
    _flatten(flat, "", json.loads(to_json(capture)))
    return flat


def _flatten(flat: dict[str, float | str], place: str, value: Any) -> None:
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in items:
            _flatten(flat, f"{place}.{name}" if place else str(name), item)
    elif value is not None:
        flat[place] = value


@functools.cache
def _fields(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _restore(kind: Any, value: Any) -> Any:
    if typing.get_origin(kind) is types.UnionType:
        kind = next(option for option in typing.get_args(kind) if option is not types.NoneType)
        return None if value is None else _restore(kind, value)
    if dataclasses.is_dataclass(kind):
        fields = _fields(kind)
        if set(fields) != set(value):
            odd = sorted(set(fields) ^ set(value))
            raise ValueError(f"found a {kind.__name__} in which {odd} are missing or unknown")
        return kind(**{name: _restore(fields[name], value[name]) for name in fields})
    if typing.get_origin(kind) is tuple:
        return _restore_tuple(typing.get_args(kind), value)
    return freeze(np.array(value, np.float32)) if kind is np.ndarray else value


def _restore_tuple(kinds: tuple[Any, ...], values: list[Any]) -> tuple[Any, ...]:
    repeated = len(kinds) == 2 and kinds[1] is Ellipsis
    each = kinds[:1] * len(values) if repeated else kinds
    return tuple(_restore(kind, value) for kind, value in zip(each, values, strict=True))
