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
PLACES: dict[int, tuple[float, float]] = {
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
    return np.vstack([points[list(PLACES)], neck])


@functools.cache
def _targets() -> np.ndarray:
    neck = [(PLACES[i][0], PLACES[i][1] + share * 1.63) for i, share in _BELOW.items()]
    return np.array([*PLACES.values(), *neck])


def _turn(points: np.ndarray) -> float:
    """Return how far the head is turned: 0 for frontal, 1 where the nose meets the jaw's line."""
    right, left = np.linalg.norm(points[[1, 15]] - points[30], axis=1)
    return float(abs(right - left) / max(right + left, 1e-6))


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squared = (a[:, :1] - b[:, 0]) ** 2 + (a[:, 1:] - b[:, 1]) ** 2
    return squared * np.log(squared + 1e-12)


def spline(
    anchors: np.ndarray,
    targets: np.ndarray,
    size: tuple[int, int],
    unit: float,
    stiffness: float = 0.0,
) -> np.ndarray:
    """Spread a map that is known at some places over all pixels, by a thin-plate spline.

    Args:
        anchors: (N, 2), pixels; they may lie outside.
        targets: (N, 2), where the anchors go.
        size: width and height of the region, whose first pixel is (0, 0).
        unit: pixels over which the map may bend; it is worked out eight times as often.
        stiffness: 0 to meet the targets; more for a smoother map.

    Returns:
        float32 (height, width, 2), where each pixel goes.
    """
    step = max(1, int(unit / 8))
    columns, rows = (-(-side // step) for side in size)
    # Resizing by a whole factor puts coarse sample i at the centre of `step` fine pixels.
    y, x = np.mgrid[:rows, :columns] * step + (step - 1) / 2
    middle = anchors.mean(axis=0)
    sources = (anchors - middle) / unit
    at = (np.stack([x.ravel(), y.ravel()], axis=1) - middle) / unit
    bend, shift, turn = _solve(sources, targets, stiffness)
    coarse = _kernel(at, sources) @ bend + shift + at @ turn
    coarse = coarse.reshape(rows, columns, 2).astype(np.float32)
    fine = cv2.resize(coarse, (columns * step, rows * step), interpolation=cv2.INTER_LINEAR)
    return fine[: size[1], : size[0]]


def _solve(
    sources: np.ndarray, targets: np.ndarray, stiffness: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the spline's weights: (N, 2) of the kernels, (2,) and (2, 2) of the affine part."""
    count = len(sources)
    affine = np.hstack([np.ones((count, 1)), sources])
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _kernel(sources, sources) + stiffness * np.eye(count)
    system[:count, count:], system[count:, :count] = affine, affine.T
    wanted = np.vstack([targets, np.zeros((3, 2))])
    weights = np.linalg.lstsq(system, wanted, rcond=None)[0]
    return weights[:count], weights[count], weights[count + 1 :]


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
        reached = np.vstack([anchors, points[17:27]])
        low = np.floor(reached.min(axis=0) - margin).astype(int)
        width, height = np.ceil(anchors.max(axis=0) + margin).astype(int) - low
        stiffness = _STIFFNESS + _STIFFNESS_TURNED * _turn(points) ** 2
        size = (int(width), int(height))
        self.corner = (int(low[0]), int(low[1]))
        self.places = spline(anchors - low, _targets(), size, self.unit, stiffness)
        self.reach = self._hull(reached - low, size)

    def _hull(self, anchors: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        hull = cv2.convexHull(anchors.astype(np.float32)).round().astype(np.int32)
        region = cv2.fillConvexPoly(np.zeros(size[::-1], np.uint8), hull, 255)
        width = max(3, int(0.12 * self.unit) | 1)
        region = cv2.dilate(region, np.ones((width, width), np.uint8))
        return cv2.blur(region, (width // 2 | 1,) * 2).astype(np.float32) / 255
