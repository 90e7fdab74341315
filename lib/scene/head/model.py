"""The head as a linear model, and what the renderer asks of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from lib.scene.curves import EYE_CENTRE
from lib.scene.head import lids
from lib.scene.head.construction import Construction
from lib.scene.head.expression import EXPRESSIONS, JAW_ANGLE
from lib.scene.head.identity import IDENTITY_MODES, NAMED_MODES
from lib.scene.head.landmarks import Drawn, Landmarks
from lib.scene.head.lids import LidPose, LidRegion
from lib.scene.head.template import Slit
from lib.scene.person import Person

_MODE = {name: index for index, name in enumerate(IDENTITY_MODES)}
_EXPRESSION = {name: index for index, name in enumerate(EXPRESSIONS)}


@dataclass(frozen=True, eq=False)
class Head:
    """A linear model of heads (Blanz and Vetter, 1999), with eyelids on top.

    Attributes:
        mean: (V, 3) float32 the mean head with closed eyes, mm.
        identity: (modes, V, 3) float32 displacement by one standard deviation of each mode, mm.
        expression: (expressions, V, 3) float32 displacement by each expression at full strength.
        triangles: (T, 3) int32, anticlockwise seen from outside.
        kinds: (T,) int32, each triangle's `Kind`: skin, rims of the lids, inside of the lips.
        skin: number of vertices on the skin; those of rims and inner lips come after them.
        bases: (3 V, modes) and (3 V, expressions) sparse: four fifths of both are zeros.
        last: the coefficients and the head at rest of the last person asked for: pictures of one
            person follow each other.
        canonical: (V, 2) float32 place on the canonical face, mm: x to the subject's left, y up.
        unwrapped: (V, 2) float32 place on the unwrapped skin, mm; x = ±236 is the back's middle,
            where the skin is sewn together.
        mirror: (V,) int32 the vertex on the other side of the face.
        slits: edges of "right_eye", "left_eye" and "mouth".
        regions: the vertices round both eyes, the subject's right first.
        landmarks68: (68,) int32 the vertex nearest to each landmark of an average face.
        finder: finds landmarks exactly.
    """

    mean: np.ndarray
    identity: np.ndarray
    expression: np.ndarray
    triangles: np.ndarray
    kinds: np.ndarray
    skin: int
    bases: tuple[csr_array, csr_array]
    last: dict[bytes, np.ndarray]
    canonical: np.ndarray
    unwrapped: np.ndarray
    mirror: np.ndarray
    slits: dict[str, Slit]
    regions: tuple[LidRegion, LidRegion]
    landmarks68: np.ndarray
    finder: Landmarks

    def shape(self, shape: np.ndarray, expression: np.ndarray) -> np.ndarray:
        """Build a head.

        Args:
            shape: (modes,) identity coefficients, standard deviations.
            expression: (expressions,) weights, 0 to about 1.

        Returns:
            (V, 3) float32 vertices, mm.
        """
        vertices = self.closed(shape, expression)
        centres = self.eye_centres(shape)
        for region, centre, pose in zip(
            self.regions, centres, self.lids(shape, expression), strict=True
        ):
            lids.wrap(vertices, region, centre, pose)
        return vertices

    def closed(self, shape: np.ndarray, expression: np.ndarray) -> np.ndarray:
        """Build a head with closed eyes: the linear model alone, as `shape` does."""
        moved = self.bases[1] @ np.asarray(expression, np.float32)
        return self._at_rest(np.asarray(shape, np.float32)) + moved.reshape(-1, 3)

    def _at_rest(self, shape: np.ndarray) -> np.ndarray:
        """Build a person's head without expression, its eyes closed; not to be changed."""
        key = shape.tobytes()
        head = self.last.get(key)
        if head is None:
            head = self.mean + (self.bases[0] @ shape).reshape(-1, 3)
            self.last.clear()
            self.last[key] = head
        return head

    def eye_centres(self, shape: np.ndarray) -> np.ndarray:
        """Centres of the eyeballs: they follow the skin at the corners of the eyes.

        Returns:
            (2, 3) float32 mm, the subject's right eye first.
        """
        centres = np.empty((2, 3), np.float32)
        for row, (side, region) in enumerate(zip((-1, 1), self.regions, strict=True)):
            corners = self.identity[:, region.corners].mean(axis=1)
            usual = np.array([side * EYE_CENTRE[0], *EYE_CENTRE[1:]], np.float32)
            centres[row] = usual + np.asarray(shape, np.float32) @ corners
        return centres

    def lids(self, shape: np.ndarray, expression: np.ndarray) -> tuple[LidPose, LidPose]:
        """How the lids of both eyes stand, the subject's right first."""
        return tuple(
            lids.pose(
                eye_opening=self.value(shape, "eye_opening"),
                hood=self.value(shape, "eye_hood"),
                blink=float(expression[_EXPRESSION[blink]]),
                squint=float(expression[_EXPRESSION["squint"]]),
                wide_eyes=float(expression[_EXPRESSION["wide_eyes"]]),
                smile=float(expression[_EXPRESSION["smile"]]),
            )
            for blink in ("blink_right", "blink_left")
        )

    def opening(self, shape: np.ndarray, expression: np.ndarray) -> tuple[float, float]:
        """How far the lids stand apart in the middle of the eyes, mm; the right eye first."""
        right, left = self.lids(shape, expression)
        return right.opening, left.opening

    def landmarks(
        self, vertices: np.ndarray, person: Person, right: np.ndarray | None = None
    ) -> np.ndarray:
        """Find the 68 landmarks on one of this person's heads.

        Args:
            vertices: (V, 3) of `shape`, mm.
            person: whose brows and lips are drawn on it.
            right: (3,) unit vector, in the head's axes, to the right of an untilted picture; with
                it the jaw's points lie on the contour that this picture shows.

        Returns:
            (68, 3) float32 mm, dlib's order, the subject's right first.
        """
        lips = {name: self.value(person.shape, name) for name in _DRAWN_MODES}
        drawn = Drawn(person.brows.arch, person.brows.thickness, **lips)
        return self.finder.find(vertices, drawn, right).astype(np.float32)

    def value(self, shape: np.ndarray, name: str) -> float:
        """Give the coefficient of a named mode.

        Raises:
            KeyError: there is no such mode.
        """
        return float(shape[_MODE[name]])

    def jaw_angle(self, expression: np.ndarray) -> float:
        """Degrees by which the jaw is open."""
        return JAW_ANGLE * float(expression[_EXPRESSION["jaw_open"]])


_DRAWN_MODES = ("upper_lip", "lower_lip", "cupid_bow")


def build(detail: float) -> Head:
    """Build the linear model by finite differences of the construction.

    Args:
        detail: level of detail; see `template.build`.
    """
    made = Construction(detail)
    mean = made.build()
    named = [(made.build({name: 1.0}) - made.build({name: -1.0})) / 2 for name in NAMED_MODES]
    moves = [made.build(weights={name: 1.0}) - mean for name in EXPRESSIONS]
    identity = _rounded(np.concatenate([named, made.residuals()]))
    expression = _rounded(np.stack(moves))
    layout = made.template
    finder = Landmarks(layout, made.bare)
    return Head(
        mean=mean.astype(np.float32),
        identity=identity,
        expression=expression,
        bases=tuple(csr_array(b.reshape(-1, mean.size).T) for b in (identity, expression)),
        last={},
        triangles=layout.triangles,
        kinds=layout.kinds,
        skin=layout.skin,
        canonical=made.bare[:, :2].astype(np.float32),
        unwrapped=layout.unwrapped.astype(np.float32),
        mirror=layout.mirror,
        slits=layout.slits,
        regions=tuple(lids.region(layout, made.bare, side) for side in (-1, 1)),
        landmarks68=finder.nearest_vertices(),
        finder=finder,
    )


def _rounded(modes: np.ndarray) -> np.ndarray:
    """Drop displacements of less than a micrometre, so that the basis is sparse."""
    return np.where(np.abs(modes) < 1e-3, 0, modes).astype(np.float32)
