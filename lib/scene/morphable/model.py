"""A linear face model: a mean mesh and the modes that move it."""

from __future__ import annotations

import dataclasses
import os

import numpy as np

from lib.files import one_line


class MorphableError(ValueError):
    """A face model is not what it should be; says which file, what is wrong and what to do."""

    def __init__(self, source: str | os.PathLike, problem: object):
        super().__init__(f"{one_line(source)}: {one_line(problem)}")


def _no_landmarks() -> np.ndarray:
    return np.full(68, -1, np.int32)


@dataclasses.dataclass(frozen=True, eq=False)
class MorphableModel:
    """A face model: vertices = mean + identity modes * coefficients + expression modes * weights.

    Lengths are millimetres; x points to the subject's left (the right of the picture), y up, z out
    of the face. The origin is the file's own. The idea is Blanz and Vetter's, "A Morphable Model
    for the Synthesis of 3D Faces" (SIGGRAPH 1999).

    Attributes:
        name: the family and edition, for people to read.
        source: the file or folder it came from.
        mean: (V, 3) float32, mm; the shape with all coefficients 0.
        identity: (K, V, 3) float32, mm for one standard deviation.
        triangles: (F, 3) int32 vertices, anticlockwise seen from outside.
        expression: (E, V, 3) float32, mm for a weight of 1; E may be 0.
        expression_mean: (V, 3) float32, mm, what ``mean`` holds of an average expression; None
            where ``mean`` is neutral.
        expression_names: a name for each expression mode, or none at all.
        blendshapes: expression weights are amounts from 0 to 1, not standard deviations.
        landmarks68: (68,) int32 vertices in dlib's order, -1 where the model has none.
        albedo_mean: (V, 3) float32, red, green and blue from 0 to 1, as stored; None if unknown.
        albedo: (A, V, 3) float32 for one standard deviation, or None.
        parts: (F,) uint8, which of ``part_names`` a triangle belongs to, or None.
        part_names: the parts' names.
        uv: (F, 3, 2) float32, texture place of each triangle's corners, or None.
        notes: what had to be assumed or was left out while reading.

    Raises:
        MorphableError: if two arrays do not fit together.
    """

    name: str
    source: str
    mean: np.ndarray
    identity: np.ndarray
    triangles: np.ndarray
    expression: np.ndarray
    expression_mean: np.ndarray | None = None
    expression_names: tuple[str, ...] = ()
    blendshapes: bool = False
    landmarks68: np.ndarray = dataclasses.field(default_factory=_no_landmarks)
    albedo_mean: np.ndarray | None = None
    albedo: np.ndarray | None = None
    parts: np.ndarray | None = None
    part_names: tuple[str, ...] = ()
    uv: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        vertices, faces = self.mean.shape, self.triangles.shape
        self._demand("identity", (len(self.identity), *vertices))
        self._demand("expression", (len(self.expression), *vertices))
        self._demand("expression_mean", vertices)
        self._demand("albedo_mean", vertices)
        self._demand("albedo", (len(self.albedo) if self.albedo is not None else 0, *vertices))
        self._demand("parts", faces[:1])
        self._demand("uv", (*faces, 2))
        self._demand("landmarks68", (68,))
        if self.expression_names and len(self.expression_names) != len(self.expression):
            raise MorphableError(
                self.source,
                f"found {len(self.expression_names)} names for {len(self.expression)} expressions, "
                "expected one each",
            )
        if not (self.landmarks68.min() >= -1 and self.landmarks68.max() < len(self.mean)):
            raise MorphableError(
                self.source,
                f"found landmark vertices from {self.landmarks68.min()} to "
                f"{self.landmarks68.max()}, expected -1 (none) to {len(self.mean) - 1}",
            )

    def _demand(self, field: str, shape: tuple[int, ...]) -> None:
        values = getattr(self, field)
        if values is not None and values.shape != shape:
            raise MorphableError(
                self.source, f"found {field} of shape {values.shape}, expected {shape}"
            )

    @property
    def neutral(self) -> np.ndarray:
        """The mean face without an expression, (V, 3) float32 mm."""
        return self.mean if self.expression_mean is None else self.mean - self.expression_mean

    def shape(
        self, identity: np.ndarray | None = None, expression: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the vertices of one face.

        Args:
            identity: (up to K,) coefficients in standard deviations; those left out are 0.
            expression: (up to E,) weights; those left out are 0.

        Returns:
            (V, 3) float32, mm.

        Raises:
            MorphableError: if there are more coefficients than modes.
        """
        vertices = self.mean + self._moved("identity", identity)
        return vertices + self._moved("expression", expression)

    def colour(self, coefficients: np.ndarray | None = None) -> np.ndarray:
        """Return the albedo of one face.

        Args:
            coefficients: (up to A,) in standard deviations; those left out are 0.

        Returns:
            (V, 3) float32 from 0 to 1.

        Raises:
            MorphableError: if the model has no albedo, or fewer modes than coefficients.
        """
        if self.albedo_mean is None:
            raise MorphableError(
                self.source,
                f"{self.name} knows shapes only: take the colour from another model, or from "
                "lib.scene's own skin",
            )
        return (self.albedo_mean + self._moved("albedo", coefficients)).clip(0, 1)

    def sample(self, generator: np.random.Generator, spread: float = 1.0) -> np.ndarray:
        """Draw one face, its coefficients from a normal distribution; the expression stays.

        Args:
            generator: the source of randomness.
            spread: standard deviation of the coefficients; 0 gives the mean, 1 the population.

        Returns:
            (V, 3) float32, mm.
        """
        return self.shape(spread * generator.standard_normal(len(self.identity)))

    def landmark_points(self, vertices: np.ndarray | None = None) -> np.ndarray:
        """Return the 68 landmarks of a face.

        Args:
            vertices: (V, 3), mm; the mean face by default.

        Returns:
            (68, 3) float32, mm, in dlib's order.

        Raises:
            MorphableError: if the model lacks any of them.
        """
        lacking = np.flatnonzero(self.landmarks68 < 0)
        if len(lacking):
            raise MorphableError(
                self.source,
                f"{self.name} lacks {len(lacking)} of the 68 landmarks (the first is "
                f"{lacking[0]}): give load(..., landmarks=FILE), a text file of 68 vertex numbers",
            )
        return (self.mean if vertices is None else vertices)[self.landmarks68]

    def scaled(self, factor: float) -> MorphableModel:
        """Return the same model, every length times a factor."""
        lengths = ("mean", "identity", "expression", "expression_mean")
        changed = {
            field: values * np.float32(factor)
            for field in lengths
            if (values := getattr(self, field)) is not None
        }
        return dataclasses.replace(self, **changed)

    def _moved(self, field: str, coefficients: np.ndarray | None) -> np.ndarray | np.float32:
        """Sum up the modes of a field; a plain 0 where no coefficients are given."""
        if coefficients is None:
            return np.float32(0)
        modes = getattr(self, field)
        given, available = np.asarray(coefficients, np.float32), 0 if modes is None else len(modes)
        if given.ndim != 1 or len(given) > available:
            raise MorphableError(
                self.source,
                f"found {field} coefficients of shape {given.shape}, expected at most "
                f"{available} in a row",
            )
        return np.tensordot(given, modes[: len(given)], axes=1) if len(given) else np.float32(0)
