"""Meshes with the topology of a grid, a globe or a tube.

Rows run down and columns to the right as one looks at the outside of the surface; then the
triangles are anticlockwise seen from there.
"""

from __future__ import annotations

import functools

import numpy as np


@functools.cache
def grid_triangles(rows: int, columns: int, closed: bool = False) -> np.ndarray:
    """Return the triangles of a grid of vertices numbered row by row.

    Args:
        rows: number of rows of vertices.
        columns: number of vertices in a row.
        closed: whether the last column joins the first.

    Returns:
        (T, 3) int32, read-only: two triangles for each cell.
    """
    index = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    if closed:
        index = np.concatenate([index, index[:, :1]], axis=1)
    corners = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    top_left, bottom_left, bottom_right, top_right = (corner.ravel() for corner in corners)
    triangles = np.concatenate(
        [
            np.stack([top_left, bottom_left, bottom_right], axis=1),
            np.stack([top_left, bottom_right, top_right], axis=1),
        ]
    )
    triangles.flags.writeable = False
    return triangles


@functools.cache
def globe_triangles(rows: int, columns: int) -> np.ndarray:
    """Return the triangles of a closed surface: a pole, circles of latitude, the other pole.

    Args:
        rows: number of circles; each has its vertices from west to east.
        columns: number of vertices on a circle.

    Returns:
        (2 rows columns, 3) int32, read-only. Vertex 0 is the upper pole, then come the circles
        row by row, then the lower pole.
    """
    ring = np.arange(columns, dtype=np.int32)
    following = np.roll(ring, -1)
    last = 1 + rows * columns
    triangles = np.concatenate(
        [
            np.stack([0 * ring, 1 + ring, 1 + following], axis=1),
            grid_triangles(rows, columns, closed=True) + np.int32(1),
            np.stack([last + 0 * ring, last - columns + following, last - columns + ring], axis=1),
        ]
    ).astype(np.int32)
    triangles.flags.writeable = False
    return triangles


@functools.cache
def globe(rows: int, columns: int) -> np.ndarray:
    """Return the unit sphere for `globe_triangles`: (rows * columns + 2, 3) float64, poles on y."""
    polar = np.linspace(0.0, np.pi, rows + 2)[1:-1, None]
    around = np.linspace(0.0, 2 * np.pi, columns, endpoint=False)
    circles = np.stack(
        [
            np.sin(polar) * np.sin(around),
            np.cos(polar) + 0 * around,
            np.sin(polar) * np.cos(around),
        ],
        axis=-1,
    )
    sphere = np.concatenate([[[0.0, 1.0, 0.0]], circles.reshape(-1, 3), [[0.0, -1.0, 0.0]]])
    sphere.flags.writeable = False
    return sphere


def normalise(vectors: np.ndarray) -> np.ndarray:
    """Return the vectors (..., 3) at length one."""
    return vectors / np.sqrt(np.einsum("...i,...i->...", vectors, vectors) + 1e-18)[..., None]


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the vector product of (..., 3) arrays; for short ones faster than NumPy's own."""
    (ax, ay, az), (bx, by, bz) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def tube(
    curve: np.ndarray,
    radius: tuple[float, float] | np.ndarray,
    normal: tuple[float, float, float],
    *,
    closed: bool = False,
    sides: int = 8,
) -> tuple[np.ndarray, np.ndarray]:
    """Lay a tube with an elliptical section round a curve.

    Args:
        curve: (N, 3) points, mm.
        radius: half thickness across and along `normal`, mm: a pair, or (N, 2).
        normal: a direction no piece of the curve runs in.
        closed: whether the curve returns to its first point; otherwise both ends are capped.
        sides: number of vertices round the tube.

    Returns:
        Vertices (V, 3) float64, mm, and triangles (T, 3) int32. V is ``N * sides``, and two more
        for the caps of an open tube.
    """
    if closed:
        along = np.roll(curve, -1, axis=0) - np.roll(curve, 1, axis=0)
    else:
        along = np.concatenate(
            [curve[1:2] - curve[:1], curve[2:] - curve[:-2], curve[-1:] - curve[-2:-1]]
        )
    along = normalise(along)
    across = normalise(cross(np.asarray(normal), along))
    upward = cross(along, across)
    angle = np.linspace(0.0, 2 * np.pi, sides, endpoint=False)
    thickness = np.broadcast_to(np.asarray(radius, float), (len(curve), 2))
    section = thickness[:, None, :] * np.stack([np.cos(angle), -np.sin(angle)], axis=-1)
    rings = curve[:, None] + section[..., :1] * across[:, None] + section[..., 1:] * upward[:, None]
    if closed:
        vertices = np.concatenate([rings, rings[:1]]).reshape(-1, 3)
        return vertices, grid_triangles(len(curve) + 1, sides, closed=True)
    vertices = np.concatenate([curve[:1], rings.reshape(-1, 3), curve[-1:]])
    return vertices, globe_triangles(len(curve), sides)


def join(pieces: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Return several meshes, each (vertices, triangles), as one."""
    sizes = [len(vertices) for vertices, _ in pieces]
    starts = np.cumsum([0, *sizes[:-1]])
    triangles = [part + np.int32(start) for (_, part), start in zip(pieces, starts, strict=True)]
    return np.concatenate([vertices for vertices, _ in pieces]), np.concatenate(triangles)


def grid_normals(surface: np.ndarray) -> np.ndarray:
    """Return the outward unit normals of a grid of points, (rows, columns, 3)."""
    down = np.empty_like(surface)
    down[1:-1] = surface[2:] - surface[:-2]
    down[0], down[-1] = surface[1] - surface[0], surface[-1] - surface[-2]
    right = np.empty_like(surface)
    right[:, 1:-1] = surface[:, 2:] - surface[:, :-2]
    right[:, 0], right[:, -1] = surface[:, 1] - surface[:, 0], surface[:, -1] - surface[:, -2]
    return normalise(cross(down, right))
