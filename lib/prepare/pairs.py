"""Real photos beside a render of the parameters that were fitted to them.

The fits of 300W-3D, 300W-LP and AFLW2000-3D belong to the Basel face model, which is not ours to
give away. Our parametric head takes over pose, light and expressiveness; the face is the mean one.
Photo and render are framed alike: the render's camera is turned, moved and zoomed so that its 68
landmarks fall on those of the photo.

Two conventions of the jaw must not be mixed. Landmarks of ``pt3d_68`` (AFLW2000-3D) are fixed
places of the head, also where a turned head hides them; those of ``pt2d`` (300W-LP) lie on the
contour that the photo shows. `render_landmarks` follow whichever the photo's `landmarks` follow.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lib import scene
from lib.files import one_line
from lib.prepare import chips
from lib.prepare.located import face_at
from lib.scene import camera, fitted, head
from lib.scene.capture import Camera, Capture
from lib.scene.morphable import MorphableError, matlab_files
from lib.scene.person import Person
from lib.scene.render import render
from lib.scene.sampling import sample, sample_person
from lib.scene.sampling.fitted import from_fitted
from lib.store import Field, Rejected, StoreError

PHOTO_SUFFIX = ".jpg"
"""Of the photos beside the files of fitted parameters, in all three collections."""

_SAMPLED_AT_CENTRE = 0.5  # a projection counts from the picture's edge, landmarks from a centre


def find_files(folder: Path) -> list[str]:
    """List the files of fitted parameters, as `lib.prepare.chips.find_files` does.

    Files of landmarks alone (``_pts.mat``), which 300W-LP has beside them, are passed over.

    Raises:
        StoreError: if there is no such folder, or no such file in it.
    """
    found = chips.find_files(folder, {".mat"}, "fitted parameters")
    fits = [file for file in found if not file.endswith("_pts.mat")]
    if not fits:
        raise StoreError(
            f"{folder}: found {len(found)} files of landmarks (_pts.mat) and no fitted parameters; "
            f"expected {found[0].removesuffix('_pts.mat')}.mat and so on"
        )
    return fits


def identity_of(file: str) -> str:
    """Return whose face a file holds: 300W-LP turns each photo into `_0`, `_1` ... up to 17."""
    stem = Path(file).stem
    name, _, number = stem.rpartition("_")
    return one_line(name if name and number.isdigit() and len(number) < 3 else stem)


@functools.cache
def mean_person(seed: int) -> Person:
    """Return a person with the mean head: the first of a collection, but for the shape."""
    person = sample_person(seed, 0)
    return replace(person, name="mean", shape=np.zeros_like(person.shape))


def frame(capture: Capture, points: np.ndarray, size: int, *, visible: bool = False) -> Capture:
    """Turn, move and zoom the camera so that the head's landmarks come nearest to given ones.

    Of all cameras that differ in roll, field of view and shift this is the best one by least
    squares, because these three make up a similarity of the picture.

    Args:
        capture: what there is to see.
        points: (68, 2) where the landmarks are wanted, pixels.
        size: width of the picture, pixels.
        visible: whether the points of the jaw lie on the visible contour, see `landmarks_of`.

    Returns:
        The capture with another camera.
    """
    wanted = np.asarray(points, np.float64) + _SAMPLED_AT_CENTRE
    found = landmarks_of(capture, size, visible=visible)
    turn, shift = _similarity(found + _SAMPLED_AT_CENTRE, wanted)
    right, down = capture.camera.shift
    middle = turn * size * complex(0.5 + right, 0.5 + down) + shift
    moved: Camera = replace(
        capture.camera,
        roll=capture.camera.roll - float(np.degrees(np.angle(turn))),
        field=capture.camera.field / abs(turn),
        shift=(middle.real / size - 0.5, middle.imag / size - 0.5),
    )
    return replace(capture, camera=moved)


def landmarks_of(capture: Capture, size: int, *, visible: bool = False) -> np.ndarray:
    """Project the head's landmarks without rendering.

    Args:
        capture: what there is to see.
        size: width of the picture, pixels.
        visible: whether the points of the jaw lie on the contour that the picture shows, as
            `lib.scene.render.render` has them, or on fixed places of the head.

    Returns:
        (68, 2) float32, pixels.
    """
    model, person = head.load(), capture.person
    vertices = model.shape(person.shape, capture.expression)
    right = camera.rotation(replace(capture.camera, roll=0.0))[0] if visible else None
    points = model.landmarks(vertices, person, right)
    return camera.project(points, capture.camera, size)[:, :2] - np.float32(_SAMPLED_AT_CENTRE)


def _similarity(source: np.ndarray, target: np.ndarray) -> tuple[complex, complex]:
    """Fit target = turn * source + shift by least squares, points as complex numbers."""
    source, target = (points[:, 0] + 1j * points[:, 1] for points in (source, target))
    centred = source - source.mean()
    turn = np.vdot(centred, target - target.mean()) / np.vdot(centred, centred).real
    return complex(turn), complex(target.mean() - turn * source.mean())


def _fitted(folder: Path, file: str) -> tuple[fitted.FittedFace, np.ndarray]:
    """Read a fit and the photo's landmarks, (68, 2) pixels."""
    path = folder / file
    try:
        face = fitted.read(path)
        if face.landmarks is not None:
            return face, face.landmarks[:, :2]
        points = matlab_files.read(path, "pt2d")["pt2d"]
    except MorphableError as error:
        raise Rejected(str(error).removeprefix(f"{path}: ")) from error
    if points.shape != (2, 68):
        raise Rejected(f"found pt2d of shape {points.shape}, expected (2, 68) or a pt3d_68")
    return face, points.T.astype(np.float32) - 1  # the files count pixels from 1


@dataclass(frozen=True)
class Pairs:
    """Makes the samples of a folder of photos with fitted parameters.

    Attributes:
        folder: where the files lie.
        files: relative paths of the ``.mat`` files; the photos have the same names.
        frame: of photo and render.
        seed: of the renders' expressions and skin.
    """

    folder: Path
    files: tuple[str, ...]
    frame: chips.Frame
    seed: int

    @property
    def size(self) -> int:
        """Side of photo and render, pixels."""
        return self.frame.size

    @property
    def fields(self) -> list[Field]:
        """The arrays of a sample; `pose` is yaw, pitch and roll of the photo in degrees.

        `render_landmarks` lie on the jaw where `landmarks` do: on fixed places of the head for
        files with ``pt3d_68``, on the visible contour for those with ``pt2d`` alone.
        """
        return [
            Field("photo", (self.size, self.size, 3)),
            Field("render", (self.size, self.size, 3)),
            Field("landmarks", (68, 2), "float32", "landmarks"),
            Field("render_landmarks", (68, 2), "float32", "landmarks"),
            Field("pose", (3,), "float32", "vector"),
        ]

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of its making."""
        return {
            **self.frame.parameters,
            "files": chips.digest(self.folder, self.files),
            "renderer": scene.source_digest(),
        }

    def __call__(self, index: int, generator: np.random.Generator) -> Mapping[str, np.ndarray]:
        """Make a sample; all that is random follows from `seed` and the sample's number.

        Raises:
            Rejected: if the parameters or the photo cannot be read, or MTCNN is asked for the face
                and sees none.
        """
        file = self.files[index]
        face, points = _fitted(self.folder, file)
        photo = chips.read(self.folder, str(Path(file).with_suffix(PHOTO_SUFFIX)))
        found = face_at(photo, points.mean(axis=0), masked=True) if self.frame.boxed else None
        chip, alignment = chips.cut(photo, points, self.frame, found)
        targets = alignment.to_chip(points)
        visible = face.landmarks is None
        capture = frame(self._pose(index, face), targets, self.size, visible=visible)
        return {
            "photo": chip,
            "render": render(capture, self.size)["render"],
            "landmarks": targets,
            "render_landmarks": landmarks_of(capture, self.size, visible=visible),
            "pose": np.array(face.pose_degrees, np.float32),
        }

    def _pose(self, index: int, face: fitted.FittedFace) -> Capture:
        drawn = sample(self.seed, 0, index, accessories=False)
        return from_fitted(replace(drawn, person=mean_person(self.seed)), face)
