"""Landmarks: where the corners of the eyes, the nose, the lips and the jaw are.

    from lib.faces import detect, landmarks
    points = landmarks.landmarks68(picture, detect.one_face(picture))
    eyes = points[landmarks.GROUPS["left_eye"]]

Both models are dlib's cascades of regression trees (Kazemi and Sullivan, CVPR 2014). Points are
float32 (points, 2), x then y, in pixels with (0, 0) at the centre of the first one.

**Licence.** The 68-point model was trained on iBUG 300-W, whose licence excludes commercial use;
its author asks that it not be used in a commercial product. The 5-point model is free of this.
"""

from __future__ import annotations

import functools

import dlib
import numpy as np

from lib.faces import model_files
from lib.faces.detect import Face, check_picture
from lib.landmark_order import GROUPS, MIRROR

__all__ = [
    "FIVE_OF_68",
    "GROUPS",
    "MIRROR",
    "eye_centres",
    "five_points",
    "landmarks5",
    "landmarks68",
    "mirror",
    "outer_eye_distance",
]

FIVE_OF_68 = (45, 42, 36, 39, 33)
"""dlib's five points among the 68: left eye outer, inner; right eye outer, inner; nose base."""

_MIRROR_5 = (2, 3, 0, 1, 4)
_MODELS = {68: model_files.LANDMARKS_68, 5: model_files.LANDMARKS_5}


@functools.cache
def _predictor(count: int) -> dlib.shape_predictor:
    return dlib.shape_predictor(str(model_files.find(_MODELS[count])))


def hog_like_box(face: Face) -> tuple[float, float, float, float]:
    """Return the box that dlib's detector would draw, which its predictors were trained on.

    MTCNN's boxes are narrower and taller. Fitted on 211 faces that both detectors find: the centre
    lies between the eyes and the mouth, and eye distance and eye-mouth distance, as two sides of a
    right angle, span 0.61 of the side.
    """
    if face.keypoints is None:
        return face.box
    eyes, mouth = face.keypoints[:2], face.keypoints[3:]
    x, y = (eyes.mean(axis=0) + mouth.mean(axis=0)) / 2
    span = np.hypot(
        np.linalg.norm(eyes[1] - eyes[0]), np.linalg.norm(mouth.mean(axis=0) - eyes.mean(axis=0))
    )
    half = span / 0.61 / 2
    return x - half, y - half, x + half, y + half


def _predict(picture: np.ndarray, face: Face, count: int) -> np.ndarray:
    if not isinstance(face, Face):
        found = type(face).__name__
        raise TypeError(f"found a {found}, expected one Face: detect.find_faces(picture)[0]")
    left, top, right, bottom = (round(float(edge)) for edge in hog_like_box(face))
    rectangle = dlib.rectangle(left, top, right - 1, bottom - 1)
    parts = _predictor(count)(check_picture(picture), rectangle).parts()
    return np.array([(part.x, part.y) for part in parts], "float32")


def landmarks68(picture: np.ndarray, face: Face) -> np.ndarray:
    """Locate the 68 iBUG points (0.8 ms; not for commercial use, see the module's note).

    Args:
        picture: uint8 RGB (height, width, 3).
        face: from `detect.find_faces`.

    Returns:
        float32 (68, 2), x and y in pixels, subject's right first; whole numbers, as dlib gives.

    Raises:
        ValueError: if the picture is not uint8 RGB.
        ModelFileError: if dlib's model file is missing.
    """
    return _predict(picture, face, 68)


def landmarks5(picture: np.ndarray, face: Face) -> np.ndarray:
    """Locate dlib's 5 points, enough to align a face (0.4 ms).

    Args:
        picture: uint8 RGB (height, width, 3).
        face: from `detect.find_faces`.

    Returns:
        float32 (5, 2): left eye outer and inner corner, right eye outer and inner corner (the
        subject's sides), base of the nose.

    Raises:
        ValueError: if the picture is not uint8 RGB.
        ModelFileError: if dlib's model file is missing.
    """
    return _predict(picture, face, 5)


def _check(points: np.ndarray) -> np.ndarray:
    points = np.asarray(points)
    if points.shape not in ((68, 2), (5, 2)):
        raise ValueError(f"found landmarks of shape {points.shape}, expected (68, 2) or (5, 2)")
    return points


def five_points(points: np.ndarray) -> np.ndarray:
    """Reduce 68 landmarks to dlib's five; five stay as they are.

    Args:
        points: (68, 2) or (5, 2).

    Returns:
        (5, 2) in the order of `landmarks5`.

    Raises:
        ValueError: if the shape is another.
    """
    points = _check(points)
    return points if len(points) == 5 else points[list(FIVE_OF_68)]


def mirror(points: np.ndarray, width: int) -> np.ndarray:
    """Turn landmarks round as a mirrored picture needs them.

    Args:
        points: (68, 2) or (5, 2), x and y in pixels.
        width: width of the picture in pixels.

    Returns:
        Points of the same shape: x becomes ``width - 1 - x``, and left and right change names.

    Raises:
        ValueError: if the shape is another.
    """
    points = _check(points)
    swapped = points[list(MIRROR if len(points) == 68 else _MIRROR_5)]
    return np.stack([width - 1 - swapped[:, 0], swapped[:, 1]], axis=1).astype(points.dtype)


def eye_centres(points: np.ndarray) -> np.ndarray:
    """Return the middle between the two corners of each eye.

    Args:
        points: (68, 2) or (5, 2).

    Returns:
        (2, 2): the subject's right eye, then the left.
    """
    left_outer, left_inner, right_outer, right_inner, _ = five_points(points)
    return np.stack([(right_outer + right_inner) / 2, (left_outer + left_inner) / 2])


def outer_eye_distance(points: np.ndarray) -> float:
    """Return the distance between the outer eye corners, by which landmark errors are divided.

    Args:
        points: (68, 2) or (5, 2).

    Returns:
        The distance in pixels (300-W's normalisation, Sagonas et al. 2016, section 4).
    """
    left_outer, _, right_outer, _, _ = five_points(points)
    return float(np.linalg.norm(left_outer - right_outer))
