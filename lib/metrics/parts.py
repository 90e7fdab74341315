"""How well painted faces keep to what was asked for: where each part is, and in which colour.

A painted face is parsed again (`lib.gans.part_maps.parse`), and the map found is compared with the
one that it was painted from:

    agreement = metrics.part_agreement(found, asked)             # (19,), one for each class
    print(metrics.mean(agreement))                               # mIoU of the classes asked for
    groups = [metrics.group_labels(labels) for labels in (found, asked)]
    print(metrics.mean(metrics.part_agreement(*groups, classes=8)))
"""

from __future__ import annotations

import numpy as np

from lib.labels import CLASSES, IGNORE
from lib.metrics.arrays import ScoreError, require_pictures
from lib.prepare.semantic import GROUP_OF

_GROUP_LABELS = np.arange(256, dtype=np.uint8)
_GROUP_LABELS[: len(CLASSES)] = [GROUP_OF.get(name, -1) + 1 for name in CLASSES]


def group_labels(labels: np.ndarray) -> np.ndarray:
    """Merge the classes of label maps to S4's groups.

    Args:
        labels: uint8, any shape, 0..18 or 255 for unknown.

    Returns:
        uint8, the same shape: 0 for background, 1..7 in the order of `lib.prepare.semantic.GROUPS`,
        255 for unknown.

    Raises:
        ScoreError: for another type or another class.
    """
    labels = np.asarray(labels)
    _require_labels(labels, len(CLASSES), "label maps")
    return _GROUP_LABELS[labels]


def part_agreement(found: np.ndarray, asked: np.ndarray, classes: int = len(CLASSES)) -> np.ndarray:
    """Divide, for each class, the pixels that two sets of label maps share by those of either.

    All pictures are taken together, as is usual for mIoU: a class of few pixels in one picture does
    not count as much as a large one in the next. A class that was found and never asked for has no
    score of its own; its pixels are missed by the classes that should have been there.

    Args:
        found: uint8 (N, H, W), 0..classes - 1.
        asked: uint8 (N, H, W), the same, or 255 for a pixel that does not count.
        classes: how many there are; 8 for maps of `group_labels`.

    Returns:
        float64 (classes,), 0..1; NaN for a class that was not asked for. `lib.metrics.mean` of it
        is the mIoU.

    Raises:
        ScoreError: if types or shapes are others, or there is another class.
    """
    found, asked = np.asarray(found), np.asarray(asked)
    if found.shape != asked.shape or asked.ndim != 3:
        raise ScoreError(f"found maps {found.shape} and {asked.shape}, expected both (N, H, W)")
    _require_labels(asked, classes, "maps asked for")
    pairs = np.zeros((classes, classes), np.int64)
    for one, other in zip(found, asked, strict=True):
        counts = other != IGNORE
        _require_labels(one[counts], classes, "maps found", known=True)
        numbers = other[counts].astype(np.int64) * classes + one[counts]
        pairs += np.bincount(numbers, minlength=classes**2).reshape(classes, classes)
    shared, in_asked, in_found = np.diagonal(pairs), pairs.sum(axis=1), pairs.sum(axis=0)
    return np.where(in_asked, shared / np.maximum(in_asked + in_found - shared, 1), np.nan)


def colour_faithfulness(
    pictures: np.ndarray,
    parts: np.ndarray,
    colours: np.ndarray,
    present: np.ndarray | None = None,
) -> np.ndarray:
    """Return how far the mean colour of each group is from the one that was asked for.

    Args:
        pictures: uint8 (N, H, W, 3), the faces painted.
        parts: (N, H, W, 7) of 0 and 1, the maps that they were painted on; or of other planes.
        colours: (N, 7, 3), 0..255, of whom they were to be painted.
        present: bool (N, 7), the groups that this person has, such as ``own_parts.any((1, 2))``: of
            the others there is no colour to keep. None: all.

    Returns:
        float64 (N, 7), grey levels, the mean over red, green and blue, 0 at best; NaN where the map
        or the person lacks the group.

    Raises:
        ScoreError: if types or shapes are others, or ``parts`` holds more than 0 and 1.
    """
    pictures, parts = require_pictures(pictures), np.asarray(parts)
    if parts.ndim != 4 or parts.shape[:3] != pictures.shape[:3]:
        raise ScoreError(f"found parts {parts.shape}, expected {(*pictures.shape[:3], 'groups')}")
    groups, colours = (len(parts), parts.shape[-1]), np.asarray(colours, np.float64)
    present = np.ones(groups, bool) if present is None else np.asarray(present, bool)
    if colours.shape != (*groups, 3) or present.shape != groups:
        found = f"colours {colours.shape} and present {present.shape}"
        raise ScoreError(f"found {found}, expected {(*groups, 3)} and {groups}")
    shifts = np.full(groups, np.nan)
    for row, (picture, planes) in enumerate(zip(pictures, parts, strict=True)):
        inside = _require_parts(planes)
        sizes = inside.sum(axis=0)
        sums = inside.T.astype(np.float64) @ picture.reshape(-1, 3)
        off = np.abs(sums / np.maximum(sizes, 1)[:, None] - colours[row]).mean(axis=1)
        shifts[row] = np.where((sizes > 0) & present[row], off, np.nan)
    return shifts


def _require_parts(planes: np.ndarray) -> np.ndarray:
    """Return one part map (H, W, K) of 0 and 1 as bool (pixels, K), or raise ScoreError."""
    ones = planes == 1
    if not (ones | (planes == 0)).all():
        found = f"{planes.min()} to {planes.max()}"
        raise ScoreError(f"parts: found values from {found}, expected 0 and 1 only")
    return ones.reshape(-1, planes.shape[-1])


def _require_labels(labels: np.ndarray, classes: int, meaning: str, known: bool = False) -> None:
    """Raise ScoreError for what is no class; unless all are known, 255 is one more."""
    if labels.dtype != np.uint8:
        raise ScoreError(f"{meaning}: found {labels.dtype}, expected uint8")
    beyond = labels[labels >= classes]
    if not known:
        beyond = beyond[beyond != IGNORE]
    if beyond.size:
        raise ScoreError(f"{meaning}: found class {beyond.max()}, expected 0 to {classes - 1}")
