"""Pictures and masks as a painter handles them: what is checked of them, and how they look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from lib import images, show
from lib.widgets.stills import Still, still

Paint = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(picture uint8 (S, S, 3), mask uint8 (S, S) of 0 and 1) -> uint8 (S, S, 3)."""

COLOUR = "#5B2EE5"
"""Of the mask over the picture: a violet far from skin for colour-blind readers too."""

SHARE = 0.6
"""Of that colour where the mask is, as in mask_painter.js."""

LARGEST = 192


class Covered(NamedTuple):
    """The pictures that can be chosen.

    Attributes:
        pictures: uint8 (N, S, S, 3).
        masks: uint8 (N, S, S) of 0 and 1.
        names: of the N pictures.
    """

    pictures: np.ndarray
    masks: np.ndarray
    names: tuple[str, ...]


def gather(pictures: np.ndarray, masks: np.ndarray, names: Sequence[str]) -> Covered:
    """Check what a painter is given.

    Args:
        pictures: uint8 (N, S, S, 3).
        masks: uint8 or bool (N, S, S) of 0 and 1; an axis of length one at the end is dropped.
        names: N names.

    Returns:
        The same, masks as uint8 (N, S, S).

    Raises:
        ValueError: in one line, when something does not fit.
    """
    pictures, masks, names = np.asarray(pictures), np.asarray(masks), tuple(map(str, names))
    square = pictures.ndim == 4 and pictures.shape[1] == pictures.shape[2]
    if not square or pictures.shape[3] != 3 or pictures.dtype != np.uint8 or not pictures.size:
        found = f"{pictures.dtype} {pictures.shape}"
        raise ValueError(f"found pictures {found}; expected uint8 (N, S, S, 3), N at least 1")
    if masks.ndim == 4 and masks.shape[3] == 1:
        masks = masks[..., 0]
    if masks.shape != pictures.shape[:3]:
        raise ValueError(f"found masks {masks.shape}; expected {pictures.shape[:3]}")
    if masks.dtype not in (np.uint8, np.bool_) or masks.max() > 1:
        found = f"masks of {masks.dtype}, {masks.min()}..{masks.max()}"
        raise ValueError(f"found {found}; expected uint8 of 0 and 1, 1 where it is covered")
    if len(names) != len(pictures):
        raise ValueError(f"found {len(names)} names for {len(pictures)} pictures")
    return Covered(pictures, masks.astype(np.uint8), names)


def received(
    content: dict, buffers: Sequence[memoryview], covered: Covered
) -> tuple[np.ndarray, np.ndarray]:
    """Read a request of the browser.

    Args:
        content: with place, of the picture.
        buffers: the mask, one byte a pixel, row by row.
        covered: what the painter was started with.

    Returns:
        Picture and mask, as a painter's function takes them; both may be written to.

    Raises:
        ValueError: in one line, when something does not fit.
    """
    size, place = covered.pictures.shape[1], int(content["place"])
    if not 0 <= place < len(covered.names):
        raise ValueError(f"found picture {place}; expected 0..{len(covered.names) - 1}")
    mask = np.frombuffer(b"".join(bytes(buffer) for buffer in buffers), np.uint8)
    if mask.size != size * size or mask.max() > 1:
        found = f"a mask of {mask.size} bytes up to {mask.max(initial=0)}"
        raise ValueError(f"found {found}; expected {size * size} bytes of 0 and 1")
    return covered.pictures[place].copy(), mask.reshape(size, size).copy()


def painted_by(paint: Paint, picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Call a painter's function and check what it returns.

    Raises:
        ValueError: in one line, when it returns no picture of the same size.
    """
    painted, expected = np.asarray(paint(picture, mask)), picture.shape
    if painted.shape != expected or painted.dtype != np.uint8:
        found = f"{painted.dtype} {painted.shape}"
        raise ValueError(f"paint returned {found}; expected uint8 {expected}")
    return painted


def overlaid(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Lay the mask over the picture, in `COLOUR`, so that the picture can still be seen.

    Args:
        picture: uint8 (S, S, 3).
        mask: (S, S) of 0 and 1.

    Returns:
        uint8 (S, S, 3).
    """
    share = SHARE * np.asarray(mask, np.float32)[..., None]
    colour = np.array(list(bytes.fromhex(COLOUR[1:])), np.float32)
    return np.rint((1 - share) * picture + share * colour).astype(np.uint8)


def static(covered: Covered, painted: np.ndarray, result: str) -> Still:
    """Return the static picture: the first picture, its mask over it, and what is painted.

    Args:
        covered: the first of them is shown.
        painted: uint8 (S, S, 3), the first one's result.
        result: what the painted picture is called.
    """
    picture, mask = covered.pictures[0], covered.masks[0]
    side = min(LARGEST, len(picture))
    row = [images.resize(one, side) for one in (picture, overlaid(picture, mask), painted)]
    figure = show.pictures([row], titles=("picture", "with its mask", result))
    share = f"{100 * mask.mean():.0f} %"
    text = f"Three pictures: {covered.names[0]}; the same with a mask over {share} of it; {result}."
    return still(figure, text)
