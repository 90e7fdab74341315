"""The visible surface: what the rasteriser found, as one row per sub-pixel to be shaded.

This is the geometry buffer of deferred shading (Saito and Takahashi, "Comprehensible Rendering of
3-D Shapes", SIGGRAPH 1990): first where and which way up every visible point is, then materials,
then light, each once per pixel.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from lib.scene import rasteriser
from lib.scene.kinds import Kind
from lib.scene.rasteriser import Visible
from lib.scene.vectors import cross, dot, normalise, row, scale, subtract

_FEATURES = ((5.0, 60.0, -10.0, 35.0), (0.0, 22.0, -51.0, -30.0), (0.0, 36.0, -82.0, -50.0))
"""Where the canonical face has fine parts: eyes and brows, nostrils, mouth; |x| and y, mm."""
_HAIRY, _THROAT = (40.0, 74.0), -80.0
"""Unwrapped height and distance from the middle beyond which hair may grow, but on the throat."""


class Mesh(NamedTuple):
    """All triangles of a scene.

    Attributes:
        vertices: (V, 3) float32, mm in the head's axes.
        normals: (V, 3) float32 unit vectors.
        place: (V, 2) float32: canonical front coordinates of the head, a part's own elsewhere.
        unwrapped: (V, 2) float32: unwrapped coordinates of the head; zero elsewhere.
        openness: (V,) float32: share of the surroundings the vertex sees (ambient occlusion).
        triangles: (T, 3) int32.
        kind: (T,) int32, values of `lib.scene.kinds.Kind`.
        side: (T,) int32: -1 the subject's right, 1 the left, 0 neither.
        two_sided: (T,) bool.
    """

    vertices: np.ndarray
    normals: np.ndarray
    place: np.ndarray
    unwrapped: np.ndarray
    openness: np.ndarray
    triangles: np.ndarray
    kind: np.ndarray
    side: np.ndarray
    two_sided: np.ndarray


class Surface(NamedTuple):
    """Sub-pixels that see a triangle, one row each.

    Attributes:
        pixel: (N,) int64, index into the flattened picture.
        kind: (N,) int32.
        side: (N,) int32.
        position: (N, 3) float32, mm.
        normal: (N, 3) float32, unit, towards the camera's side of the surface.
        place: (N, 2) float32.
        unwrapped: (N, 2) float32.
        openness: (N,) float32.
    """

    pixel: np.ndarray
    kind: np.ndarray
    side: np.ndarray
    position: np.ndarray
    normal: np.ndarray
    place: np.ndarray
    unwrapped: np.ndarray
    openness: np.ndarray


@numba.njit(cache=True)
def vertex_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Return each vertex' unit normal: the mean of its triangles', weighted by their areas.

    Args:
        vertices: (V, 3).
        triangles: (T, 3), anticlockwise seen from outside.

    Returns:
        (V, 3) float32.
    """
    normals = np.zeros((vertices.shape[0], 3), np.float32)
    for index in range(triangles.shape[0]):
        corners = (triangles[index, 0], triangles[index, 1], triangles[index, 2])
        origin = row(vertices, corners[0])
        one = subtract(row(vertices, corners[1]), origin)
        two = subtract(row(vertices, corners[2]), origin)
        normal = cross(one, two)
        for corner in corners:
            normals[corner, 0] += normal[0]
            normals[corner, 1] += normal[1]
            normals[corner, 2] += normal[2]
    for index in range(normals.shape[0]):
        unit = normalise(row(normals, index))
        normals[index, 0], normals[index, 1], normals[index, 2] = unit
    return normals


def see(mesh: Mesh, points: np.ndarray, size: int) -> Visible:
    """Rasterise a mesh, lenses excepted.

    Args:
        mesh: the scene; lenses come last in it.
        points: (V, 3) float32, its vertices in the picture.
        size: width of the picture.
    """
    visible = rasteriser.empty(size)
    solid = mesh.triangles[mesh.kind != Kind.LENS]
    rasteriser.fill_triangles(
        points, solid, mesh.two_sided, 0, visible.depth, visible.owner, visible.weights
    )
    return visible


@numba.njit(cache=True)
def _is_plain(mesh: Mesh, triangle: int) -> bool:
    """Say whether a triangle shows nothing fine: no eye, lip, brow, nostril, hairline or jewel."""
    if mesh.kind[triangle] != Kind.SKIN:
        return mesh.kind[triangle] == Kind.EAR
    corner = mesh.triangles[triangle, 0]
    x, y = abs(mesh.place[corner, 0]), mesh.place[corner, 1]
    around, height = abs(mesh.unwrapped[corner, 0]), mesh.unwrapped[corner, 1]
    if height > _HAIRY[0] or around > _HAIRY[1]:
        return height < _THROAT
    fine = False
    for inner, outer, low, high in _FEATURES:
        fine = fine or (inner <= x < outer and low < y < high)
    return not fine


@numba.njit(cache=True)
def share_out(
    mesh: Mesh, owner: np.ndarray, depth: np.ndarray, supersample: int, first_hair: int, step: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Decide which sub-pixels are shaded, and whose shading each of the others takes over.

    Where all sub-pixels of a pixel see the same plain surface, one is shaded for all (the idea of
    multisample antialiasing); elsewhere each is shaded for itself.

    Args:
        mesh: the scene.
        owner: (size, size) what each sub-pixel sees.
        depth: (size, size) mm.
        supersample: sub-pixels per pixel along each axis.
        first_hair: owner numbers from here on are hair, which is left out.
        step: largest difference of depth within one surface's pixel, mm.

    Returns:
        (S,) flat indices of the sub-pixels to shade; (N,) of all that triangles own; (N,) which of
        the first each of these takes its shading from.
    """
    size = owner.shape[0]
    shaded = np.empty(size * size, np.int64)
    covered, source = np.empty(size * size, np.int64), np.empty(size * size, np.int64)
    rows, places = 0, 0
    for top in range(0, size, supersample):
        for left in range(0, size, supersample):
            low, high = depth[top, left], depth[top, left]
            first = owner[top, left]
            same = 0 <= first < first_hair and _is_plain(mesh, first)
            for i in range(top, top + supersample):
                for j in range(left, left + supersample):
                    low, high = min(low, depth[i, j]), max(high, depth[i, j])
                    triangle = owner[i, j]
                    same = same and 0 <= triangle < first_hair
                    same = same and mesh.kind[triangle] == mesh.kind[first]
            same = same and high - low < step
            for i in range(top, top + supersample):
                for j in range(left, left + supersample):
                    if not 0 <= owner[i, j] < first_hair:
                        continue
                    if not same or (i == top and j == left):
                        shaded[rows] = i * size + j
                        rows += 1
                    covered[places], source[places] = i * size + j, rows - 1
                    places += 1
    return shaded[:rows], covered[:places], source[:places]


@numba.njit(cache=True)
def _interpolated(values: np.ndarray, corners: tuple, weights: tuple, column: int) -> float:
    return (
        values[corners[0], column] * weights[0]
        + values[corners[1], column] * weights[1]
        + values[corners[2], column] * weights[2]
    )


@numba.njit(cache=True)
def collect(
    mesh: Mesh, pixel: np.ndarray, owner: np.ndarray, weights: np.ndarray, camera: tuple
) -> Surface:
    """Interpolate the mesh at sub-pixels.

    Args:
        mesh: the scene.
        pixel: (N,) flat indices of sub-pixels that triangles own.
        owner: (pixels,) flattened owners.
        weights: (pixels, 3) flattened weights.
        camera: where the camera stands, mm.
    """
    number = pixel.shape[0]
    kind, side = np.empty(number, np.int32), np.empty(number, np.int32)
    position = np.empty((number, 3), np.float32)
    normal = np.empty((number, 3), np.float32)
    place, unwrapped = np.empty((number, 2), np.float32), np.empty((number, 2), np.float32)
    openness = np.empty(number, np.float32)
    for index in range(number):
        triangle = owner[pixel[index]]
        corners = (
            mesh.triangles[triangle, 0], mesh.triangles[triangle, 1], mesh.triangles[triangle, 2]
        )  # fmt: skip
        shares = row(weights, pixel[index])
        kind[index], side[index] = mesh.kind[triangle], mesh.side[triangle]
        for axis in range(3):
            position[index, axis] = _interpolated(mesh.vertices, corners, shares, axis)
            normal[index, axis] = _interpolated(mesh.normals, corners, shares, axis)
        for axis in range(2):
            place[index, axis] = _interpolated(mesh.place, corners, shares, axis)
            unwrapped[index, axis] = _interpolated(mesh.unwrapped, corners, shares, axis)
        openness[index] = (
            mesh.openness[corners[0]] * shares[0]
            + mesh.openness[corners[1]] * shares[1]
            + mesh.openness[corners[2]] * shares[2]
        )
        unit = normalise(row(normal, index))
        towards = dot(unit, subtract(camera, row(position, index)))
        if towards < 0 and mesh.two_sided[triangle]:
            unit = scale(unit, -1.0)
        normal[index, 0], normal[index, 1], normal[index, 2] = unit
    return Surface(pixel, kind, side, position, normal, place, unwrapped, openness)
