"""One mesh of everything in a scene: the head with its parts, placed and joined."""

from __future__ import annotations

import functools

import numpy as np

from lib.scene import light, rasteriser
from lib.scene.capture import Capture
from lib.scene.head import EXPRESSIONS, Head
from lib.scene.kinds import Kind
from lib.scene.parts import Part, Sites, assemble
from lib.scene.surface import Mesh, vertex_normals

_JAW = EXPRESSIONS.index("jaw_open")
_EAR = ((-71.0, -9.0, 6.0), (71.0, -9.0, 6.0))
"""Where the ears of the mean head are, mm; each moves with the nearest vertex of the head."""
_CREVICE = 0.6
"""The inside of the lips sees so much less than its vertices do."""


@functools.cache
def openness(head: Head) -> np.ndarray:
    """Return the share of its surroundings each vertex of the mean head sees, (V,) float32.

    Ambient occlusion (Zhukov et al., "An Ambient Light Illumination Model", 1998) from 96
    directions, each a depth map; 0.2 s, once.
    """
    rest = head.shape(np.zeros(len(head.identity)), np.zeros(len(head.expression)))
    normals = vertex_normals(rest, head.triangles)
    seen, possible = np.zeros(len(rest)), np.full(len(rest), 1e-9)
    resolution = 220
    for direction in light.directions(96):
        places = light.seen_from(rest, direction, resolution)
        depth = np.full((resolution, resolution), np.inf, np.float32)
        rasteriser.fill_depth(places, head.triangles, depth)
        column, row = np.clip(places[:, :2].astype(int), 0, resolution - 1).T
        facing = np.clip(normals @ direction, 0, None)
        seen += facing * (places[:, 2] <= depth[row, column] + 2.5)
        possible += facing
    share = np.clip(seen / possible, 0, 1)
    share[np.unique(head.triangles[head.kinds == Kind.INNER_LIP])] *= _CREVICE
    return share.astype(np.float32)


@functools.cache
def _landmarks_of_parts(head: Head) -> dict[str, np.ndarray]:
    """Return the vertices of the head that its parts are placed by."""

    def _nearest(points: np.ndarray, to: tuple) -> int:
        return int(np.argmin(((points - np.asarray(to)) ** 2).sum(axis=1)))

    return {
        "ears": np.array([_nearest(head.mean, place) for place in _EAR]),
        "nasion": _nearest(head.canonical, (0.0, 4.0)),
        "mouth": head.slits["mouth"].upper[len(head.slits["mouth"].upper) // 2],
    }


@functools.cache
def _skull_grid(head: Head) -> np.ndarray:
    """Return the vertices of the head above the eyes as (rows, columns), the crown first."""
    high = np.flatnonzero(head.unwrapped[:, 1] > 0.0)
    heights = np.unique(head.unwrapped[high, 1])[::-1]
    rows = []
    for height in heights:
        row = high[head.unwrapped[high, 1] == height]
        rows.append(row[np.argsort(head.unwrapped[row, 0], kind="stable")])
    return np.stack(rows)


def _sites(head: Head, capture: Capture, vertices: np.ndarray) -> Sites:
    """Return where the parts of a capture sit on its head."""
    shape, places = capture.person.shape, _landmarks_of_parts(head)
    rest = head.mean[places["mouth"]] + shape @ head.identity[:, places["mouth"]]
    modes = {name: head.value(shape, name) for name in ("ear_size", "ear_flare", "neck_width")}
    return Sites(
        eye_centres=head.eye_centres(shape),
        ears=vertices[places["ears"]],
        mouth=rest,
        nasion=vertices[places["nasion"]],
        skull=vertices[_skull_grid(head)],
        jaw_opening=float(capture.expression[_JAW]),
        **modes,
    )


def _head_part(head: Head, vertices: np.ndarray) -> Part:
    return Part(Kind.SKIN, vertices, head.triangles, head.canonical, two_sided=False)


def build(head: Head, capture: Capture) -> Mesh:
    """Build the mesh of a capture, hair excepted.

    Args:
        head: the parametric head.
        capture: what there is to see.

    Returns:
        The mesh; the head's vertices and triangles come first, in the head's own order.
    """
    vertices = head.shape(capture.person.shape, capture.expression)
    parts = [_head_part(head, vertices), *assemble(capture, _sites(head, capture, vertices))]
    counts = [len(part.vertices) for part in parts]
    lengths = [len(part.triangles) for part in parts]
    first = np.cumsum([0, *counts[:-1]])
    joined = np.concatenate([part.vertices for part in parts])
    triangles = np.concatenate(
        [part.triangles + start for part, start in zip(parts, first, strict=True)]
    ).astype(np.int32)
    kind = np.repeat([int(part.kind) for part in parts], lengths).astype(np.int32)
    kind[: lengths[0]] = head.kinds
    unwrapped, seen = np.zeros((len(joined), 2), np.float32), np.ones(len(joined), np.float32)
    unwrapped[: counts[0]], seen[: counts[0]] = head.unwrapped, openness(head)
    two_sided = np.repeat([part.two_sided for part in parts], lengths)
    two_sided[: lengths[0]] = head.kinds == Kind.INNER_LIP
    return Mesh(
        joined,
        vertex_normals(joined, triangles),
        np.concatenate([part.coordinates for part in parts]),
        unwrapped,
        seen,
        triangles,
        kind,
        np.repeat([part.side for part in parts], lengths).astype(np.int32),
        two_sided,
    )
