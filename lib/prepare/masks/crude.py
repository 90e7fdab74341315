"""The paste of system S2, kept to show what goes wrong: an upright box, whatever the head does."""

from __future__ import annotations

import cv2
import numpy as np

from lib.prepare.masks.regions import MaskError, require_face

_BORDER = 25 / 224
"""S2 widens its box by 25 pixels of its 224."""


def paste_as_s2(
    picture: np.ndarray, landmarks: np.ndarray, colour: tuple[int, int, int] = (168, 200, 222)
) -> tuple[np.ndarray, np.ndarray]:
    """Stretch a flat mask over an axis-aligned box, as system S2 does.

    The box runs from point 2 (left, top) to points 16 (right) and 9 (bottom), counted from 0, with
    a border of 25/224 of the picture. It does not turn with the head; point 16 is the top of the
    jaw and 9 lies beside the chin, so that the box is lopsided even on a frontal face. The outline
    fills the middle of its box, as in S2's pictures of masks, and its edge is hard.

    Args:
        picture: uint8 RGB (height, width, 3).
        landmarks: (68, 2), x then y in pixels.
        colour: of the mask, RGB.

    Returns:
        The picture with the mask, and uint8 {0, 1} (height, width), 1 where it lies.

    Raises:
        MaskError: if there is no face for it, or the box leaves the picture, where S2 drops the
            face, too.
    """
    points = require_face(picture, landmarks)
    height, width = picture.shape[:2]
    left, top = points[2] - (_BORDER * width, _BORDER * height)
    right, bottom = points[16, 0] + _BORDER * width, points[9, 1] + _BORDER * height
    if left < 0 or top < 0 or right >= width or bottom >= height or right <= left or bottom <= top:
        raise MaskError(
            f"found S2's box ({left:.0f}, {top:.0f}, {right:.0f}, {bottom:.0f}) not inside the "
            f"picture of {width} x {height} pixels; expected a smaller face"
        )
    share = [(0.08, 0.28), (0.5, 0.18), (0.92, 0.28), (0.90, 0.62), (0.66, 0.86), (0.34, 0.86),
             (0.10, 0.62)]  # fmt: skip
    outline = np.array(share) * (right - left, bottom - top) + (left, top)
    mask = cv2.fillPoly(np.zeros((height, width), np.uint8), [outline.round().astype(np.int32)], 1)
    return np.where(mask[..., None] == 1, np.uint8(colour), picture), mask
