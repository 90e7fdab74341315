"""From 19 face-part classes to seven groups, their colours, and the map painted with these.

The inputs of system S4 (semantic map <-> face), which names the groups, and whose two faults are
mended: its colours were blue first, and its way of turning them round reversed the groups, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from lib.labels import CLASSES
from lib.store import Field

GROUPS: Mapping[str, tuple[str, ...]] = {
    "skin": ("skin", "l_ear", "r_ear", "neck"),
    "eyes": ("l_eye", "r_eye"),
    "mouth": ("mouth", "u_lip", "l_lip"),
    "hair": ("hair", "l_brow", "r_brow"),
    "nose": ("nose",),
    "clothes": ("cloth",),
    "accessories": ("eye_g", "hat", "ear_r", "neck_l"),
}
"""The seven groups in S4's order, and the classes of each; background is in none."""

GROUP_OF: Mapping[str, int] = {
    part: place for place, parts in enumerate(GROUPS.values()) for part in parts
}
"""The place in `GROUPS` of each class but the background."""

MEANINGS: Mapping[str, Any] = {
    "classes": list(CLASSES),
    "groups": {name: list(parts) for name, parts in GROUPS.items()},
}
"""What a dataset's card says of the numbers in `labels`, and of the planes of `parts`."""

_MEMBERS = np.zeros((256, len(GROUPS)), np.uint8)
for _part, _place in GROUP_OF.items():
    _MEMBERS[CLASSES.index(_part), _place] = 1


def parts_of(labels: np.ndarray) -> np.ndarray:
    """Return which group each pixel of a label map belongs to.

    A label map knows one class for each pixel, so no groups overlap here; where they are annotated
    one by one they do (`lib.prepare.celebamask`).

    Args:
        labels: uint8 (..., height, width), 0..18 in the authors' order; IGNORE belongs to none.

    Returns:
        uint8 (..., height, width, 7), 0 or 1, in the order of `GROUPS`.
    """
    return np.take(_MEMBERS, labels, axis=0)


def colours_of(picture: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Return the mean colour of a picture within each group.

    Args:
        picture: uint8 (..., height, width, 3), RGB.
        parts: uint8 (..., height, width, 7), 0 or 1.

    Returns:
        uint8 (..., 7, 3), RGB; black for a group that is not there.

    Raises:
        ValueError: if the shapes do not fit.
    """
    picture, parts = np.asarray(picture), np.asarray(parts)
    expected = (*picture.shape[:-1], len(GROUPS))
    if picture.shape[-1:] != (3,) or picture.ndim < 3 or parts.shape != expected:
        found = f"picture {picture.shape} and parts {parts.shape}"
        raise ValueError(f"found {found}; expected (..., H, W, 3) and (..., H, W, {len(GROUPS)})")
    return np.rint(mean_colours(picture, parts)).astype(np.uint8)


def mean_colours(picture: np.ndarray, planes: np.ndarray) -> np.ndarray:
    """Return the mean colour of a picture within each of some planes.

    Args:
        picture: (..., height, width, 3), any range.
        planes: (..., height, width, K), 0 or 1.

    Returns:
        float32 (..., K, 3), in the picture's range; 0 for a plane that is empty.
    """
    pixels, number = picture.shape[-3] * picture.shape[-2], planes.shape[-1]
    inside = planes.reshape(*planes.shape[:-3], pixels, number).astype(np.float32)
    levels = np.ones((*picture.shape[:-3], pixels, 4), np.float32)  # the ones count pixels
    levels[..., :3] = picture.reshape(*picture.shape[:-3], pixels, 3)
    sums = np.swapaxes(inside, -1, -2) @ levels
    return sums[..., :3] / np.maximum(sums[..., 3:], 1)


def spread(planes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return at each pixel the sum of its planes' values: the way back from `mean_colours`.

    Args:
        planes: (..., height, width, K), 0 or 1.
        values: float32 (..., K, channels).

    Returns:
        float32 (..., height, width, channels); 0 where no plane is.
    """
    inside = planes.reshape(*planes.shape[:-3], -1, planes.shape[-1]).astype(np.float32)
    return (inside @ values).reshape(*planes.shape[:-1], values.shape[-1])


def colour_map(parts: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Paint a part map in flat colours: at each pixel the average of the groups that are there.

    With another person's parts this is the picture that S4's manipulation starts from.

    Args:
        parts: uint8 (..., height, width, 7), 0 or 1.
        colours: uint8 (..., 7, 3), RGB.

    Returns:
        uint8 (..., height, width, 3); background is black.

    Raises:
        ValueError: if the shapes do not fit.
    """
    parts, colours = np.asarray(parts), np.asarray(colours)
    fitting = parts.ndim >= 3 and colours.ndim >= 2 and parts.shape[-1] == len(GROUPS)
    if not fitting or colours.shape[-2:] != (len(GROUPS), 3):
        found = f"parts {parts.shape} and colours {colours.shape}"
        raise ValueError(f"found {found}; expected (..., H, W, {len(GROUPS)}) and (..., 7, 3)")
    levels = np.ones((*colours.shape[:-1], 4), np.float32)  # the ones count groups
    levels[..., :3] = colours
    painted = spread(parts, levels)
    return np.rint(painted[..., :3] / np.maximum(painted[..., 3:], 1)).astype(np.uint8)


def shrink_labels(labels: np.ndarray, size: int) -> np.ndarray:
    """Bring a label map to a size by the vote of the area that each pixel covers.

    The nearest pixel alone would keep or drop a line one pixel wide by where it lies; averages of
    class numbers mean nothing. In a tie the class later in the authors' order wins, as it does
    where their annotations overlap, so that a mirrored map gives the mirrored result.

    Args:
        labels: uint8 (height, width).
        size: new height and width, pixels; towards a larger map pixels are repeated.

    Returns:
        uint8 (size, size), of the values there were.
    """
    if min(labels.shape) <= size:
        return cv2.resize(labels, (size, size), interpolation=cv2.INTER_NEAREST_EXACT)
    winner, most = np.zeros((size, size), np.uint8), np.zeros((size, size), np.uint8)
    present = cv2.calcHist([labels], [0], None, [256], [0, 256])
    for value in np.flatnonzero(present)[::-1]:
        share = _shrink(cv2.compare(labels, int(value), cv2.CMP_EQ), size)
        ahead = share > most
        winner[ahead] = value
        most = cv2.max(most, share)
    return winner


def shrink_parts(planes: np.ndarray, size: int) -> np.ndarray:
    """Bring the planes of groups to a size: a pixel is in a group that covers at least half of it.

    S4 takes every pixel that is touched at all, which makes all parts half a pixel too large on
    each side, and thin ones twice as wide.

    Args:
        planes: uint8 (7, height, width), 0 or 255.
        size: new height and width, pixels; towards larger planes pixels are repeated.

    Returns:
        uint8 (size, size, 7), 0 or 1.
    """
    if min(planes.shape[1:]) <= size:
        nearest = cv2.INTER_NEAREST_EXACT
        shares = [cv2.resize(plane, (size, size), interpolation=nearest) for plane in planes]
    else:
        shares = [_shrink(plane, size) for plane in planes]
    return np.stack([share >> 7 for share in shares], axis=-1)


def _shrink(plane: np.ndarray, size: int) -> np.ndarray:
    """Return how much of each pixel is covered, 0..255; a half is 128."""
    return cv2.resize(plane, (size, size), interpolation=cv2.INTER_AREA)


def fields(size: int) -> list[Field]:
    """Return the arrays that every annotated face has: photo, labels, parts, colours."""
    return [
        Field("photo", (size, size, 3)),
        Field("labels", (size, size), kind="labels"),
        Field("parts", (size, size, len(GROUPS)), kind="mask"),
        Field("colours", (len(GROUPS), 3), kind="vector"),
    ]


def arrange(
    photo: np.ndarray, labels: np.ndarray, parts: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Put a sample together.

    Args:
        photo: uint8 (size, size, 3).
        labels: uint8 label map of any square size, in the authors' order.
        parts: uint8 (size, size, 7) where parts were annotated one by one. What the label map has
            at a pixel is added, so that none of its pixels is without a group.

    Returns:
        The arrays of `fields`.
    """
    labels = shrink_labels(labels, len(photo))
    seen = parts_of(labels)
    parts = seen if parts is None else parts | seen
    colours = colours_of(photo, parts)
    return {"photo": photo, "labels": labels, "parts": parts, "colours": colours}
