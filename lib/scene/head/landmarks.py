"""The 68 landmarks of a head, as points of its skin.

Brows and lips are drawn on the canonical face with each person's own arch and fullness, so their
landmarks follow the drawn curve; all others are fixed points of the template. People who annotate
photographs, and dlib, which learnt from them, put the jaw's points on the visible contour: where a
turned head hides its far jaw, the points march along their row of skin to the contour (Zhu et al.,
"High-Fidelity Pose and Expression Normalization for Face Recognition in the Wild", CVPR 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from lib.scene.curves import LANDMARK_BROW, MOUTH_HEIGHT, brow_curve, lip_borders
from lib.scene.head.template import Template

# From the subject's right ear to the middle of the chin, on the unwrapped skin, mm.
_JAW = ((95, 0), (95, -20), (92, -40), (88, -59), (80, -79), (60, -97), (42, -103), (21, -107))
_CHIN = (0, -108)
_NOSE_BRIDGE = ((0, 4.0), (0, -9), (0, -21.5), (0, -33.5))
_NOSE_BASE = ((-11.8, -44.0), (-6.0, -45.8), (0, -46.8), (6.0, -45.8), (11.8, -44.0))
_MARCHING = (0, 1, 2, 3, 4, 5)
"""Points of the right jaw that march, and their partners on the left; the chin is never hidden."""
_FOREMOST = 34.0
"""How near to the middle of the face a point may march, mm."""
_EYE_ENDS = (42.6, 17.9)
"""|x| of the outer and inner end of what is seen of an eye: in its corners the lids touch."""
_LIDS = (35.6, 26.2)
_BROW_LIFTS = (0.0, 0.2, 0.45, 0.45, -0.2)
"""How far over a brow's middle line its landmarks lie, in half thicknesses, from the outer end."""
_BROW_TAIL = 5.2
"""How far the outermost landmark hangs below the middle line, mm."""
_UPPER_LIP, _LOWER_LIP = (15.0, 5.2, 0.0), (14.5, 6.5, 0.0)
_INNER_LIP, _CORNER, _INNER_CORNER = 5.6, 24.8, 20.4
_UPPER_BORDER = 0.78
"""Where between the lips' line and the upper border of the red its landmarks lie: it fades out."""


class Canvas:
    """Finds the skin under a point of the canonical face."""

    def __init__(self, canonical: np.ndarray, triangles: np.ndarray):
        front = canonical[triangles].mean(axis=1)
        self.triangles = triangles[(front[:, 2] > 25) & (np.abs(front[:, 0]) < 75)]
        corners = canonical[self.triangles][..., :2]
        self.origin = corners[:, 0]
        sides = np.stack([corners[:, 1] - self.origin, corners[:, 2] - self.origin], axis=-1)
        flat = np.abs(np.linalg.det(sides)) < 1e-6
        self.inverse = np.linalg.inv(np.where(flat[:, None, None], 1e6 * np.eye(2), sides))
        centres = np.where(flat[:, None], 1e6, corners.mean(axis=1))
        self.tree = cKDTree(centres)

    def locate(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the triangles that points lie in.

        Args:
            points: (N, 2) canonical coordinates, mm.

        Returns:
            (N, 3) vertices of the triangles and (N, 3) weights of these vertices.
        """
        near = self.tree.query(points, k=12)[1]
        second, third = np.moveaxis(
            (self.inverse[near] @ (points[:, None] - self.origin[near])[..., None])[..., 0], -1, 0
        )
        weights = np.stack([1 - second - third, second, third], axis=-1)
        best = weights.min(axis=-1).argmax(axis=1)
        rows = np.arange(len(points))
        return self.triangles[near[rows, best]], weights[rows, best]


@dataclass(frozen=True)
class Drawn:
    """What a person's landmarks depend on besides their head: curves drawn on the skin.

    Attributes:
        arch: of the brows.
        thickness: of the brows.
        upper_lip: the head's mode of that name, standard deviations; so are the next two.
        lower_lip: fullness of the lower lip.
        cupid_bow: depth of the upper lip's bow.
    """

    arch: float = 0.0
    thickness: float = 1.0
    upper_lip: float = 0.0
    lower_lip: float = 0.0
    cupid_bow: float = 0.0


class Landmarks:
    """Finds the 68 landmarks on any head of one template."""

    def __init__(self, template: Template, canonical: np.ndarray):
        self.canvas = Canvas(canonical[: template.skin], template.triangles[template.kinds == 0])
        self.fixed = _fixed_vertices(template, canonical)
        self.nose = self.canvas.locate(np.array(_NOSE_BRIDGE + _NOSE_BASE))
        self.eye_ends = _eye_ends(template, canonical)
        self.rows = _marching_rows(template, self.fixed)

    def find(
        self, vertices: np.ndarray, drawn: Drawn, right: np.ndarray | None = None
    ) -> np.ndarray:
        """Find the landmarks.

        Args:
            vertices: (V, 3) the head, mm.
            drawn: what is drawn on its skin.
            right: (3,) unit vector, in the head's axes, to the right of an untilted picture; with
                it the jaw's points lie on the contour that this picture shows.

        Returns:
            (68, 3) mm, in dlib's order.
        """
        found = vertices[np.maximum(self.fixed, 0)]
        if right is not None:
            for point, row in self.rows.items():
                outwards = vertices[row] @ right * (-1 if point < 8 else 1)
                found[point] = vertices[row[outwards.argmax()]]
        found[[36, 39, 42, 45]] = vertices[self.eye_ends].mean(axis=1)
        found[27:36] = _interpolate(vertices, *self.nose)
        places = np.concatenate([_brows(drawn), _lips(drawn)])
        curves = _interpolate(vertices, *self.canvas.locate(places))
        found[17:27] = curves[:10]
        found[49:54], found[55:60] = curves[10:15], curves[15:]
        return found

    def nearest_vertices(self) -> np.ndarray:
        """(68,) int32 the vertex nearest to each landmark of an average face."""
        places = np.concatenate([_brows(Drawn()), _lips(Drawn())])
        triangles, weights = self.canvas.locate(places)
        nearest = self.fixed.copy()
        nearest[[36, 39, 42, 45]] = self.eye_ends[:, 0]
        nearest[27:36] = np.take_along_axis(*_heaviest(*self.nose), axis=1)[:, 0]
        curves = np.take_along_axis(*_heaviest(triangles, weights), axis=1)[:, 0]
        nearest[17:27], nearest[49:54], nearest[55:60] = curves[:10], curves[10:15], curves[15:]
        return nearest.astype(np.int32)


def _heaviest(triangles: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return triangles, weights.argmax(axis=1)[:, None]


def _interpolate(vertices: np.ndarray, triangles: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (vertices[triangles] * weights[..., None]).sum(axis=1)


def _fixed_vertices(template: Template, canonical: np.ndarray) -> np.ndarray:
    """(68,) vertices of jaw, eyes and the line between the lips; -1 for all others."""
    fixed = np.full(68, -1)
    place = template.unwrapped[: template.skin]
    right = [(-x, y) for x, y in _JAW]
    fixed[:9] = [np.square(place - point).sum(axis=1).argmin() for point in (*right, _CHIN)]
    fixed[9:17] = template.mirror[fixed[7::-1]]
    for first, name in ((36, "right_eye"), (42, "left_eye")):
        upper, lower = template.slits[name].upper, template.slits[name].lower
        across = np.abs(canonical[upper, 0])
        outer, inner = (int(np.abs(across - x).argmin()) for x in _LIDS)
        a, b = (outer, inner) if name == "right_eye" else (inner, outer)
        fixed[first : first + 6] = [upper[0], upper[a], upper[b], upper[-1], lower[b], lower[a]]
    mouth = template.slits["mouth"]
    across = canonical[mouth.upper, 0]
    at = [int(np.abs(across - x).argmin()) for x in (-_INNER_LIP, 0, _INNER_LIP)]
    ends = [int(np.abs(across - x).argmin()) for x in (-_INNER_CORNER, _INNER_CORNER)]
    corners = [int(np.abs(across - x).argmin()) for x in (-_CORNER, _CORNER)]
    fixed[[48, 54]] = mouth.upper[corners]
    fixed[[60, 61, 62, 63, 64]] = mouth.upper[[ends[0], *at, ends[1]]]
    fixed[[65, 66, 67]] = mouth.lower[at[::-1]]
    return fixed


def _eye_ends(template: Template, canonical: np.ndarray) -> np.ndarray:
    """(4, 2) upper and lower vertices whose middles are landmarks 36, 39, 42 and 45."""
    pairs = []
    for name, ends in (("right_eye", _EYE_ENDS), ("left_eye", _EYE_ENDS[::-1])):
        slit = template.slits[name]
        across = np.abs(canonical[slit.upper, 0])
        chosen = [int(np.abs(across - x).argmin()) for x in ends]
        pairs += [(slit.upper[k], slit.lower[k]) for k in chosen]
    return np.array(pairs)


def _marching_rows(template: Template, fixed: np.ndarray) -> dict[int, np.ndarray]:
    """For each point that marches, the vertices of its row from itself towards the nose."""
    place, rows = template.unwrapped[: template.skin], {}
    for point in (*_MARCHING, *(16 - point for point in _MARCHING)):
        around, height = place[fixed[point]]
        beside = np.sign(around) * place[:, 0]
        row = (place[:, 1] == height) & (beside >= _FOREMOST) & (beside <= abs(around))
        rows[point] = np.flatnonzero(row)
    return rows


def _brows(drawn: Drawn) -> np.ndarray:
    """(10, 2) canonical places of the brows' landmarks: along their upper edge."""
    right = []
    for x, lift in zip(LANDMARK_BROW, _BROW_LIFTS, strict=True):
        height, half = brow_curve(x, drawn.arch, drawn.thickness)
        right.append((-x, height + lift * half - (_BROW_TAIL if lift == 0 else 0)))
    return np.array(right + [(-x, y) for x, y in right[::-1]])


def _lips(drawn: Drawn) -> np.ndarray:
    """(10, 2) canonical places of the lips' borders: upper ones from the right, lower from left."""
    shape = (drawn.upper_lip, drawn.lower_lip, drawn.cupid_bow)
    above = [(x, MOUTH_HEIGHT + _UPPER_BORDER * lip_borders(x, *shape)[0]) for x in _UPPER_LIP]
    below = [(x, MOUTH_HEIGHT - lip_borders(x, *shape)[1]) for x in _LOWER_LIP]
    upper = [(-x, y) for x, y in above] + above[-2::-1]
    lower = below + [(-x, y) for x, y in below[-2::-1]]
    return np.array(upper + lower)
