"""Part maps as a painter handles them: one number a pixel, and what is checked of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

Paint = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
"""(parts uint8 (S, S, G) of 0 and 1, colours uint8 (G, 3), who gives the ID) -> uint8 (S, S, 3)."""

MOST_GROUPS = 18
"""As many as there are face parts beside the background, and colours to tell them apart."""


class Faces(NamedTuple):
    """The people whose maps and colours can be taken.

    Attributes:
        maps: uint8 (N, S, S); 0 is background, 1..G are the groups.
        colours: uint8 (N, G, 3), the mean colour of each group.
        names: of the N people.
        groups: names of the G groups.
    """

    maps: np.ndarray
    colours: np.ndarray
    names: tuple[str, ...]
    groups: tuple[str, ...]


def flat(parts: np.ndarray) -> np.ndarray:
    """Return one number a pixel; where groups overlap the later one lies on top.

    Args:
        parts: uint8 (..., height, width, G) of 0 and 1.

    Returns:
        uint8 (..., height, width); 0 where there is no group, else 1..G.
    """
    parts = np.asarray(parts)
    number = parts.shape[-1]
    highest = number - np.argmax(parts[..., ::-1], axis=-1)
    return np.where(parts.any(axis=-1), highest, 0).astype(np.uint8)


def planes(numbers: np.ndarray, groups: int) -> np.ndarray:
    """Return a map as one plane a group: the inverse of `flat`.

    Args:
        numbers: uint8 (..., height, width) of 0..groups.
        groups: how many there are.

    Returns:
        uint8 (..., height, width, groups) of 0 and 1.
    """
    return (np.asarray(numbers)[..., None] == np.arange(1, groups + 1)).astype(np.uint8)


def gather(
    maps: np.ndarray, colours: np.ndarray, names: Sequence[str], groups: Sequence[str]
) -> Faces:
    """Check what a painter is given.

    Args:
        maps: uint8 (N, S, S) of 0..G, or the planes that datasets hold, (N, S, S, G).
        colours: (N, G, 3), 0..255; rounded.
        names: N names.
        groups: 1 to 18 names of groups.

    Returns:
        The same with one number a pixel.

    Raises:
        ValueError: in one line, when something does not fit.
    """
    maps, colours = np.asarray(maps), np.asarray(colours)
    names, groups = tuple(map(str, names)), tuple(map(str, groups))
    if not 1 <= len(groups) <= MOST_GROUPS:
        raise ValueError(f"found {len(groups)} groups; expected 1 to {MOST_GROUPS}")
    if maps.ndim == 4 and maps.shape[-1] == len(groups):
        maps = flat(maps)
    if maps.ndim != 3 or maps.shape[1] != maps.shape[2] or not maps.size:
        raise ValueError(f"found maps {maps.shape}; expected (N, S, S) or (N, S, S, {len(groups)})")
    if maps.dtype != np.uint8 or maps.max() > len(groups):
        found = f"maps of {maps.dtype}, {maps.min()}..{maps.max()}"
        raise ValueError(f"found {found}; expected uint8, 0 for background, 1..{len(groups)}")
    expected = (len(maps), len(groups), 3)
    if colours.shape != expected or colours.min() < 0 or colours.max() > 255:
        raise ValueError(f"found colours {colours.shape}; expected {expected} of 0..255")
    if len(names) != len(maps):
        raise ValueError(f"found {len(names)} names for {len(maps)} maps")
    return Faces(maps, np.rint(colours).astype(np.uint8), names, groups)


def received(content: dict, buffers: Sequence[memoryview], faces: Faces) -> tuple:
    """Read a request of the browser.

    Args:
        content: with giver, a place in `faces`, and colours, G lists of three numbers.
        buffers: the map, one byte a pixel, row by row.
        faces: what the painter was started with.

    Returns:
        Parts, colours and giver, as a painter's function takes them.

    Raises:
        ValueError: in one line, when something does not fit.
    """
    size, groups = faces.maps.shape[1], len(faces.groups)
    numbers = np.frombuffer(b"".join(bytes(buffer) for buffer in buffers), np.uint8)
    if numbers.size != size * size or numbers.max() > groups:
        found = f"a map of {numbers.size} bytes up to {numbers.max(initial=0)}"
        raise ValueError(f"found {found}; expected {size * size} bytes of 0..{groups}")
    colours = np.asarray(content["colours"])
    if colours.shape != (groups, 3) or colours.min() < 0 or colours.max() > 255:
        raise ValueError(f"found colours {colours.shape}; expected ({groups}, 3) of 0..255")
    giver = int(content["giver"])
    if not 0 <= giver < len(faces.names):
        raise ValueError(f"found giver {giver}; expected 0..{len(faces.names) - 1}")
    return planes(numbers.reshape(size, size), groups), colours.astype(np.uint8), giver


def painted_by(paint: Paint, parts: np.ndarray, colours: np.ndarray, giver: int) -> np.ndarray:
    """Call a painter's function and check what it returns.

    Raises:
        ValueError: in one line, when it returns no picture of the map's size.
    """
    picture, expected = np.asarray(paint(parts, colours, giver)), (*parts.shape[:2], 3)
    if picture.shape != expected or picture.dtype != np.uint8:
        found = f"{picture.dtype} {picture.shape}"
        raise ValueError(f"paint returned {found}; expected uint8 {expected}")
    return picture
