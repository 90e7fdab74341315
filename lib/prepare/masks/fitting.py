"""From a picture's landmarks to the flat space in which masks are drawn.

Face space: x runs from -1 to 1 between the jaw's points 1 and 15, y downwards from 0 on the nose
bridge (point 28) to 1.63 at the chin of the mean frontal face; y goes on to 2.4 along the neck. A
thin-plate spline (Bookstein 1989, "Principal Warps") takes the picture's pixels there, and so what
is drawn flat follows turn, tilt and width of the face.
"""

from __future__ import annotations

import functools

import cv2
import numpy as np

# fmt: off
_PLACES: dict[int, tuple[float, float]] = {
    0: (-1.01, -0.10), 1: (-1.00, 0.16), 2: (-0.97, 0.43), 3: (-0.91, 0.70), 4: (-0.84, 0.95),
    5: (-0.72, 1.21), 6: (-0.51, 1.43), 7: (-0.27, 1.59), 8: (0.0, 1.63), 9: (0.27, 1.59),
    10: (0.51, 1.43), 11: (0.72, 1.21), 12: (0.84, 0.95), 13: (0.91, 0.70), 14: (0.97, 0.43),
    15: (1.00, 0.16), 16: (1.01, -0.10), 28: (0.0, 0.0), 30: (0.0, 0.38), 33: (0.0, 0.60),
    36: (-0.66, -0.11), 45: (0.66, -0.11), 27: (0.0, -0.20),
}
# fmt: on
"""Mean frontal face of the lab's own head, in face space: the landmarks that carry a mask."""

_BELOW = {5: 0.62, 8: 0.42, 11: 0.62}
"""How far below a point of the jaw the neck is pinned down, in lengths from bridge to chin."""

_STIFFNESS = 2e-3
"""How much the spline smooths: landmarks of detectors are whole numbers, and err by more."""

_STIFFNESS_TURNED = 0.8
"""By how much more for a face in profile, whose nose would fold the spline over the far cheek."""


def _anchors(points: np.ndarray) -> np.ndarray:
    """Return where the anchors lie in the picture, float64 (26, 2)."""
    down = points[8] - points[28]
    neck = [points[index] + share * down for index, share in _BELOW.items()]
    return np.vstack([points[list(_PLACES)], neck])


@functools.cache
def _targets() -> np.ndarray:
    neck = [(_PLACES[i][0], _PLACES[i][1] + share * 1.63) for i, share in _BELOW.items()]
    return np.array([*_PLACES.values(), *neck])


def _turn(points: np.ndarray) -> float:
    """Return how far the head is turned: 0 for frontal, 1 where the nose meets the jaw's line."""
    right, left = np.linalg.norm(points[[1, 15]] - points[30], axis=1)
    return float(abs(right - left) / max(right + left, 1e-6))


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squared = ((a[:, None] - b[None]) ** 2).sum(axis=2)
    return squared * np.log(squared + 1e-12)


class Fit:
    """The way from the pixels around one face to face space.

    Attributes:
        corner: (x, y) of the region's first pixel, whole numbers; may lie outside the picture.
        places: float32 (height, width, 2): the region's pixels in face space.
        reach: float32 (height, width) in [0, 1]: 0 where the spline only guesses.
        unit: pixels of one unit of face space.
    """

    def __init__(self, points: np.ndarray) -> None:
        anchors = _anchors(points)
        self.unit = float(np.linalg.norm(points[8] - points[28])) / 1.63
        margin = 0.35 * self.unit
        low = np.floor(np.minimum(anchors.min(axis=0), points[17:27].min(axis=0)) - margin).astype(
            int
        )
        high = np.ceil(anchors.max(axis=0) + margin).astype(int)
        step = max(1, int(self.unit / 12))
        columns, rows = (high - low) // step + 1
        # Resizing by a whole factor puts coarse sample i at the centre of `step` fine pixels.
        y, x = np.mgrid[:rows, :columns] * step + (step - 1) / 2
        pixels = np.stack([x.ravel(), y.ravel()], axis=1) + low
        stiffness = _STIFFNESS + _STIFFNESS_TURNED * _turn(points) ** 2
        coarse = (
            self._spline(anchors, pixels, stiffness).reshape(rows, columns, 2).astype(np.float32)
        )
        size = (int(columns) * step, int(rows) * step)
        self.corner = (int(low[0]), int(low[1]))
        self.places = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
        self.reach = self._hull(np.vstack([anchors, points[17:27]]) - low, size)

    def _spline(self, anchors: np.ndarray, pixels: np.ndarray, stiffness: float) -> np.ndarray:
        """Return where pixels, (N, 2), lie in face space, float64 (N, 2)."""
        middle = anchors.mean(axis=0)
        sources = (anchors - middle) / self.unit
        count = len(sources)
        affine = np.hstack([np.ones((count, 1)), sources])
        system = np.zeros((count + 3, count + 3))
        system[:count, :count] = _kernel(sources, sources) + stiffness * np.eye(count)
        system[:count, count:], system[count:, :count] = affine, affine.T
        wanted = np.vstack([_targets(), np.zeros((3, 2))])
        weights = np.linalg.lstsq(system, wanted, rcond=None)[0]
        at = (pixels - middle) / self.unit
        return _kernel(at, sources) @ weights[:count] + weights[count] + at @ weights[count + 1 :]

    def _hull(self, anchors: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        hull = cv2.convexHull(anchors.astype(np.float32)).round().astype(np.int32)
        region = cv2.fillConvexPoly(np.zeros(size[::-1], np.uint8), hull, 255)
        width = max(3, int(0.12 * self.unit) | 1)
        region = cv2.dilate(region, np.ones((width, width), np.uint8))
        return region.astype(np.float32) / 255
