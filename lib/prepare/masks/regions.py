"""Where a mask goes: the lower face as a region, and which landmarks can carry a mask at all."""

from __future__ import annotations

import cv2
import numpy as np

from lib.landmark_order import GROUPS

LOWER_FACE = (*range(2, 15), 28)
"""The landmarks around the lower face: the jaw from cheek to cheek, and the nose bridge."""

SMALLEST = 16
"""Height of the smallest face that takes a mask, pixels from nose bridge to chin."""

FARTHEST_TURN = 0.18
"""How far the tip of the nose may lie outside the jaw, in widths of the jaw: a turn of about 40
degrees. Beyond it the far cheek is out of sight, and the landmarks there are guesses."""

_CENTRE = (*GROUPS["nose_bridge"], *GROUPS["nose_base"], *GROUPS["outer_lips"])


class MaskError(ValueError):
    """A mask cannot be put on; the message says what was found and what is expected."""


def lower_face(landmarks: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """Return the region between jaw and nose bridge.

    Args:
        landmarks: (68, 2), x then y in pixels.
        size: height and width of the picture, or one number for both.

    Returns:
        uint8 {0, 1} (height, width); 1 is the lower face.

    Raises:
        MaskError: if these are not 68 finite points.
    """
    points = require_points(landmarks)
    region = np.zeros((size, size) if np.isscalar(size) else size, np.uint8)
    outline = points[list(LOWER_FACE)].round().astype(np.int32)
    return cv2.fillPoly(region, [outline], 1)


def require_points(landmarks: np.ndarray) -> np.ndarray:
    """Return landmarks as float64 (68, 2).

    Raises:
        MaskError: if they are not 68 finite points near any picture.
    """
    points = np.asarray(landmarks, np.float64)
    if points.shape != (68, 2) or not np.isfinite(points).all() or np.abs(points).max() > 30_000:
        raise MaskError(
            f"found landmarks of shape {points.shape}; expected 68 finite points (x, y) in pixels"
        )
    return points


def require_face(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Return landmarks that lie in their picture and are far enough apart for a mask.

    A chin or an ear may lie outside, as in closely cropped portraits; nose and mouth may not.

    Args:
        picture: uint8 RGB (height, width, 3).
        landmarks: (68, 2), x then y in pixels.

    Returns:
        The landmarks as float64.

    Raises:
        MaskError: for anything else.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise MaskError(
            f"found a picture of {picture.dtype} {picture.shape}; expected uint8 (height, width, 3)"
        )
    points = require_points(landmarks)
    height, width = picture.shape[:2]
    centre = points[list(_CENTRE)]
    inside = ((centre >= 0) & (centre <= (width - 1, height - 1))).all()
    if not inside:
        raise MaskError(
            f"found landmarks of nose or mouth outside the picture of {width} x {height} pixels; "
            "expected a face with both in view"
        )
    length = np.linalg.norm(points[8] - points[28])
    if length < SMALLEST:
        raise MaskError(
            f"found a face of {length:.0f} pixels from nose bridge to chin; "
            f"expected at least {SMALLEST}: enlarge the picture"
        )
    if not -FARTHEST_TURN <= _nose_across(points) <= 1 + FARTHEST_TURN:
        raise MaskError(
            "found a face in profile, its nose outside its jaw; expected one turned by at most "
            "40 degrees"
        )
    return points


def _nose_across(points: np.ndarray) -> float:
    """Return where the tip of the nose lies between the jaw's points 1 (0) and 15 (1)."""
    jaw, nose = points[15] - points[1], points[30] - points[1]
    return float(nose @ jaw / max(jaw @ jaw, 1e-6))
