"""Nose, lips, sockets and folds: heights over the bare head, as functions of the canonical face."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lib.scene.curves import EYE_CENTRE, MOUTH_HEIGHT
from lib.scene.head.fields import bell, lip_borders, profile, soft_absolute, step

Modes = Mapping[str, float]
"""Identity coefficients by name, in standard deviations."""

_FOLD = {"start": (17.0, -36.0), "end": (34.0, -70.0)}


def nose(x: np.ndarray, y: np.ndarray, modes: Modes) -> np.ndarray:
    """Height of the nose, mm."""
    beside = soft_absolute(x, 1.5)
    height = _dorsum(beside, y, modes)
    height += _tip(x, y, modes)
    height += _wings(beside, y, modes)
    return height


def _dorsum(beside: np.ndarray, y: np.ndarray, modes: Modes) -> np.ndarray:
    """The ridge from the root to the tip and the flanks that slope from it into the cheeks."""
    root, hump = 1.8 * modes["nose_root"], 1.3 * modes["nose_hump"]
    out, lift = 1.7 * modes["nose_projection"], 1.5 * modes["nose_tip_lift"]
    ridge = profile(
        y,
        [
            (27, 0),
            (18, 1.2),
            (9, 3.4 + root),
            (0, 6.6 + root + 0.2 * out),
            (-10, 11.2 + 0.6 * root + hump + 0.5 * out),
            (-20, 15.7 + 0.5 * hump + 0.8 * out),
            (-28, 18.4 + out + 0.3 * lift),
            (-34, 18.6 + out - 0.2 * lift),
            (-39, 15.2 + 0.8 * out - lift),
            (-43.5, 8.0 + 0.4 * out - 0.8 * lift),
            (-47, 2.0),
            (-52, 0),
        ],
    )
    width = profile(
        y,
        [
            (27, 14),
            (18, 10),
            (9, 7.4),
            (0, 7.6),
            (-10, 8.6),
            (-20, 9.8),
            (-30, 10.8),
            (-40, 9),
            (-52, 9),
        ],
    )
    width *= 1 + 0.12 * modes["nose_bridge_width"] * step(y, -38, -10)
    width *= 1 + 0.06 * modes["nose_width"] * step(-y, 18, 36)
    across = beside / width
    flank = np.exp(-0.95 * (np.sqrt(across**2 + 0.16) - 0.4) ** 1.35)
    return ridge * flank * (1 - step(beside, 16, 27))


def _tip(x: np.ndarray, y: np.ndarray, modes: Modes) -> np.ndarray:
    roundness, lift = modes["nose_tip_roundness"], modes["nose_tip_lift"]
    width = 7.2 * (1 + 0.13 * roundness)
    away = (x / width) ** 2 + ((y + 34.5 - 1.2 * lift) / 6.6) ** 2
    return (3.4 + 0.9 * roundness) * np.exp(-(away**1.2))


def _wings(beside: np.ndarray, y: np.ndarray, modes: Modes) -> np.ndarray:
    """The wings, the grooves that set them off from tip and cheek, and the nostrils."""
    wider = 1.4 * modes["nose_width"]
    wing = ((beside - 11.6 - wider) / 4.7) ** 2 + ((y + 38.6) / 5.6) ** 2
    height = (6.2 + 0.9 * modes["nose_wings"]) * np.exp(-(wing**1.3))
    height -= 1.0 * bell(beside - 18.2 - wider, 3.2) * bell(y + 40.0, 6.5)
    height -= 0.7 * bell(beside - 7.8 - 0.5 * wider, 2.5) * bell(y + 35.5, 5.0)
    nostril = ((beside - 5.8 - 0.45 * wider) / 3.0) ** 2 + ((y + 43.4) / 2.1) ** 2
    return height - (3.3 + 0.5 * modes["nostrils"]) * np.exp(-1.2 * nostril)


def mouth(x: np.ndarray, y: np.ndarray, modes: Modes) -> np.ndarray:
    """Height of lips, philtrum and chin, mm."""
    beside = np.abs(x)
    return _lips(beside, y - MOUTH_HEIGHT, modes) + _around_the_mouth(x, y)


def _lips(beside: np.ndarray, over: np.ndarray, modes: Modes) -> np.ndarray:
    """Lips: a cushion on either side of the line where they meet, and a roll along the border."""
    width = np.maximum(1 - (beside / 28.0) ** 2, 0)
    above, below = lip_borders(beside, modes["upper_lip"], modes["lower_lip"], modes["cupid_bow"])
    out = 1 + 0.16 * modes["lip_projection"]
    upper = (3.4 + 0.45 * modes["upper_lip"]) * out * width**0.8
    height = upper * bell(over - 0.5 * above, 0.6 * above + 1.8)
    lower = (4.4 + 0.5 * modes["lower_lip"]) * out * width
    height += lower * bell(over + 0.52 * below, 0.55 * below + 1.6)
    height += 0.4 * np.sqrt(width) * bell(over - above - 0.6, 1.0)
    return height - 2.6 * step(30.0 - beside, 0, 16) * bell(over, 1.9)


def _around_the_mouth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Philtrum, groove above the chin, chin, and the pits beside the corners of the mouth."""
    beside = np.abs(x)
    height = bell(y + 52.5, 4.8) * (0.5 * bell(beside - 5.3, 2.2) - 0.9 * bell(x, 3.2))
    height -= 2.4 * bell(y + 79.5, 5.0) * bell(x, 20)
    height += 3.2 * bell(y + 95, 9.5) * bell(x, 15.5)
    return height - 1.5 * bell(beside - 29.5, 4.4) * bell(y + 64.5, 4.2)


def mouth_line(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Rise of the line between the lips, mm: a dip in the middle, hardly bent towards the ends."""
    beside = np.abs(x)
    rise = 0.4 * bell(beside - 12, 6) - 0.6 * bell(x, 5.5) - 1.0 * bell(beside - 28, 9)
    return rise * bell(y - MOUTH_HEIGHT, 6)


def sockets(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Depth of the eye sockets (negative heights) with the trough below the eyes, mm."""
    beside = np.abs(x)
    outwards, up = beside - EYE_CENTRE[0], y - EYE_CENTRE[1]
    hollow = np.exp(-1.3 * ((outwards / 21.0) ** 2 + ((up - 3.0) / 13.0) ** 2))
    trough = bell(y + 13.0 + 0.22 * (beside - 18), 3.8)
    trough *= step(beside, 12, 18) * (1 - step(beside, 34, 44))
    return -3.4 * hollow * (1 - 0.35 * step(-up, 0, 12)) - 0.8 * trough


def nasolabial_fold(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The fold from the wing of the nose past the corner of the mouth: a groove and its bulge."""
    (start, top), (end, bottom) = _FOLD["start"], _FOLD["end"]
    down = np.clip((top - y) / (top - bottom), -0.3, 1.3)
    course = start + np.where(down > 0, end - start, 5.0) * down
    course = course + 2.5 * np.sin(np.pi * np.clip(down, 0, 1))
    outside = np.abs(x) - course
    groove = bell(outside, np.where(outside > 0, 3.4, 4.6))
    groove *= step(down, -0.15, 0.15) * (1 - step(down, 0.75, 1.15))
    bulge = bell(outside - 6.5, 5.5) * step(down, -0.2, 0.2) * (1 - step(down, 0.7, 1.1))
    return 0.55 * bulge - 0.85 * groove
