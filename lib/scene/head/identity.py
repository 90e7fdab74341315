"""The identity modes: what makes one head differ from another, each by one standard deviation."""

from __future__ import annotations

import numpy as np

from lib.scene.curves import EYE_CENTRE
from lib.scene.head.control_net import COLUMNS, NET, ROWS
from lib.scene.head.features import Modes
from lib.scene.head.fields import bell, beyond, step

NAMED_MODES = (
    *("head_size", "face_width", "face_length", "jaw_width", "jaw_angle", "chin_width"),
    *("chin_prominence", "chin_length", "cheekbones", "cheek_fullness", "cheek_hollow"),
    *("midface_depth",),
    *("lower_face_depth", "brow_ridge", "forehead_slope", "forehead_width", "skull_width"),
    *("skull_height", "skull_depth", "temples"),
    *("eye_spacing", "eye_height", "eye_size", "eye_opening", "eye_tilt", "eye_hood", "eye_depth"),
    *("nose_length", "nose_width", "nose_projection", "nose_wings", "nose_root"),
    *("nose_bridge_width", "nose_hump", "nose_tip_roundness", "nose_tip_lift", "nostrils"),
    *("mouth_width", "upper_lip", "lower_lip", "lip_projection", "philtrum_length", "cupid_bow"),
    *("mouth_height", "nasolabial_fold", "brow_height", "neck_width", "double_chin"),
    *("ear_size", "ear_flare"),
)
"""What is measured and named; "eye_opening", "eye_hood" and the ears' act outside the basis."""
WAVES = 24
"""Smooth random patterns for all that has no name, each along each axis."""
ASYMMETRIC_WAVES = 6
RESIDUAL_MODES = tuple(
    f"residual_{axis}_{wave}" for axis in ("across", "up", "out") for wave in range(WAVES)
) + tuple(
    f"asymmetry_{axis}_{wave}"
    for axis in ("across", "up", "out")
    for wave in range(ASYMMETRIC_WAVES)
)
IDENTITY_MODES = NAMED_MODES + RESIDUAL_MODES


def control_net(modes: Modes) -> np.ndarray:
    """Move the control net: the modes of skull, cheeks, jaw and neck.

    Returns:
        (18, 10, 3) the half net of that head, mm.
    """
    row, column = ROWS[:, None], COLUMNS[None, :]
    net = NET.copy()
    x, y, z = NET[..., 0], NET[..., 1], NET[..., 2]
    net[..., 0] += x * _widening(row, column, modes) + _broadening(row, column, modes)
    net[:, [0, -1], 0] = 0.0  # the middle of face and back stays there
    net[..., 1] += _lengthening(row, column, y, modes)
    net[..., 2] += _deepening(row, column, modes)
    net[..., 2] += 0.025 * z * modes["skull_depth"] * step(column, 90, 150)
    return net


def _widening(row: np.ndarray, column: np.ndarray, modes: Modes) -> np.ndarray:
    """Share by which x grows."""
    lateral = step(column, 10, 60) * (1 - 0.3 * step(column, 104, 184))
    face = step(row, -150, -100) * (1 - step(row, 45, 90))
    jaw = bell(row + 86, 26) * (row > -140) * step(column, 20, 60)
    share = 0.027 * modes["face_width"] * (0.35 + 0.65 * lateral) * (0.4 + 0.6 * face)
    share = share + 0.045 * modes["jaw_width"] * jaw * (1 - 0.6 * step(column, 104, 142))
    share += 0.05 * modes["jaw_angle"] * bell(row + 90, 20) * bell(column - 82, 30)
    share += 0.10 * modes["chin_width"] * bell(row + 100, 12) * bell(column - 26, 18)
    share += 0.022 * modes["forehead_width"] * bell(row - 48, 30) * step(column, 10, 50)
    share += 0.026 * modes["skull_width"] * step(row, 10, 60) * step(column, 60, 120)
    return share + 0.05 * modes["neck_width"] * (row < -115)


def _broadening(row: np.ndarray, column: np.ndarray, modes: Modes) -> np.ndarray:
    """Movement in x of cheeks and temples, mm."""
    bone = bell(row + 18, 15) * bell(column - 56, 18)
    fat = bell(row + 60, 26) * bell(column - 54, 26)
    hollow = bell(row + 58, 16) * bell(column - 52, 16)
    moved = 1.4 * modes["cheekbones"] * bone + 2.6 * modes["cheek_fullness"] * fat
    moved -= 1.6 * modes["cheek_hollow"] * hollow
    return moved - 2.0 * modes["temples"] * bell(row - 24, 22) * bell(column - 60, 12)


def _lengthening(row: np.ndarray, column: np.ndarray, y: np.ndarray, modes: Modes) -> np.ndarray:
    """Movement in y, mm: the face below the eyes, the chin, what hangs below it, the crown."""
    below_eyes = np.where(row > -140, np.clip(-(y + 5), 0, 105), 105)
    moved = -0.042 * modes["face_length"] * below_eyes * (1 - 0.8 * step(column, 104, 184))
    moved = moved - 2.2 * modes["chin_length"] * bell(row + 106, 14) * bell(column, 45)
    under_chin = 1.2 * modes["cheek_fullness"] + 3.2 * modes["double_chin"]
    moved -= under_chin * bell(row + 126, 13) * bell(column, 60)
    return moved + 3.2 * modes["skull_height"] * step(row, 30, 110)


def _deepening(row: np.ndarray, column: np.ndarray, modes: Modes) -> np.ndarray:
    """Movement in z, mm."""
    moved = 3.0 * modes["chin_prominence"] * bell(row + 98, 14) * bell(column, 26)
    moved = moved + 1.4 * modes["cheekbones"] * bell(row + 18, 15) * bell(column - 52, 18)
    moved += 1.6 * modes["cheek_fullness"] * bell(row + 60, 26) * bell(column - 50, 26)
    moved -= 1.5 * modes["cheek_hollow"] * bell(row + 60, 16) * bell(column - 46, 15)
    moved += 2.2 * modes["brow_ridge"] * bell(row - 20, 9) * bell(column, 40)
    moved += 3.4 * modes["forehead_slope"] * bell(row - 66, 26) * bell(column, 55)
    moved += 2.4 * modes["midface_depth"] * bell(row + 34, 24) * bell(column, 40)
    return moved + 3.0 * modes["lower_face_depth"] * bell(row + 88, 28) * bell(column, 55)


def warp(x: np.ndarray, y: np.ndarray, modes: Modes) -> np.ndarray:
    """Move the features within the face: eyes, nose, mouth and brows.

    Args:
        x: (V,) canonical coordinate, mm.
        y: (V,) canonical coordinate, mm.
        modes: the identity.

    Returns:
        (V, 3) displacement, mm.
    """
    beside, side = np.abs(x), np.sign(x)
    from_eye, over_eye = beside - EYE_CENTRE[0], y - EYE_CENTRE[1]
    eye = bell(from_eye, 24) * bell(over_eye - 2, 20)
    socket = np.exp(-(((from_eye / 20) ** 2 + ((over_eye - 1) / 14) ** 2) ** 1.5))
    lips = beyond(beside, 22, 16) * bell(y + 66, 20)
    wings = bell(beside - 12, 7) * bell(y + 38, 8)
    nose = np.clip(8 - y, 0, 55) / 55 * bell(x, 24) * (1 - step(-y, 46, 62))
    across = 1.4 * modes["eye_spacing"] * eye * (1 - bell(x, 8))
    across = across + 0.04 * modes["eye_size"] * from_eye * socket
    across += 0.055 * modes["mouth_width"] * beside * lips + 0.9 * modes["nose_width"] * wings
    up = 1.0 * modes["eye_height"] * eye - 2.8 * modes["nose_length"] * nose
    lower = 1.6 * modes["mouth_height"] - 1.3 * modes["philtrum_length"]
    up = up + lower * bell(y + 67, 15) * bell(x, 42)
    up += 1.7 * modes["brow_height"] * bell(y - 19, 10) * bell(from_eye - 1, 30)
    up += modes["eye_tilt"] * _tilt(from_eye, over_eye)
    out = 1.8 * modes["eye_depth"] * bell(from_eye, 21) * bell(over_eye - 3, 13)
    return np.stack([side * across, up, out], axis=-1)


def _tilt(from_eye: np.ndarray, over_eye: np.ndarray) -> np.ndarray:
    """Rise of the outer corner of the eye over the inner one, mm."""
    along = np.clip(from_eye / 14.5, -1.3, 1.3)
    return 1.1 * along * bell(over_eye + 2, 11) * beyond(np.abs(from_eye), 15, 7)


def standing_rise(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Rise over the control net in every face, mm: outer eye corners higher, the mouth lower."""
    tilt = _tilt(np.abs(x) - EYE_CENTRE[0], y - EYE_CENTRE[1])
    return 0.9 * tilt - 3.6 * bell(y + 67, 15) * bell(x, 65)


def residuals(x: np.ndarray, y: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Make the modes without names: smooth random fields (Rahimi and Recht, 2007).

    Args:
        x: (V,) canonical coordinate, mm.
        y: (V,) canonical coordinate, mm.
        window: (V,) 1 on the face, falling to 0 where the modes shall not reach.

    Returns:
        (modes, V, 3) displacements, mm, in the order of `RESIDUAL_MODES`.
    """
    generator = np.random.default_rng(2024)
    beside, sideways = np.sqrt(x * x + 144.0) - 12.0, np.tanh(x / 12.0)
    symmetric = _waves(generator, WAVES, 18.0, beside, y) * window
    oblique = _waves(generator, ASYMMETRIC_WAVES, 30.0, beside, y) * window
    modes = np.zeros((len(RESIDUAL_MODES), len(x), 3))
    for axis, (even, odd) in enumerate(
        [(0.75 * sideways, 0.4), (0.8, 0.4 * sideways), (1.5, 0.7 * sideways)]
    ):
        modes[axis * WAVES : (axis + 1) * WAVES, :, axis] = even * symmetric
        first = 3 * WAVES + axis * ASYMMETRIC_WAVES
        modes[first : first + ASYMMETRIC_WAVES, :, axis] = odd * oblique
    return modes


def _waves(
    generator: np.random.Generator, count: int, length: float, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """(count, V) cosines whose sum with random weights is a random field of that length in mm."""
    frequencies = generator.standard_normal((count, 2)) / length
    phases = generator.uniform(0, 2 * np.pi, count)
    return np.sqrt(2 / count) * np.cos(frequencies @ np.stack([x, y]) + phases[:, None])
