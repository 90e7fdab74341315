"""The expression modes: how muscles move the face, each at full strength."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.scene.curves import MOUTH_HALF_WIDTH, MOUTH_HEIGHT
from lib.scene.head.features import nasolabial_fold
from lib.scene.head.fields import bell, beyond, step

EXPRESSIONS = (
    *("jaw_open", "smile", "smirk", "brow_raise", "brow_raise_inner", "brow_lower", "brow_cock"),
    *("blink_left", "blink_right", "squint", "wide_eyes", "pucker", "frown", "sneer", "stretch"),
    *("mouth_sideways", "lips_part", "cheek_puff"),
)
"""Left and right are the subject's; "smirk" and "brow_cock" are a smile and a raised brow on the
left only; negative weights of "mouth_sideways" move it to the right. Blinks, "squint" and
"wide_eyes" act on the lids, outside the linear basis."""
JAW_ANGLE = 17.0
"""Degrees by which the jaw turns at full opening."""
JAW_AXIS = (-22.0, 8.0)
"""y and z of the axis it turns about, below the ear canals, mm."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where on the canonical face the vertices lie.

    Attributes:
        x: (V,) mm.
        y: (V,) mm.
        below: (V,) whether a vertex belongs to the lower lip or lies below it.
    """

    x: np.ndarray
    y: np.ndarray
    below: np.ndarray

    @property
    def beside(self) -> np.ndarray:
        """(V,) distance from the middle of the face, mm."""
        return np.abs(self.x)

    @property
    def over_mouth(self) -> np.ndarray:
        """(V,) height over the line between the lips, mm."""
        return self.y - MOUTH_HEIGHT

    @property
    def corners(self) -> np.ndarray:
        """(V,) nearness to the corners of the mouth, 0 to 1."""
        return bell(self.beside - MOUTH_HALF_WIDTH, 13) * bell(self.over_mouth, 13)

    def pull(self, height: float) -> np.ndarray:
        """(V,) how far the corners of the mouth take the lips along, sideways: -1 to 1."""
        along = np.clip(self.x / MOUTH_HALF_WIDTH, -1, 1)
        return along * beyond(self.beside, MOUTH_HALF_WIDTH, 14) * bell(self.y - height, 15)


def _smile(place: Place) -> np.ndarray:
    """Zygomaticus major: corners out, up and back; cheeks bulge upwards, folds deepen."""
    along = np.clip(place.beside / MOUTH_HALF_WIDTH, 0, 1)
    cheek = bell(place.beside - 40, 13) * bell(place.y + 30, 13)
    up = 6.3 * place.corners * along**1.5 + 3.0 * cheek
    up -= 0.8 * bell(place.x, 12) * bell(place.y + 72, 9)
    out = 2.8 * cheek - 3.0 * place.corners - 1.8 * bell(place.over_mouth, 11) * bell(place.x, 30)
    out += 1.2 * nasolabial_fold(place.x, place.y)
    return _stack(6.0 * place.pull(MOUTH_HEIGHT), up, out)


def _brow_raise(place: Place) -> np.ndarray:
    """Frontalis."""
    return _stack(up=5.0 * bell(place.y - 21, 11) * bell(place.beside - 33, 26))


def _brow_raise_inner(place: Place) -> np.ndarray:
    """Frontalis, its middle part alone: worry."""
    return _stack(up=4.5 * bell(place.y - 21, 10) * bell(place.x, 19))


def _brow_lower(place: Place) -> np.ndarray:
    """Corrugator and procerus: the brows down and together."""
    inner = bell(place.y - 20, 10) * bell(place.beside - 17, 12)
    whole = bell(place.y - 21, 11) * bell(place.beside - 33, 26)
    across = -2.2 * np.tanh(place.x / 5.0) * inner
    return _stack(across, -3.6 * inner - 1.8 * whole, inner)


def _pucker(place: Place) -> np.ndarray:
    """Orbicularis oris."""
    ring = bell(place.over_mouth, 15) * beyond(place.beside, 20, 16)
    thicker = 0.9 * bell(place.over_mouth, 9) * bell(place.x, 12)
    forward = 6.0 * bell(place.over_mouth, 12) * bell(place.x, 18)
    up = thicker * np.tanh(place.over_mouth / 2.0)
    return _stack(-0.34 * place.x * ring, up, forward)


def _frown(place: Place) -> np.ndarray:
    """Depressor anguli oris and mentalis: corners down, the lower lip up."""
    along = np.clip(place.beside / MOUTH_HALF_WIDTH, 0, 1)
    lip = bell(place.x, 12) * bell(place.y + 73, 8)
    return _stack(up=1.2 * lip - 4.5 * place.corners * along**2)


def _sneer(place: Place) -> np.ndarray:
    """Levator labii superioris alaeque nasi: wings of the nose and upper lip up."""
    wing = bell(place.beside - 15, 9) * bell(place.y + 42, 13) * step(place.over_mouth, 0, 8)
    return _stack(up=3.0 * wing, out=1.0 * nasolabial_fold(place.x, place.y))


def _stretch(place: Place) -> np.ndarray:
    """Risorius: the mouth wide."""
    return _stack(4.5 * place.pull(MOUTH_HEIGHT - 2))


def _mouth_sideways(place: Place) -> np.ndarray:
    """The mouth to the subject's left."""
    return _stack(4.0 * bell(place.y + 70, 20) * beyond(place.beside, 20, 18))


def _lips_part(place: Place) -> np.ndarray:
    """The lips open over closed teeth."""
    inside = np.maximum(1 - (place.x / MOUTH_HALF_WIDTH) ** 2, 0) ** 0.8
    near = bell(place.over_mouth, 8) * inside
    return _stack(up=np.where(place.below, -3.2, 2.6) * near)


def _cheek_puff(place: Place) -> np.ndarray:
    """Cheeks full of air."""
    cheek = bell(place.beside - 42, 13) * bell(place.y + 60, 14)
    return _stack(4.0 * np.sign(place.x) * cheek, out=4.0 * cheek)


def _smirk(place: Place) -> np.ndarray:
    return _smile(place) * step(place.x, -6, 14)[:, None]


def _brow_cock(place: Place) -> np.ndarray:
    return _brow_raise(place) * step(place.x, 0, 14)[:, None]


MUSCLES: dict[str, Callable[[Place], np.ndarray]] = {
    "smile": _smile,
    "smirk": _smirk,
    "brow_raise": _brow_raise,
    "brow_raise_inner": _brow_raise_inner,
    "brow_lower": _brow_lower,
    "brow_cock": _brow_cock,
    "pucker": _pucker,
    "frown": _frown,
    "sneer": _sneer,
    "stretch": _stretch,
    "mouth_sideways": _mouth_sideways,
    "lips_part": _lips_part,
    "cheek_puff": _cheek_puff,
}
"""(V, 3) displacement in mm by each expression that is linear by construction."""


def jaw_weights(unwrapped: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Tell which share of the jaw's turn each vertex follows.

    Args:
        unwrapped: (V, 2) place on the unwrapped skin, mm.
        below: (V,) whether a vertex belongs to the lower lip or lies below it.

    Returns:
        (V,) 0 to 1: the lips part by the slit between them, the cheeks stretch smoothly.
    """
    beside, y = np.abs(unwrapped[:, 0]), unwrapped[:, 1]
    parting = 6.5 * np.clip(1 - (beside / MOUTH_HALF_WIDTH) ** 2, 0, 1) ** 0.5
    under = MOUTH_HEIGHT - y + np.where(below, parting, -parting)
    along = np.clip(under / (6.5 + 30 * step(beside, 14, 60)), -1, 1)
    weight = 0.5 + 0.625 * along - 0.125 * along**3
    return weight * (1 - step(beside, 58, 106)) * (1 - step(-y, 112, 165))


def open_jaw(vertices: np.ndarray, place: Place, weights: np.ndarray, amount: float) -> np.ndarray:
    """Turn the jaw about its axis and draw the corners of the mouth in a little.

    Args:
        vertices: (V, 3) mm.
        place: where they lie on the face.
        weights: (V,) of `jaw_weights`.
        amount: 0 closed to 1 wide open.

    Returns:
        (V, 3) moved vertices, mm.
    """
    angle = np.radians(JAW_ANGLE) * amount * weights
    up, out = vertices[:, 1] - JAW_AXIS[0], vertices[:, 2] - JAW_AXIS[1]
    drawn_in = np.sign(place.x) * bell(place.y + 64, 16) * bell(place.beside - 27, 12)
    drawn_in = np.where(vertices[:, 2] > 30, drawn_in, 0)
    return np.stack(
        [
            vertices[:, 0] - 2.5 * amount * drawn_in,
            up * np.cos(angle) - out * np.sin(angle) + JAW_AXIS[0] - 1.5 * amount * weights,
            up * np.sin(angle) + out * np.cos(angle) + JAW_AXIS[1],
        ],
        axis=-1,
    )


def _stack(
    across: np.ndarray | float = 0.0, up: np.ndarray | float = 0.0, out: np.ndarray | float = 0.0
) -> np.ndarray:
    """(V, 3) of components of which some may be 0."""
    return np.stack(np.broadcast_arrays(across, up, out), axis=-1)
