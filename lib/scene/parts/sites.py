"""Where on a head its parts sit: all that parts need to know of it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from lib.scene.head import EXPRESSIONS, Head

_EAR = (107.0, -13.0)
_NASION = (0.0, 4.0)
_HOLLOWS = ((0.0, -54.0), (0.0, -79.0))
"""Places on the unwrapped skin, mm: before the ear canal, between the eyes, round the lips."""
_SKULL_END = -30.0
"""Height on the unwrapped skin at which the skull's grid ends, mm: the nape."""
_JAW_OPEN = EXPRESSIONS.index("jaw_open")


@dataclass(frozen=True, eq=False)
class Sites:
    """Places and measures of one head, in mm and standard deviations.

    Attributes:
        eye_centres: (2, 3) of the eyeballs, the subject's right one first.
        ears: (2, 3) points of the skin in front of the ear canals, the right one first.
        mouth: (3,) where the closed lips meet in the middle of the face, without expression.
        nasion: (3,) the skin between the eyes, where glasses rest.
        skull: (rows, columns, 3) grid of the head's surface. The first row is the crown; the rows
            go down to the nape. The columns go from the middle of the back over the subject's
            right, the face (the middle column) and the left to the middle of the back again.
        jaw_opening: weight of the expression that opens the jaw, 0 to 1.
        ear_size: in standard deviations.
        ear_flare: how far the ears stand out, in standard deviations.
        neck_width: in standard deviations.
        hollows: (2, 3) of the skin over the upper and under the lower lip, behind which the gums
            lie; none: the face does not recede there.
    """

    eye_centres: np.ndarray
    ears: np.ndarray
    mouth: np.ndarray
    hollows: np.ndarray
    nasion: np.ndarray
    skull: np.ndarray
    jaw_opening: float = 0.0
    ear_size: float = 0.0
    ear_flare: float = 0.0
    neck_width: float = 0.0


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The few vertices of a head that parts sit on, as a linear model of their own.

    Attributes:
        mean: (n, 3) float32 mm.
        identity: (3 n, modes) float32, sparse.
        rows: how many rows of the head's grid belong to the skull.
    """

    mean: np.ndarray
    identity: csr_array
    rows: int

    def shape(self, shape: np.ndarray) -> np.ndarray:
        """Return the vertices of one head, (n, 3) mm."""
        return self.mean + (self.identity @ np.asarray(shape, np.float32)).reshape(-1, 3)


def _nearest(unwrapped: np.ndarray, place: tuple[float, float]) -> int:
    """Return the vertex nearest to a place of the unwrapped skin."""
    return int(np.abs(unwrapped - place).sum(axis=1).argmin())


@functools.cache
def _choose(head: Head) -> _Chosen:
    """Pick the single places and the rows of the skull."""
    height = head.unwrapped[:, 1]
    columns = int((height == height[0]).argmin())
    rows = int((height[: 40 * columns : columns] > _SKULL_END).sum())
    skull = np.arange(rows * columns)
    lips = head.slits["mouth"].upper
    single = [
        *(_nearest(head.unwrapped, (side * _EAR[0], _EAR[1])) for side in (-1, 1)),
        lips[len(lips) // 2],
        *(_nearest(head.unwrapped, place) for place in _HOLLOWS),
        _nearest(head.unwrapped, _NASION),
    ]
    used = np.concatenate([single, skull])
    identity = csr_array(head.identity[:, used].reshape(len(head.identity), -1).T)
    return _Chosen(head.mean[used], identity, rows)


def locate(head: Head, shape: np.ndarray, expression: np.ndarray) -> Sites:
    """Find where the parts of one head sit.

    Args:
        head: the head model.
        shape: (modes,) identity coefficients, standard deviations.
        expression: (expressions,) weights.

    Returns:
        The places; they belong to the skull and follow no expression but the jaw's opening.
    """
    chosen = _choose(head)
    points = chosen.shape(shape)
    return Sites(
        eye_centres=head.eye_centres(shape),
        ears=points[:2],
        mouth=points[2],
        hollows=points[3:5],
        nasion=points[5],
        skull=points[6:].reshape(chosen.rows, -1, 3),
        jaw_opening=float(expression[_JAW_OPEN]),
        ear_size=head.value(shape, "ear_size"),
        ear_flare=head.value(shape, "ear_flare"),
        neck_width=head.value(shape, "neck_width"),
    )
