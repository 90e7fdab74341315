"""Parameters fitted to real photos: the ``.mat`` files of 300W-3D, 300W-LP and AFLW2000-3D.

Zhu et al., "Face Alignment Across Large Poses: A 3D Solution" (CVPR 2016), fitted the Basel 2009
model (with expressions of FaceWarehouse) to photos of 450 x 450 pixels. The camera is a scaled
orthographic one::

    pixels = scale * R @ vertex + translation      y up; R = Rx(pitch) Ry(yaw) Rz(roll)

The files measure pitch upwards, yaw towards the left of the picture and roll clockwise. We count
pixels from 0 and y downwards, with (0, 0) the centre of the first pixel.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib

import numpy as np

from lib.scene.morphable import MorphableError, MorphableModel, basel_2009, matlab_files

SIZE = 450
"""Width and height of the photos, pixels."""

_MICROMETRES = 1000.0
_FIRST_PIXEL = 1.0  # the files count pixels as MATLAB does, from 1


@dataclasses.dataclass(frozen=True)
class FittedLight:
    """The light of the Phong model: linear RGB, directions in radians.

    Attributes:
        ambient: light from everywhere.
        directed: light of the one lamp.
        elevation: of the lamp over the horizon (theta in the files).
        azimuth: of the lamp, positive towards the right of the picture (phi): which of the two is
            which nobody documents; phi goes beyond 90 degrees in real files, as no elevation can.
        specular: strength of the highlights.
        shininess: exponent of the highlights.
    """

    ambient: tuple[float, float, float]
    directed: tuple[float, float, float]
    elevation: float
    azimuth: float
    specular: float
    shininess: float


@dataclasses.dataclass(frozen=True)
class FittedColour:
    """What the photo's camera does to colours: gain and offset of R, G and B, and contrast."""

    gain: tuple[float, float, float]
    offset: tuple[float, float, float]
    contrast: float


@dataclasses.dataclass(frozen=True, eq=False)
class FittedFace:
    """One photo's fit.

    Attributes:
        source: the file.
        shape: (199,) float64, coefficients of Basel 2009's unit components, micrometres.
        expression: (29,) float64, coefficients of FaceWarehouse's components.
        texture: (199,) float64, coefficients of Basel 2009's unit components, 0..255.
        pitch: radians; positive is up.
        yaw: radians; positive is towards the left of the picture.
        roll: radians; positive is clockwise in the picture.
        translation: (3,) float64, x, y and z in pixels, y up, counted from 1.
        scale: pixels for a millimetre.
        light: see `FittedLight`.
        colour: see `FittedColour`.
        landmarks: (68, 3) float32 in dlib's order: x and y (down) in pixels from 0, z towards the
            camera; None where the file has none (300W-LP).
    """

    source: str
    shape: np.ndarray
    expression: np.ndarray
    texture: np.ndarray
    pitch: float
    yaw: float
    roll: float
    translation: np.ndarray
    scale: float
    light: FittedLight
    colour: FittedColour
    landmarks: np.ndarray | None

    @property
    def turns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pose's three turns, about x (pitch), y (yaw) and z (roll), each (3, 3) float64."""
        (cx, cy, cz), (sx, sy, sz) = (
            function([self.pitch, self.yaw, self.roll]) for function in (np.cos, np.sin)
        )
        return (
            np.array([[1, 0, 0], [0, cx, sx], [0, -sx, cx]]),
            np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]]),
            np.array([[cz, sz, 0], [-sz, cz, 0], [0, 0, 1]]),
        )

    @property
    def rotation(self) -> np.ndarray:
        """From the model's axes to the camera's, (3, 3) float64: pitch after yaw after roll."""
        nod, turn, tilt = self.turns
        return nod @ turn @ tilt

    @property
    def pose_degrees(self) -> tuple[float, float, float]:
        """Yaw, pitch and roll of the same rotation as `lib.scene.capture.Camera` counts them.

        Ours turn in another order (roll after pitch after yaw), so the angles are not simply the
        file's with their signs changed.
        """
        matrix = self.rotation
        yaw = np.arctan2(-matrix[2, 0], matrix[2, 2])
        pitch = np.arcsin(np.clip(matrix[2, 1], -1, 1))
        roll = np.arctan2(-matrix[0, 1], matrix[1, 1])
        return tuple(float(angle) for angle in np.degrees([yaw, pitch, roll]))

    def identity(self, model: MorphableModel) -> np.ndarray:
        """Return the shape coefficients in standard deviations of a Basel 2009 model.

        Args:
            model: Basel 2009, as read by `lib.scene.morphable.load`.

        Returns:
            (K,) float32 for ``model.shape``.

        Raises:
            MorphableError: if it is another model, whose components mean something else.
        """
        if model.name != basel_2009.NAME:
            raise MorphableError(
                self.source,
                f"found coefficients of {basel_2009.NAME}, expected that model, not {model.name}: "
                "use another model's mean face at this pose",
            )
        deviations = np.linalg.norm(model.identity.reshape(len(model.identity), -1), axis=1)
        return (self.shape[: len(deviations)] / (deviations * _MICROMETRES)).astype(np.float32)

    def vertices(self, model: MorphableModel) -> np.ndarray:
        """Return the face's shape in a model: its own in Basel 2009, in others the mean face.

        Expressions stay out: they are FaceWarehouse's, which no file we read holds.

        Returns:
            (V, 3) float32, mm.
        """
        known = model.name == basel_2009.NAME
        return model.shape(self.identity(model)) if known else model.mean

    def unposed_landmarks(self) -> np.ndarray:
        """Return the 68 landmarks before the pose: this person's in the model's own axes.

        Returns:
            (68, 3) float64, mm.

        Raises:
            MorphableError: if the file has no landmarks.
        """
        if self.landmarks is None:
            raise MorphableError(self.source, "found no pt3d_68, expected an AFLW2000-3D file")
        x, y, z = self.landmarks.T.astype(np.float64)
        turned = np.stack([x + _FIRST_PIXEL, SIZE - y, z], axis=1) - self.translation
        return turned / self.scale @ self.rotation


def project(vertices: np.ndarray, fitted: FittedFace) -> np.ndarray:
    """Project a model's vertices into the photo.

    Args:
        vertices: (N, 3), mm, in the axes and with the origin of Basel 2009. Another model's origin
            lies elsewhere, which shifts the result.
        fitted: the photo's parameters.

    Returns:
        (N, 2) float32, x to the right and y down in pixels from 0.
    """
    turned = np.asarray(vertices, np.float64) @ fitted.rotation.T * fitted.scale
    x, y, _ = (turned + fitted.translation).T
    return np.stack([x - _FIRST_PIXEL, SIZE - y], axis=1).astype(np.float32)


_KEYS = {
    "Shape_Para": 199,
    "Exp_Para": 29,
    "Tex_Para": 199,
    "Pose_Para": 7,
    "Illum_Para": 10,
    "Color_Para": 7,
}


def read(path: str | os.PathLike) -> FittedFace:
    """Read one photo's parameters.

    Args:
        path: the ``.mat`` file beside the photo.

    Returns:
        The parameters; pixels count from 0.

    Raises:
        MorphableError: if it is no such file, is cut short, or holds wrong numbers.
        FileNotFoundError: if there is nothing at this path.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: found nothing there, expected a fitted face's .mat file")
    present = matlab_files.names(path)
    has_landmarks = "pt3d_68" in present
    content = matlab_files.read(path, *_KEYS, *(["pt3d_68"] if has_landmarks else []))
    shape, expression, texture, pose, light, colour = (
        _row(path, key, content[key], count) for key, count in _KEYS.items()
    )
    if pose[6] <= 0:
        raise MorphableError(path, f"found a scale of {pose[6]:g} in Pose_Para, expected above 0")
    return FittedFace(
        source=str(path),
        shape=shape,
        expression=expression,
        texture=texture,
        pitch=float(pose[0]),
        yaw=float(pose[1]),
        roll=float(pose[2]),
        translation=pose[3:6],
        scale=float(pose[6]) * _MICROMETRES,
        light=FittedLight(_triple(light), _triple(light[3:]), *map(float, light[6:])),
        colour=FittedColour(_triple(colour), _triple(colour[3:]), float(colour[6])),
        landmarks=_landmarks(path, content["pt3d_68"]) if has_landmarks else None,
    )


def _triple(values: np.ndarray) -> tuple[float, float, float]:
    return tuple(float(value) for value in values[:3])


def _row(path: pathlib.Path, key: str, values: np.ndarray, count: int) -> np.ndarray:
    values = values.astype(np.float64).ravel()
    if len(values) != count or not np.isfinite(values).all():
        raise MorphableError(
            path,
            f"found {len(values)} numbers in {key}, {int((~np.isfinite(values)).sum())} of them "
            f"not finite, expected {count} finite ones",
        )
    return values


def _landmarks(path: pathlib.Path, stored: np.ndarray) -> np.ndarray:
    if stored.shape != (3, 68) or not np.isfinite(stored).all():
        raise MorphableError(
            path, f"found pt3d_68 of shape {stored.shape}, expected (3, 68) finite numbers"
        )
    return (stored.T - [_FIRST_PIXEL, _FIRST_PIXEL, 0]).astype(np.float32)
