"""Shine by spreading surface colours: Yang, Tang and Ahuja 2015.

Q. Yang, J. Tang and N. Ahuja, "Efficient and robust specular highlight removal", PAMI 37 (2015),
and Q. Yang, S. Wang and N. Ahuja, "Real-time specular highlight removal using bilateral filtering",
ECCV 2010. White shine makes the greatest chromaticity of a pixel smaller. A bilateral filter passes
it on from pixels without shine to those with some; whose surface is the same is told by a guide
that shine cannot change. The filter takes the same time whatever its reach: Q. Yang, K.-H. Tan and
N. Ahuja, "Real-time O(1) bilateral filtering", CVPR 2009.
"""

from __future__ import annotations

import cv2
import numpy as np

from lib.prepare.specular.light import chromaticity, is_coloured, trust

REACH = 0.25
"""Standard deviation of the filter in space, in shorter sides of the picture (the authors')."""

SIMILAR = 0.04
"""Standard deviation of the filter in the guide (the authors')."""

SETTLED = 0.03
"""Growth of a greatest chromaticity below which it is left (the authors')."""

ROUNDS = 10
"""Filterings at most; they settle before."""

_COARSE = 48
"""Pixels of the shorter side of the grid on which is blurred: the blur is far wider than a cell."""


def guide(colours: np.ndarray) -> np.ndarray:
    """Return the approximate greatest chromaticity of the surface (ECCV 2010, section 2.2).

    Args:
        colours: (..., 3) chromaticities.

    Returns:
        (...), 1/2..1, the same with shine and without; 1/2 for greys, which tell nothing.
    """
    least, greatest = colours.min(axis=-1), colours.max(axis=-1)
    coloured = is_coloured(colours)
    return np.where(coloured, (greatest - least) / np.where(coloured, 1 - 3 * least, 1), 0.5)


def _shrink(values: np.ndarray, factor: int) -> np.ndarray:
    height, width = (-(-side // factor) for side in values.shape[:2])
    return cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA)


class JointFilter:
    """A bilateral filter of one guide: range weights at a few levels of it, between them a line.

    At one level the weights depend on the place only, so that filtering is blurring (CVPR 2009,
    section 3). The blur runs on a coarse grid.
    """

    def __init__(self, guide: np.ndarray, counted: np.ndarray, reach: float) -> None:
        """Prepare for a guide.

        Args:
            guide: float32 (H, W).
            counted: bool (H, W), the pixels that have a say; at least one.
            reach: standard deviation in space, pixels.
        """
        self.factor = max(1, min(guide.shape) // _COARSE)
        self.sigma = max(reach / self.factor, 0.3)
        self.counted = counted.astype(np.float32)
        low, high = float(guide[counted].min()), float(guide[counted].max())
        count = 1 + max(1, int(np.ceil((high - low) / SIMILAR)))
        self.levels = np.linspace(low, max(high, low + SIMILAR), count, dtype=np.float32)
        self.guide = guide
        place = (np.clip(guide, low, high) - low) / (self.levels[1] - self.levels[0])
        self.lower = np.minimum(place.astype(np.int32), count - 2)
        self.rest = place - self.lower

    def _blur(self, values: np.ndarray) -> np.ndarray:
        coarse = _shrink(values, self.factor)
        blurred = cv2.GaussianBlur(coarse, (0, 0), self.sigma, borderType=cv2.BORDER_CONSTANT)
        return cv2.resize(blurred, values.shape[::-1], interpolation=cv2.INTER_LINEAR)

    def _at(self, level: np.float32, values: np.ndarray) -> np.ndarray:
        weights = self.counted * np.exp(-0.5 * ((self.guide - level) / SIMILAR) ** 2)
        total = self._blur(weights)
        return np.where(
            total > 1e-6, self._blur(weights * values) / np.maximum(total, 1e-6), values
        )

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Filter float32 (H, W) values."""
        filtered = np.zeros_like(values)
        for index, level in enumerate(self.levels):
            share = np.where(self.lower == index, 1 - self.rest, 0)
            share += np.where(self.lower == index - 1, self.rest, 0)
            filtered += share * self._at(level, values)
        return filtered


def spread(greatest: np.ndarray, joint: JointFilter, inside: np.ndarray) -> np.ndarray:
    """Raise greatest chromaticities to the filtered ones until none grows any more.

    Args:
        greatest: float32 (H, W), 1/3..1.
        joint: the filter, already guided.
        inside: bool (H, W), where they may grow.

    Returns:
        float32 (H, W), nowhere less.
    """
    for _ in range(ROUNDS):
        filtered = joint(greatest)
        if not (filtered - greatest > SETTLED)[inside].any():
            break
        greatest = np.where(inside, np.maximum(greatest, filtered), greatest)
    return greatest


def diffuse(light: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Take off what makes a pixel's greatest chromaticity less than its surface's; as in `METHODS`.

    Greys have no greatest chromaticity that could be raised, and stay as they are.
    """
    colours = chromaticity(light)
    inside = inside & is_coloured(colours)
    if not inside.any():
        return light
    joint = JointFilter(guide(colours).astype(np.float32), inside, REACH * min(inside.shape))
    greatest = spread(colours.max(axis=-1), joint, inside)
    # greatest chromaticity of (light - shine) is that of the surface: solved for the shine
    shine = greatest * light.sum(axis=-1) - light.max(axis=-1)
    shine = np.where(inside, shine, 0) / np.where(inside, 3 * greatest - 1, 1)
    return light - (trust(colours) * np.maximum(shine, 0))[..., None]
