"""One mesh of everything in a scene: the head with its parts, placed and joined."""

from __future__ import annotations

import functools

import numpy as np

from lib.scene import light, rasteriser
from lib.scene.capture import Capture
from lib.scene.head import Head
from lib.scene.kinds import Kind
from lib.scene.parts import Part, assemble, locate
from lib.scene.surface import Mesh, vertex_normals

_SHUT, _LIPS_APART = 0.97, 0.5
"""From this blink on lids are shut; lips are while they part by less than so many mm."""
_IN_THE_MOUTH = (Kind.TEETH, Kind.TONGUE, Kind.MOUTH_BACK)
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
def _may_fold(head: Head) -> np.ndarray:
    """Return the triangles of the head that deep folds may turn over: face and lips, (T,) bool.

    Turned over and left out they would be holes.
    """
    around, height = np.abs(head.unwrapped[head.triangles].mean(axis=1)).T
    face = (head.kinds == Kind.SKIN) & (around < 75) & (height < 115)
    return face | (head.kinds == Kind.INNER_LIP)


def _is_shut_away(part: Part, head: Head, capture: Capture, vertices: np.ndarray) -> bool:
    """Say whether closed lips or lids hide a part: it could only show through by mistake."""
    if part.kind in (Kind.EYE, Kind.SOCKET):
        lid = head.lids(capture.person.shape, capture.expression)[0 if part.side < 0 else 1]
        return lid.blink > _SHUT
    if part.kind not in _IN_THE_MOUTH:
        return False
    slit = head.slits["mouth"]
    apart = np.linalg.norm(vertices[slit.upper] - vertices[slit.lower], axis=1)
    return bool(apart.max() < _LIPS_APART)


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
    sites = locate(head, capture.person.shape, capture.expression)
    parts = [_head_part(head, vertices), *assemble(capture, sites)]
    parts = [part for part in parts if not _is_shut_away(part, head, capture, vertices)]
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
    two_sided[: lengths[0]] = _may_fold(head)
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
