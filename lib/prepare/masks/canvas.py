"""A sheet of face space to draw on: polygons and lines with smooth edges, noise, wrinkles."""

from __future__ import annotations

import cv2
import numpy as np

Points = np.ndarray | list[tuple[float, float]]

_BITS = 4
"""OpenCV draws at a sixteenth of a pixel."""


class Canvas:
    """A sheet over part of face space (see `lib.prepare.masks.fitting`).

    Attributes:
        left: the least x.
        top: the least y.
        density: texels of one unit.
        x: float32 (height, width), the texels' places; ``y`` alike.
    """

    def __init__(self, bounds: tuple[float, float, float, float], density: float) -> None:
        """Lay out the sheet.

        Args:
            bounds: least x, least y, greatest x, greatest y.
            density: texels of one unit.
        """
        self.left, self.top, right, bottom = bounds
        self.density = density
        self.size = (
            int((right - self.left) * density) + 1,
            int((bottom - self.top) * density) + 1,
        )
        columns = np.arange(self.size[0], dtype=np.float32) / density + np.float32(self.left)
        rows = np.arange(self.size[1], dtype=np.float32) / density + np.float32(self.top)
        self.x, self.y = np.meshgrid(columns, rows)

    def texels(self, places: np.ndarray) -> np.ndarray:
        """Return places of face space, (..., 2), in texels, float32."""
        corner = np.array([self.left, self.top], np.float32)
        return (places - corner) * np.float32(self.density)

    def _fixed(self, points: Points) -> np.ndarray:
        texels = self.texels(np.asarray(points, np.float32))
        return (texels * (1 << _BITS)).round().astype(np.int32)

    def blank(self) -> np.ndarray:
        """Return an empty sheet, float32 (height, width)."""
        return np.zeros(self.size[::-1], np.float32)

    def fill(self, outline: Points) -> np.ndarray:
        """Return a filled polygon, float32 [0, 1], with a smooth edge."""
        sheet = np.zeros(self.size[::-1], np.uint8)
        cv2.fillPoly(sheet, [self._fixed(outline)], 255, cv2.LINE_AA, _BITS)
        return sheet.astype(np.float32) / 255

    def stroke(self, points: Points, width: float, closed: bool = False) -> np.ndarray:
        """Return a line of a width in units, float32 [0, 1]; thinner than a texel, it fades."""
        sheet = np.zeros(self.size[::-1], np.uint8)
        texels = width * self.density
        thickness = max(1, round(texels))
        line = [self._fixed(points)]
        cv2.polylines(sheet, line, closed, 255, thickness, cv2.LINE_AA, _BITS)
        return sheet.astype(np.float32) * (min(1.0, texels / thickness) / 255)

    def soften(self, sheet: np.ndarray, deviation: float) -> np.ndarray:
        """Return a sheet blurred by a Gaussian of a deviation in units."""
        texels = max(deviation * self.density, 0.3)
        return cv2.GaussianBlur(sheet, (0, 0), texels, borderType=cv2.BORDER_REPLICATE)

    def clouds(self, generator: np.random.Generator, columns: int, rows: int) -> np.ndarray:
        """Return smooth noise with mean 0 and deviation about 1/2, that many cells a sheet."""
        cells = generator.standard_normal((rows, columns)).astype(np.float32)
        return cv2.resize(cells, self.size, interpolation=cv2.INTER_CUBIC)

    def slope(self, relief: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the derivatives of a relief along x and y, units per unit."""
        scale = self.density / 2
        padded = cv2.copyMakeBorder(relief, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        along_x = (padded[1:-1, 2:] - padded[1:-1, :-2]) * scale
        return along_x, (padded[2:, 1:-1] - padded[:-2, 1:-1]) * scale


def smooth(points: Points, closed: bool = False, count: int = 8) -> np.ndarray:
    """Return a Catmull-Rom curve through points, float64 (N, 2).

    Args:
        points: (N, 2), passed in this order.
        closed: whether the last joins the first.
        count: of pieces between two points.
    """
    points = np.asarray(points, np.float64)
    ends = points[[-1]], points[:2]
    if not closed:
        ends = 2 * points[:1] - points[1:2], 2 * points[-1:] - points[-2:-1]
    padded = np.vstack([ends[0], points, ends[1]])
    t = np.linspace(0, 1, count, endpoint=False)[:, None]
    a, b, c, d = (padded[start : len(padded) - 3 + start, None] for start in range(4))
    bend = (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    pieces = b + 0.5 * ((c - a) * t + bend)
    return np.vstack([pieces.reshape(-1, 2), points[:0] if closed else points[-1:]])


def mirrored(half: Points) -> np.ndarray:
    """Return a closed curve from its right half, listed from the top middle to the bottom middle.

    The points with x = 0 at both ends are not doubled.
    """
    half = np.asarray(half, np.float64)
    return np.vstack([half, half[-2:0:-1] * (-1, 1)])
