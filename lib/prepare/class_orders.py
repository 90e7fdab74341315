"""The two orders of face-part classes in circulation, told apart and turned into one.

Label maps look alike whichever order their numbers follow, and a network trained on one order reads
hair as a lower lip in the other. "authors" is that of CelebAMask-HQ (`lib.labels.CLASSES`; Lee et
al., CVPR 2020), "bisenet" that of zllrunning's face-parsing network, the parser most in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lib.labels import CLASSES, IGNORE

BISENET: tuple[str, ...] = (
    "background",
    "skin",
    "l_brow",
    "r_brow",
    "l_eye",
    "r_eye",
    "eye_g",
    "l_ear",
    "r_ear",
    "ear_r",
    "nose",
    "mouth",
    "u_lip",
    "l_lip",
    "neck",
    "neck_l",
    "cloth",
    "hair",
    "hat",
)
"""Class names by index in zllrunning's face-parsing.PyTorch."""

ORDERS: Mapping[str, tuple[str, ...]] = {"authors": CLASSES, "bisenet": BISENET}
"""Class names by index, for each order."""

DOWNWARDS: Sequence[tuple[str, ...]] = (
    ("l_brow", "r_brow"),
    ("l_eye", "r_eye"),
    ("nose",),
    ("u_lip",),
    ("l_lip",),
    ("neck",),
    ("cloth",),
)
"""What an upright face shows from top to bottom. Hair is not among it: it may hang to the waist."""

AGREED = 0.8
"""The share of maps that must speak for one order."""


class OrderError(ValueError):
    """Label maps whose order cannot be told, or that are none: one line with what to do."""


def to_authors_order(labels: np.ndarray, order: str) -> np.ndarray:
    """Renumber label maps as the dataset's authors number the classes.

    Args:
        labels: uint8 label maps of any shape, 0..18 or `lib.labels.IGNORE`.
        order: the order that their numbers follow, one of `ORDERS`.

    Returns:
        uint8 of the same shape, 0..18 in the order of `lib.labels.CLASSES`; IGNORE stays.

    Raises:
        OrderError: if there is no such order, or a number means no class.
    """
    if order not in ORDERS:
        raise OrderError(f"found order = {order!r}; expected one of {', '.join(ORDERS)}")
    labels = require_classes(labels)
    table = np.arange(256, dtype=np.uint8)
    table[: len(CLASSES)] = [CLASSES.index(name) for name in ORDERS[order]]
    return table[labels]


def require_classes(labels: np.ndarray) -> np.ndarray:
    """Return label maps, if all their numbers mean classes.

    Args:
        labels: of any shape.

    Raises:
        OrderError: naming a number that means none.
    """
    labels = np.asarray(labels)
    if labels.dtype != np.uint8:
        raise OrderError(f"found labels of {labels.dtype}; expected uint8, 0..18 or {IGNORE}")
    used = np.bincount(labels.ravel(), minlength=256)[len(CLASSES) : IGNORE]
    if used.any():
        found = int(np.flatnonzero(used)[0]) + len(CLASSES)
        raise OrderError(f"found the number {found} in a label map; expected 0..18 or {IGNORE}")
    return labels


def agreement(labels: np.ndarray, order: str) -> float:
    """Say how well a map fits an order: whether its parts lie as on an upright face.

    Args:
        labels: uint8 (height, width), 0..18 or IGNORE.
        order: one of `ORDERS`.

    Returns:
        The share of neighbours in `DOWNWARDS`, parts that are not there left out, whose middles
        lie one below the other; NaN where there are fewer than two parts.
    """
    rows = np.arange(len(labels))
    heights = []
    for part in DOWNWARDS:
        numbers = [ORDERS[order].index(name) for name in part]
        counts = np.isin(labels, numbers).sum(axis=1)
        if counts.any():
            heights.append(float(counts @ rows / counts.sum()))
    return float(np.mean(np.diff(heights) > 0)) if len(heights) > 1 else float("nan")


def guess_order(maps: Iterable[np.ndarray]) -> str:
    """Tell from some label maps which order their numbers follow.

    Skin (1) and the eyes (4, 5) have the same numbers in both. The rest gives it away by where it
    lies: 2 is a nose under the eyes, or a brow over them; 13 the hair, or a lip under the nose; 17
    and 18 are neck and clothes, or hair and hat. Each map speaks for the order in which more of its
    parts lie as on an upright face (`agreement`).

    Args:
        maps: uint8 (height, width) each; a few dozen are plenty.

    Returns:
        "authors" or "bisenet".

    Raises:
        OrderError: if fewer than `AGREED` of the maps speak for one order, or none speaks.
    """
    votes = dict.fromkeys(ORDERS, 0)
    number = 0
    for labels in maps:
        number += 1
        labels = require_classes(labels)
        fits = {order: agreement(labels, order) for order in ORDERS}
        best = max(fits, key=lambda order: fits[order])
        if fits[best] > min(fits.values()):
            votes[best] += 1
    winner = max(votes, key=lambda order: votes[order])
    if not votes[winner] or votes[winner] < AGREED * sum(votes.values()):
        counts = ", ".join(f"{votes[order]} speak for {order!r}" for order in ORDERS)
        remedy = "state it: order='authors' or order='bisenet'"
        raise OrderError(f"cannot tell the order of classes: of {number} maps {counts}; {remedy}")
    return winner
