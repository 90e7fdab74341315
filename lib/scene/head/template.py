"""The head's mesh: a grid over the unwrapped skin, slit open at the eyes and the mouth.

    surface = template.build(detail=0.72).spread(NET)

The grid is closed eyes and a closed mouth by construction: both edges of a slit are the same points
of the skin, so that opening is a displacement and closing is exact. Thin strips lead inwards from
the slits: the rims of the lids and the inside of the lips.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from lib.scene.curves import EYE_CORNERS, MOUTH_HALF_WIDTH, MOUTH_HEIGHT, SLIT_HEIGHT
from lib.scene.head.control_net import COLUMNS, NET, ROWS
from lib.scene.kinds import Kind

# Borders of equally divided stretches, and the number of cells between them at detail 1.
_ACROSS = (
    (0, EYE_CORNERS[0], MOUTH_HALF_WIDTH, EYE_CORNERS[1], 58, 74, 104, 142, 184, 236),
    (13, 12, 14, 7, 5, 5, 5, 5, 5),
)
_DOWN = (
    (122, 70, 34, 8, SLIT_HEIGHT, -10, -26, -50, MOUTH_HEIGHT, -80, -108, -124, -222),
    (10, 9, 14, 9, 7, 10, 22, 13, 14, 14, 6, 10),
)
_SLITS = {
    "right_eye": (SLIT_HEIGHT, -EYE_CORNERS[1], -EYE_CORNERS[0]),
    "left_eye": (SLIT_HEIGHT, EYE_CORNERS[0], EYE_CORNERS[1]),
    "mouth": (MOUTH_HEIGHT, -MOUTH_HALF_WIDTH, MOUTH_HALF_WIDTH),
}


@dataclass(frozen=True, eq=False)
class Slit:
    """An opening's two edges, vertex by vertex from the subject's right to their left.

    Attributes:
        upper: (n,) vertices of the upper edge, corners included.
        lower: (n,) vertices of the lower edge; the corners are shared.
        strips: vertices of the strips leading inwards, one (n,) array for each layer, upper first.
    """

    upper: np.ndarray
    lower: np.ndarray
    strips: tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]


@dataclass(frozen=True, eq=False)
class Template:
    """Topology of the head, and where its vertices lie on the skin.

    Attributes:
        triangles: (T, 3) int32, anticlockwise seen from outside.
        kinds: (T,) int32, each triangle's `Kind`.
        unwrapped: (V, 2) place on the unwrapped skin: x round the head, y down it, mm.
        slits: "right_eye", "left_eye" and "mouth".
        source: (V,) the grid point that each vertex is a copy of.
        skin: number of vertices before those of the strips.
        mirror: (V,) the vertex on the other side of the face.
        columns: (columns, 10) spline weights of the net's columns, first for y and z, then for x.
        rows: (rows, 18) spline weights of the net's rows.
        below: for each slit's height, (V,) whether a vertex lies below it or on its lower edge.
    """

    triangles: np.ndarray
    kinds: np.ndarray
    unwrapped: np.ndarray
    slits: dict[str, Slit]
    source: np.ndarray
    skin: int
    mirror: np.ndarray
    columns: tuple[np.ndarray, np.ndarray]
    rows: np.ndarray
    below: dict[float, np.ndarray]

    def spread(self, net: np.ndarray) -> np.ndarray:
        """Run the spline surface through a control net.

        Args:
            net: (18, 10, 3) half net, mm.

        Returns:
            (V, 3) float64 vertices, mm.
        """
        even, odd = self.columns
        axes = [
            self.rows @ net[..., axis] @ weights.T for axis, weights in enumerate((odd, even, even))
        ]
        return np.stack(axes, axis=-1).reshape(-1, 3)[self.source]


@functools.cache
def build(detail: float) -> Template:
    """Lay out the mesh.

    Args:
        detail: 1 is about 20,000 vertices; their number goes with its square.
    """
    half = _axis(*_ACROSS, detail)
    x, y = np.concatenate([-half[:0:-1], half]), _axis(*_DOWN, detail)
    grid = np.arange(len(y) * len(x)).reshape(len(y), len(x))
    source, lower, edges = _cut(grid, x, y)
    skin = len(source)
    quads = np.stack([lower[:-1, :-1], lower[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=-1)
    triangles = [_halve(quads.reshape(-1, 4))]
    kinds = [np.full(len(triangles[0]), Kind.SKIN)]
    slits = {}
    for name, (above, beneath) in edges.items():
        layers, kind = (2, Kind.INNER_LIP) if name == "mouth" else (1, Kind.LID_RIM)
        strips = []
        for edge, turned in ((above, False), (beneath, True)):
            vertices = len(source) + np.arange(layers * len(edge)).reshape(layers, -1)
            source = np.concatenate([source, np.tile(source[edge], layers)])
            triangles.append(_strip([edge, *vertices], turned))
            kinds.append(np.full(len(triangles[-1]), kind))
            strips.append(tuple(vertices))
        slits[name] = Slit(above, beneath, (strips[0], strips[1]))
    place = np.stack([np.tile(x, len(y)), np.repeat(y, len(x))], axis=1)[source]
    return Template(
        triangles=np.concatenate(triangles).astype(np.int32, order="C"),
        kinds=np.concatenate(kinds).astype(np.int32),
        unwrapped=place,
        slits=slits,
        source=source,
        skin=skin,
        mirror=_mirror(grid, slits, len(source)),
        columns=_column_weights(x),
        rows=CubicSpline(ROWS[::-1], np.eye(len(ROWS)))(y)[:, ::-1],
        below={
            height: _below(place[:, 1], height, slits) for height in (SLIT_HEIGHT, MOUTH_HEIGHT)
        },
    )


def canonical(template: Template) -> np.ndarray:
    """(V, 3) the mean head without nose, lips and lids; its x and y are the canonical face."""
    return template.spread(NET)


def _axis(borders: tuple[float, ...], cells: tuple[int, ...], detail: float) -> np.ndarray:
    """Divide the stretches between borders equally."""
    stretches = [
        np.linspace(start, end, max(1, round(count * detail)), endpoint=False)
        for start, end, count in zip(borders, borders[1:], cells, strict=False)
    ]
    return np.concatenate([*stretches, borders[-1:]])


def _cut(
    grid: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Double the vertices along the slits; quads below a slit use the doubles."""
    source, lower, edges = grid.ravel(), grid.copy(), {}
    for name, (height, first, last) in _SLITS.items():
        row = int(np.abs(y - height).argmin())
        columns = np.flatnonzero((x > first - 1e-6) & (x < last + 1e-6))
        inner = columns[1:-1]
        lower[row, inner] = len(source) + np.arange(len(inner))
        source = np.concatenate([source, grid[row, inner]])
        edges[name] = (grid[row, columns], lower[row, columns])
    return source, lower, edges


def _halve(quads: np.ndarray) -> np.ndarray:
    """Cut (Q, 4) quads into (2 Q, 3) triangles."""
    return np.concatenate([quads[:, [0, 3, 2]], quads[:, [0, 2, 1]]])


def _strip(layers: list[np.ndarray], turned: bool) -> np.ndarray:
    """Join neighbouring layers of vertices by triangles."""
    quads = [
        np.stack([above[:-1], above[1:], beneath[1:], beneath[:-1]], axis=1)
        for above, beneath in itertools.pairwise(layers)
    ]
    joined = np.concatenate(quads)
    return _halve(joined[:, ::-1] if turned else joined)


def _column_weights(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spline weights of the half net's columns: mirrored (for y and z) and turned round (for x)."""
    both = np.concatenate([-COLUMNS[:0:-1], COLUMNS])
    weights = CubicSpline(both, np.eye(len(both)))(x)
    left, right = weights[:, len(COLUMNS) - 1 :], weights[:, len(COLUMNS) - 2 :: -1]
    right = np.concatenate([np.zeros((len(x), 1)), right], axis=1)
    return left + right, left - right


def _mirror(grid: np.ndarray, slits: dict[str, Slit], count: int) -> np.ndarray:
    """Pair every vertex with the one on the other side of the face."""
    partner = np.empty(count, np.int32)
    partner[grid] = grid[:, ::-1]
    for name, other in (("right_eye", "left_eye"), ("left_eye", "right_eye"), ("mouth", "mouth")):
        own, opposite = slits[name], slits[other]
        partner[own.lower] = opposite.lower[::-1]
        for layers, others in zip(own.strips, opposite.strips, strict=True):
            for vertices, counterparts in zip(layers, others, strict=True):
                partner[vertices] = counterparts[::-1]
    return partner


def _below(heights: np.ndarray, slit: float, slits: dict[str, Slit]) -> np.ndarray:
    """Whether vertices lie below a slit, its lower edge and lower strips counted in."""
    below = heights < slit - 1e-6
    for name, (height, _, _) in _SLITS.items():
        if height == slit:
            edges = slits[name]
            below[edges.lower[1:-1]] = True
            below[np.concatenate(edges.strips[1])] = True
    return below
