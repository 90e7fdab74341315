"""Batches of semantic datasets, as the models of system S4 take them.

What a generator is told of a face is its *account*: planes of parts, their colours, the slope of
the light, and a face ID. S4's has seven groups and no slope, the finer one 18 parts and a slope.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from lib import images
from lib.gans.cut_outs import cut_out
from lib.labels import MIRROR
from lib.prepare import shading
from lib.prepare.semantic import GROUPS, colour_map

Batch = tuple[dict[str, np.ndarray], np.ndarray]

FIELDS = {
    "groups": ("photo", "parts", "colours", "identity"),
    "parts": ("photo", "labels", "identity"),
}
"""What `arrange` needs of a semantic dataset, by the kind of account."""

NAMES = {"groups": tuple(GROUPS), "parts": shading.PARTS}
"""The planes' names, by the kind of account."""

SPREAD = 1 / 12
"""About the standard deviation of each number of a face ID."""

MIDDLE = 127.5

SWAPPED = {"groups": np.arange(len(GROUPS)), "parts": np.array(MIRROR[1:]) - 1}
"""Which plane each one becomes in the mirror, by the kind of account: left parts become right."""


def channels_of(kind: str) -> int:
    """Return how many channels the map has: planes and colours."""
    return len(NAMES[kind]) + 3


def numbers_of(kind: str) -> int:
    """Return how long the vector is: colours, slope where there is one, face ID."""
    return 3 * len(NAMES[kind]) + (6 if kind == "parts" else 0) + 128


@dataclasses.dataclass(frozen=True)
class Account:
    """What a generator is told of faces.

    Attributes:
        planes: (N, S, S, 7 or 18) of 0 and 1: which part is where.
        colours: float32 (N, 7 or 18, 3), 0..255: of each part.
        identity: float32 (N, 128): face IDs; all 0 for nobody's.
        slope: float32 (N, 2, 3), levels: how the light falls on the skin, see
            `lib.prepare.shading`; None in S4's account.
    """

    planes: np.ndarray
    colours: np.ndarray
    identity: np.ndarray
    slope: np.ndarray | None = None

    def on(self, planes: np.ndarray) -> Account:
        """Return the same people's account on other people's planes."""
        return dataclasses.replace(self, planes=planes)

    def mirrored(self) -> Account:
        """Return what is told of the same faces in the mirror.

        Whose face it is stays as it is: dlib's network hardly minds a mirror.
        """
        swap = SWAPPED["groups" if self.slope is None else "parts"]
        slope = None if self.slope is None else self.slope * np.float32([[-1], [1]])
        return dataclasses.replace(
            self, planes=self.planes[:, :, ::-1, swap], colours=self.colours[:, swap], slope=slope
        )

    def of(self, rows: Any) -> Account:
        """Return the account of some of the faces."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return Account(**{name: None if x is None else x[rows] for name, x in fields.items()})

    def painted(self) -> np.ndarray:
        """Return the colour map, uint8 (N, S, S, 3): what doing nothing makes of an account."""
        if self.slope is None:
            return colour_map(self.planes, np.rint(self.colours).astype(np.uint8))
        levels = shading.shaded_map(self.planes, self.colours, self.slope)
        return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def account_of(arrays: Mapping[str, np.ndarray], kind: str = "groups") -> Account:
    """Make the account of a dataset's faces.

    Args:
        arrays: of `FIELDS[kind]`, as `Dataset.read` returns them; for "groups" no photo is needed.
        kind: "groups", as S4's, or "parts".

    Returns:
        The account.
    """
    identity = np.asarray(arrays["identity"], np.float32)
    if kind == "groups":
        return Account(arrays["parts"], np.asarray(arrays["colours"], np.float32), identity)
    planes = shading.planes_of(arrays["labels"])
    colours, slope = shading.describe(arrays["photo"], planes)
    return Account(planes, colours, identity, slope)


def given(account: Account) -> dict[str, np.ndarray]:
    """Return what a generator takes of an account.

    Returns:
        planes (N, S, S, K); map: planes and colour map, (N, S, S, K + 3), colours in [-1, 1];
        vector: colours, slope and identity on one scale, (N, numbers); plane_colours, (N, K, 3) in
        [-1, 1]; identity, (N, 128). All float32.
    """
    planes = np.asarray(account.planes, np.float32)
    colours = np.asarray(account.colours, np.float32) / MIDDLE - 1.0
    told = [colours, account.identity / SPREAD]
    if account.slope is not None:
        told.insert(1, account.slope / MIDDLE)
    return {
        "planes": planes,
        "map": np.concatenate([planes, images.to_network(account.painted())], axis=-1),
        "vector": np.concatenate([np.reshape(x, (len(planes), -1)) for x in told], axis=-1),
        "plane_colours": colours,
        "identity": account.identity,
    }


def arrange(arrays: dict[str, np.ndarray], kind: str = "groups") -> Batch:
    """Make a batch (x, y), for `Dataset.batches(arrange=...)`.

    The other person's map is that of the sample half a batch away.

    Args:
        arrays: of `FIELDS[kind]`, photo float32 (N, S, S, 3) in [-1, 1], the rest as on the disk.
        kind: of account.

    Returns:
        x: as `given`, and other_planes and other_map; y: the photo, black where no part is.

    Raises:
        ValueError: for a batch of one, which has no other person.
    """
    number = len(arrays["photo"])
    if number < 2:
        raise ValueError("found a batch of 1; expected 2 or more, to show other people's maps")
    levels = dict(arrays, photo=(arrays["photo"] + 1.0) * MIDDLE)
    account = account_of(levels, kind)
    x = given(account)
    other = given(account.on(np.roll(account.planes, number // 2, axis=0)))
    x |= {"other_planes": other["planes"], "other_map": other["map"]}
    return x, on_black(arrays["photo"], account.planes)


def on_black(pictures: np.ndarray, planes: np.ndarray) -> np.ndarray:
    """Leave nothing but what belongs to a part, on black.

    Args:
        pictures: float (N, S, S, 3) in [-1, 1].
        planes: (N, S, S, any) of 0 and 1.

    Returns:
        The same shape and type.
    """
    return cut_out(pictures, np.any(planes, axis=-1))
