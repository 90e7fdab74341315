"""Augmentation that keeps a sample's arrays together: one change, applied to every field.

A mirrored picture has a mirrored mask, a label map whose left and right parts have changed names,
and landmarks that are renumbered as well as moved.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from lib import labels, landmark_order
from lib.store.rows import Field, StoreError

RASTERS = ("picture", "mask", "labels")
"""The kinds that are pixels, (height, width) or (height, width, channels)."""

MIRRORED_CLASSES = np.arange(256, dtype=np.uint8)  # IGNORE and unknown values stay
MIRRORED_CLASSES[: len(labels.MIRROR)] = labels.MIRROR

_SHARES = np.linspace(0, 1, 256)
"""Every level of a picture as a share of white."""


@dataclass(frozen=True)
class Change:
    """What happens to one sample: a mirror, then a turn and a scaling about the centre, a shift.

    After those, pictures alone get another light.

    Attributes:
        mirrored: whether left and right are exchanged.
        shift: right and down, in widths and heights.
        scale: factor; above one the face grows.
        angle: degrees, clockwise as seen.
        brightness: factor on the levels of pictures.
        colour: further factors on red, green and blue.
        gamma: exponent on the levels, as shares of white, before the factors.
    """

    mirrored: bool = False
    shift: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    angle: float = 0.0
    brightness: float = 1.0
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    gamma: float = 1.0

    def matrix(self, height: int, width: int) -> np.ndarray:
        """Return the (2, 3) map from old to new pixel coordinates, pixel centres at integers."""
        angle = math.radians(self.angle)  # plain numbers: every field of every sample comes here
        down, aside = self.scale * math.cos(angle), self.scale * math.sin(angle)
        across, below = (-down, -aside) if self.mirrored else (down, aside)
        x, y = (width - 1) / 2, (height - 1) / 2
        right = x - across * x + aside * y + self.shift[0] * width
        lower = y - below * x - down * y + self.shift[1] * height
        return np.array([[across, -aside, right], [below, down, lower]])

    def apply(self, field: Field, array: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Return the changed array of one field.

        Args:
            field: what the array is.
            array: of the field's shape and dtype.
            size: height and width of the picture that landmarks are measured in.

        Returns:
            The same shape and dtype. What comes in from outside repeats the edge.

        Raises:
            StoreError: if other landmarks than the 68 are to be mirrored.
        """
        if field.kind == "landmarks":
            return self._landmarks(field, array, size)
        if field.kind not in RASTERS:
            return array
        if (self.mirrored, self.shift, self.scale, self.angle) != (False, (0.0, 0.0), 1.0, 0.0):
            array = self._warp(array, smoothly=field.kind == "picture")
        if field.kind == "labels" and self.mirrored:
            return MIRRORED_CLASSES[array]
        if field.kind == "picture" and (*self.colour, self.brightness, self.gamma) != (1.0,) * 5:
            return self._relight(array)
        return array

    def _warp(self, array: np.ndarray, smoothly: bool) -> np.ndarray:
        height, width = array.shape[:2]
        method = cv2.INTER_LINEAR if smoothly else cv2.INTER_NEAREST
        warped = cv2.warpAffine(
            array,
            self.matrix(height, width),
            (width, height),
            flags=method,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return warped.reshape(array.shape)

    def _landmarks(self, field: Field, points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        matrix = self.matrix(*size)
        moved = (points @ matrix[:, :2].T + matrix[:, 2]).astype(points.dtype)
        if not self.mirrored:
            return moved
        if len(points) != len(landmark_order.MIRROR):
            found = f"field {field.name} has {len(points)} points"
            raise StoreError(
                f"{found}; only the 68 can be mirrored: use Augmentation(mirror=False)"
            )
        return moved[list(landmark_order.MIRROR)]

    def _relight(self, picture: np.ndarray) -> np.ndarray:
        factors = self.brightness * np.array(self.colour)
        if picture.dtype == np.uint8:
            levels = np.minimum(np.multiply.outer(_SHARES**self.gamma, 255 * factors), 255)
            return cv2.LUT(picture, np.rint(levels).astype(np.uint8)[None])
        return (picture.clip(0) ** self.gamma * factors).astype(picture.dtype)


@dataclass(frozen=True)
class Augmentation:
    """The range of changes to draw from; each is uniform, and zero turns it off.

    Attributes:
        mirror: whether half of the samples are mirrored.
        shift: largest shift, in widths and heights, 0..0.5.
        scale: largest growth: 0.1 gives factors from 1/1.1 to 1.1, at most 1.
        rotation: largest turn either way, in degrees.
        brightness: largest change of brightness: 0.2 gives factors from 0.8 to 1.2, at most 1.
        colour: the same for each of red, green and blue by itself.
        gamma: largest change of contrast: 0.3 gives exponents from 1/1.3 to 1.3, at most 1.

    Raises:
        ValueError: if a range is outside its limits.
    """

    mirror: bool = True
    shift: float = 0.0
    scale: float = 0.0
    rotation: float = 0.0
    brightness: float = 0.0
    colour: float = 0.0
    gamma: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        light = {"brightness": 1, "colour": 1, "gamma": 1}
        limits: Mapping[str, float] = {"shift": 0.5, "scale": 1, "rotation": 180, **light}
        for name, limit in limits.items():
            if not 0 <= getattr(self, name) <= limit:
                found = f"{name} = {getattr(self, name)}"
                raise ValueError(f"augmentation: {found}; expected 0 to {limit}")

    def draw(self, generator: np.random.Generator) -> Change:
        """Draw the change of one sample; always takes ten numbers from the generator."""
        mirror = generator.random()
        right, down, growth, turn, light, bend, *tint = generator.uniform(-1, 1, 9)
        return Change(
            mirrored=self.mirror and mirror < 0.5,
            shift=(right * self.shift, down * self.shift),
            scale=(1 + self.scale) ** growth,
            angle=turn * self.rotation,
            brightness=1 + light * self.brightness,
            colour=tuple(1 + channel * self.colour for channel in tint),
            gamma=(1 + self.gamma) ** bend,
        )
