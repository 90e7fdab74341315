"""The scalp: where hairs are rooted, and the skull they lie on."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numba
import numpy as np
from scipy.spatial import cKDTree

from lib.scene.hair.hairline import Hairline, hairline_height
from lib.scene.head import Head
from lib.scene.kinds import Kind

ROOTS = 9000
"""Roots prepared over the largest scalp a style may have; a picture uses the first of them."""
CENTRE = np.array([0.0, 20.0, -5.0])
"""The point the skull is seen from, mm."""
RESOLUTION = 64
"""Width of the octahedral map of the skull."""

_LOWEST = Hairline(forehead=-36.0, recession=0.0, sideburns=14.0)


@dataclass(frozen=True, eq=False)
class Scalp:
    """What of the head's scalp does not depend on the person.

    Attributes:
        corners: (R, 3) int32, the vertices of each root's triangle.
        weights: (R, 3) float32, barycentric.
        unwrapped: (R, 2) float32, unwrapped coordinates of each root, mm.
        chance: (R, 6) float32, numbers in 0..1 that make each hair different.
        nearest: (cells, 4) vertices nearest to each direction of the map.
        shares: (cells, 4) their weights.
    """

    corners: np.ndarray
    weights: np.ndarray
    unwrapped: np.ndarray
    chance: np.ndarray
    nearest: np.ndarray
    shares: np.ndarray

    def skull(self, vertices: np.ndarray) -> np.ndarray:
        """Return the distance from `CENTRE` to the skull in every direction.

        Args:
            vertices: (V, 3) of the head, mm.

        Returns:
            (RESOLUTION, RESOLUTION) float32, an octahedral map.
        """
        distances = _distances(vertices, self.nearest, self.shares, CENTRE)
        return distances.reshape(RESOLUTION, RESOLUTION)


@numba.njit(cache=True)
def _distances(
    vertices: np.ndarray, nearest: np.ndarray, shares: np.ndarray, centre: np.ndarray
) -> np.ndarray:
    """Return the mean distance of some vertices from a centre, (cells,) float32."""
    found = np.zeros(nearest.shape[0], np.float32)
    for cell in range(nearest.shape[0]):
        for k in range(nearest.shape[1]):
            vertex, squared = nearest[cell, k], 0.0
            for axis in range(3):
                squared += (vertices[vertex, axis] - centre[axis]) ** 2
            found[cell] += shares[cell, k] * math.sqrt(squared)
    return found


@numba.njit(cache=True)
def place_in_map(x: float, y: float, z: float) -> tuple[float, float]:
    """Return where a direction lies in an octahedral map, both coordinates in 0..1.

    Cigolle et al., "A Survey of Efficient Representations for Independent Unit Vectors", JCGT 2014.
    """
    total = abs(x) + abs(y) + abs(z) + 1e-9
    u, v = x / total, z / total
    if y < 0:
        u, v = (1 - abs(v)) * (1.0 if u >= 0 else -1.0), (1 - abs(u)) * (1.0 if v >= 0 else -1.0)
    return 0.5 * u + 0.5, 0.5 * v + 0.5


@numba.njit(cache=True)
def skull_distance(skull: np.ndarray, x: float, y: float, z: float) -> float:
    """Return how far the skull reaches from `CENTRE` in a direction, mm, bilinearly."""
    u, v = place_in_map(x, y, z)
    last = skull.shape[0] - 1
    column, row = u * last, v * last
    j, i = min(int(column), last - 1), min(int(row), last - 1)
    right, down = column - j, row - i
    top = skull[i, j] * (1 - right) + skull[i, j + 1] * right
    bottom = skull[i + 1, j] * (1 - right) + skull[i + 1, j + 1] * right
    return top * (1 - down) + bottom * down


def _directions_of_map() -> np.ndarray:
    """Return the direction of every cell of the map, (cells, 3)."""
    grid = np.linspace(-1, 1, RESOLUTION)
    v, u = np.meshgrid(grid, grid, indexing="ij")
    y = 1 - np.abs(u) - np.abs(v)
    fold = np.clip(-y, 0, None)
    x, z = u - np.sign(u) * fold, v - np.sign(v) * fold
    found = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def _skull_of(head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Return for every direction of the map the nearest vertices of the mean head, and weights."""
    skin = np.unique(head.triangles[head.kinds == Kind.SKIN])
    offsets = head.mean[skin] - CENTRE
    tree = cKDTree(offsets / np.linalg.norm(offsets, axis=1, keepdims=True))
    angles, nearest = tree.query(_directions_of_map(), k=4)
    shares = 1 / (angles + 1e-3)
    return skin[nearest], shares / shares.sum(axis=1, keepdims=True)


def _may_grow(head: Head) -> np.ndarray:
    """Return the triangles of the head on which some style has hair."""
    middle = head.unwrapped[head.triangles].mean(axis=1)
    lowest = np.array([hairline_height(around, _LOWEST) for around in middle[:, 0]])
    return np.flatnonzero((head.kinds == Kind.SKIN) & (middle[:, 1] > lowest - 3))


@functools.cache
def scalp(head: Head) -> Scalp:
    """Return the scalp of a head, made once (0.1 s)."""
    generator = np.random.default_rng(7)
    chosen = _may_grow(head)
    a, b, c = (head.mean[head.triangles[chosen, corner]] for corner in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    triangle = chosen[generator.choice(len(chosen), ROOTS, p=area / area.sum())]
    weights = generator.dirichlet([1, 1, 1], ROOTS)
    corners = head.triangles[triangle]
    unwrapped = (head.unwrapped[corners] * weights[..., None]).sum(axis=1)
    nearest, shares = _skull_of(head)
    return Scalp(
        corners.astype(np.int32),
        weights.astype(np.float32),
        unwrapped.astype(np.float32),
        generator.random((ROOTS, 6)).astype(np.float32),
        nearest,
        shares.astype(np.float32),
    )
