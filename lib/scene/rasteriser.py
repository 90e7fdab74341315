"""Which surface each pixel sees: a z-buffer for triangles and hairs, in plain loops.

Pineda, "A Parallel Algorithm for Polygon Rasterization", SIGGRAPH 1988: a pixel lies in a triangle
where three edge functions have the same sign, and the same three numbers are its barycentric
weights. Pixel (column, row) is sampled at its centre, (column + 0.5, row + 0.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np

from lib.scene import vectors

NOTHING = -1
"""The owner of a pixel that sees no surface."""


@dataclass(frozen=True, eq=False)
class Visible:
    """What every pixel of a square picture sees.

    Attributes:
        depth: (size, size) float32, mm from the camera; infinity where nothing is.
        owner: (size, size) int32: the triangle's number, or that of the hair segment; `NOTHING`.
        weights: (size, size, 3) float32: perspective-correct barycentric weights in the triangle;
            for a hair segment the first says how far along it.
    """

    depth: np.ndarray
    owner: np.ndarray
    weights: np.ndarray


def empty(size: int) -> Visible:
    """Return a picture in which nothing is visible yet."""
    return Visible(
        np.full((size, size), np.inf, np.float32),
        np.full((size, size), NOTHING, np.int32),
        np.zeros((size, size, 3), np.float32),
    )


@numba.njit(cache=True)
def _pixels(low: float, high: float, size: int) -> tuple[int, int]:
    """Return the first pixel and the one after the last whose centre lies between two numbers."""
    return max(math.ceil(low - 0.5), 0), min(math.floor(high - 0.5), size - 1) + 1


@numba.njit(cache=True)
def _corners(points: np.ndarray, triangles: np.ndarray, index: int) -> tuple:
    """Return the three corners of a triangle."""
    return (
        vectors.row(points, triangles[index, 0]),
        vectors.row(points, triangles[index, 1]),
        vectors.row(points, triangles[index, 2]),
    )


@numba.njit(cache=True)
def _extent(a: tuple, b: tuple, c: tuple, axis: int, size: int) -> tuple[int, int]:
    """Return the columns (axis 0) or rows (axis 1) that a triangle may cover."""
    return _pixels(min(a[axis], b[axis], c[axis]), max(a[axis], b[axis], c[axis]), size)


@numba.njit(cache=True)
def _edge(a: tuple, b: tuple, x: float, y: float) -> float:
    """Return twice the area of the triangle (a, b, (x, y)), negative where b is to the left."""
    return (a[0] - x) * (b[1] - y) - (a[1] - y) * (b[0] - x)


@numba.njit(cache=True)
def _shares(
    a: tuple, b: tuple, c: tuple, area: float, x: float, y: float
) -> tuple[float, float, float]:
    """Return the barycentric weights of a place in a triangle; outside it one is negative."""
    one = _edge(b, c, x, y) / area
    two = _edge(c, a, x, y) / area
    return one, two, 1.0 - one - two


@numba.njit(cache=True)
def fill_triangles(
    points: np.ndarray,
    triangles: np.ndarray,
    two_sided: np.ndarray,
    first: int,
    depth: np.ndarray,
    owner: np.ndarray,
    weights: np.ndarray,
) -> None:
    """Draw triangles into the buffers of a `Visible`, the nearest winning.

    Args:
        points: (V, 3) float32: x and y in pixels, depth in mm.
        triangles: (T, 3) int32.
        two_sided: (T,) bool: draw it also where it is seen from behind.
        first: the number of the first triangle; the others count on from there.
        depth: changed in place, as are `owner` and `weights`.
        owner: see `Visible`.
        weights: see `Visible`.
    """
    size = depth.shape[0]
    for index in range(triangles.shape[0]):
        a, b, c = _corners(points, triangles, index)
        area = _edge(b, c, a[0], a[1])
        behind = min(a[2], b[2], c[2]) <= 1.0
        if behind or area == 0.0 or (area > 0.0 and not two_sided[index]):
            continue
        left, right = _extent(a, b, c, 0, size)
        top, bottom = _extent(a, b, c, 1, size)
        for row in range(top, bottom):
            for column in range(left, right):
                one, two, three = _shares(a, b, c, area, column + 0.5, row + 0.5)
                if one < 0.0 or two < 0.0 or three < 0.0:
                    continue
                distance = 1.0 / (one / a[2] + two / b[2] + three / c[2])
                if distance < depth[row, column]:
                    depth[row, column] = distance
                    owner[row, column] = first + index
                    weights[row, column, 0] = one * distance / a[2]
                    weights[row, column, 1] = two * distance / b[2]
                    weights[row, column, 2] = three * distance / c[2]


@numba.njit(cache=True)
def fill_depth(points: np.ndarray, triangles: np.ndarray, depth: np.ndarray) -> None:
    """Draw only the depth of triangles seen by parallel rays: the map a light casts shadows with.

    Args:
        points: (V, 3) float32: x and y in pixels of the map, depth along the light in mm.
        triangles: (T, 3) int32; those that face away from the light are left out.
        depth: (size, size) float32, changed in place.
    """
    size = depth.shape[0]
    for index in range(triangles.shape[0]):
        a, b, c = _corners(points, triangles, index)
        area = _edge(b, c, a[0], a[1])
        if area >= 0.0:
            continue
        left, right = _extent(a, b, c, 0, size)
        top, bottom = _extent(a, b, c, 1, size)
        for row in range(top, bottom):
            for column in range(left, right):
                one, two, three = _shares(a, b, c, area, column + 0.5, row + 0.5)
                if one < 0.0 or two < 0.0 or three < 0.0:
                    continue
                distance = one * a[2] + two * b[2] + three * c[2]
                depth[row, column] = min(depth[row, column], distance)


@numba.njit(cache=True)
def fill_hairs(
    points: np.ndarray,
    radius: np.ndarray,
    first: int,
    depth: np.ndarray,
    owner: np.ndarray,
    weights: np.ndarray,
) -> None:
    """Draw hairs, polylines of one pixel or more, into the buffers of a `Visible`.

    Args:
        points: (hairs, points, 3) float32: x and y in pixels, depth in mm.
        radius: (hairs,) float32: half width in pixels; below 0.5 one pixel is drawn.
        first: the owner number of the first segment; segment k of hair h is
            ``first + h * points + k``.
        depth: changed in place, as are `owner` and `weights`.
        owner: see `Visible`.
        weights: see `Visible`; the first says how far along the segment, 0 to 1.
    """
    height, width = depth.shape
    hairs, length = points.shape[0], points.shape[1]
    for hair in range(hairs):
        reach = int(max(radius[hair] - 0.5, 0.0) + 0.5)
        for k in range(length - 1):
            x, y, z = points[hair, k, 0], points[hair, k, 1], points[hair, k, 2]
            dx, dy = points[hair, k + 1, 0] - x, points[hair, k + 1, 1] - y
            dz = points[hair, k + 1, 2] - z
            steps = int(max(abs(dx), abs(dy))) + 1
            across = abs(dx) < abs(dy)
            for step in range(steps):
                share = (step + 0.5) / steps
                column, row = math.floor(x + dx * share), math.floor(y + dy * share)
                distance = z + dz * share
                for offset in range(-reach, reach + 1):
                    i = row if across else row + offset
                    j = column + offset if across else column
                    if 0 <= i < height and 0 <= j < width and distance < depth[i, j]:
                        depth[i, j] = distance
                        owner[i, j] = first + hair * length + k
                        weights[i, j, 0] = share
