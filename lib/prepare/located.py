"""Photos in which the place of the right face is known: CelebA's and LFW's.

Such collections say who is in a photo, and a photo may show several people. The face with the
highest score would now and then go in under another one's name, so the one at the known place does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lib import images
from lib.faces import detect, landmarks
from lib.faces.detect import Face
from lib.prepare import chips
from lib.store import Field, Rejected

ALIGNED_SIZE = (178, 218)
"""Width and height in pixels of CelebA's aligned photos; other sizes of this shape will do."""

ALIGNED_BOX = (44.0, 84.0, 134.0, 176.0)
"""The box that dlib's detector draws on an aligned photo: medians of 195, `ALIGNED_SIZE`."""

FINE_HEIGHT = 436
"""Pixels to which an aligned photo is enlarged, since dlib gives landmarks in whole ones."""


@dataclass(frozen=True, eq=False)
class Located:
    """Makes the samples of photos that are not all of one person alone.

    The arrays are NumPy's, so that joblib shares them with its workers: CelebA has 202,599 photos.

    Attributes:
        folder: where the photos lie.
        files: (photos,) relative paths.
        frame: of the chips.
        smallest: width of the smallest face taken, pixels of the photo.
        aligned: whether the photos are CelebA's aligned ones: all faces lie alike, none is sought.
        points: (photos, 2) float32, a point of the face in pixels of its photo, x then y, or NaN
            where none is known and the best face goes in; None for the middle of every photo.
        attributes: (photos, attributes) int8, -1 or 1; None for a dataset without them.
        attribute_names: of the attributes.
        missing: why a photo is left out, by its place in `files`.
        annotations: a hash of what the text files say.
    """

    folder: Path
    files: np.ndarray
    frame: chips.Frame
    smallest: float
    aligned: bool = False
    points: np.ndarray | None = None
    attributes: np.ndarray | None = None
    attribute_names: tuple[str, ...] = ()
    missing: Mapping[int, str] = field(default_factory=dict)
    annotations: str = ""

    @property
    def fields(self) -> list[Field]:
        """The arrays of a sample: those of `lib.prepare.chips.Photos`, and the attributes."""
        extra = []
        if self.attributes is not None:
            extra = [Field("attributes", self.attributes.shape[1:], "float32", "vector")]
        return chips.fields(self.frame.size) + extra

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of its making."""
        return {
            **self.frame.parameters,
            "smallest": self.smallest,
            "aligned": self.aligned,
            "attributes": list(self.attribute_names),
            "files": chips.digest(self.folder, self.files.tolist()),
            "annotations": self.annotations,
        }

    def __call__(self, index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Make a sample; nothing about it is random.

        Returns:
            The arrays by field name.

        Raises:
            Rejected: if the photo lacks an annotation, is no picture, or its face is not found.
        """
        if index in self.missing:
            raise Rejected(self.missing[index])
        photo = chips.read(self.folder, str(self.files[index]))
        placed = self.aligned and not self.frame.boxed  # where MTCNN draws a box, it has to say
        face, points = self._aligned(photo) if placed else self._found(photo, index)
        arrays = chips.sample(photo, face, points, self.frame)
        if self.attributes is not None:
            arrays["attributes"] = self.attributes[index].astype(np.float32)
        return arrays

    def _found(self, photo: np.ndarray, index: int) -> tuple[Face, np.ndarray]:
        """Search the face at the known place."""
        height, width = photo.shape[:2]
        point = np.array([width, height]) / 2 if self.points is None else self.points[index]
        face = face_at(photo, point, masked=self.frame.boxed)
        if face.width < self.smallest:
            raise Rejected(f"the face is {face.width:.0f} pixels wide, below {self.smallest:g}")
        return face, landmarks.landmarks68(photo, face)

    def _aligned(self, photo: np.ndarray) -> tuple[Face, np.ndarray]:
        """Put the box where the face is on every aligned photo."""
        height, width = photo.shape[:2]
        shape = ALIGNED_SIZE[0] / ALIGNED_SIZE[1]
        if abs(width / height - shape) > 1 / height:
            raise Rejected(f"{width} x {height} pixels; an aligned photo has 178 x 218, or a part")
        scale = width / ALIGNED_SIZE[0], height / ALIGNED_SIZE[1]
        box = tuple(float(edge) for edge in np.multiply(ALIGNED_BOX, scale * 2))
        return Face(box, 1.0), fine_landmarks(photo, box)


def face_at(photo: np.ndarray, point: np.ndarray, *, masked: bool = False) -> Face:
    """Find the face at a point of a photo.

    Args:
        photo: uint8 RGB (height, width, 3).
        point: (2,) x and y in pixels; NaN for the best face.
        masked: whether to search with MTCNN.

    Returns:
        Of the faces whose box holds the point the one with its middle nearest.

    Raises:
        Rejected: if there is none.
    """
    faces = detect.find_faces(photo, masked)
    height, width = photo.shape[:2]
    if not faces:
        raise Rejected(f"no face found in the picture ({width} x {height} pixels)")
    x, y = (float(value) for value in point)
    if math.isnan(x) or math.isnan(y):
        return faces[0]
    there = [f for f in faces if f.box[0] <= x < f.box[2] and f.box[1] <= y < f.box[3]]
    if not there:
        raise Rejected(f"none of {len(faces)} faces lies at ({x:.0f}, {y:.0f}), where it should be")
    return min(there, key=lambda face: math.dist(face.centre, (x, y)))


def fine_landmarks(photo: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """Locate the 68 points to fractions of a pixel, by searching an enlarged photo.

    Args:
        photo: uint8 RGB (height, width, 3).
        box: left, top, right, bottom of the face in pixels.

    Returns:
        float32 (68, 2), x and y in pixels.
    """
    height, width = photo.shape[:2]
    times = max(1, round(FINE_HEIGHT / height))
    if times > 1:
        photo = images.resize(photo, (height * times, width * times))
    points = landmarks.landmarks68(photo, Face(tuple(edge * times for edge in box), 1.0))
    return (points + np.float32(0.5)) / np.float32(times) - np.float32(0.5)
