"""One mesh of the scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.scene.kinds import Kind


@dataclass(frozen=True, eq=False)
class Part:
    """A triangle mesh with its place on the surface.

    Attributes:
        kind: what it is made of.
        vertices: (V, 3) float32, mm.
        triangles: (T, 3) int32, anticlockwise seen from outside.
        coordinates: (V, 2) float32 place on the part's own surface; each part says what they mean.
        side: -1 the subject's right, 1 their left, 0 neither; teeth: 1 upper, -1 lower.
        two_sided: whether the inside can be seen.
    """

    kind: Kind
    vertices: np.ndarray
    triangles: np.ndarray
    coordinates: np.ndarray
    side: int = 0
    two_sided: bool = True
