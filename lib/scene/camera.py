"""From the head to the picture: rotation, perspective, pixels."""

from __future__ import annotations

import numpy as np

from lib.scene.capture import Camera
from lib.scene.vectors import turned

PIVOT = np.array([0.0, -20.0, 45.0])
"""The head turns about this point, the middle of the face, mm; it lies in the picture's centre."""


def rotation(camera: Camera) -> np.ndarray:
    """Return the rotation from head to camera axes, (3, 3): roll after pitch after yaw."""
    yaw, pitch, roll = np.radians([camera.yaw, camera.pitch, camera.roll])
    turn = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
    nod = [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    tilt = [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    return np.array(tilt) @ np.array(nod) @ np.array(turn)


def position(camera: Camera) -> np.ndarray:
    """Return where the camera stands, (3,) mm in the head's axes."""
    return rotation(camera).T @ [0.0, 0.0, camera.distance] + PIVOT


def project(points: np.ndarray, camera: Camera, size: int) -> np.ndarray:
    """Project points of the head into a square picture.

    Args:
        points: (..., 3) mm in the head's axes.
        camera: pose, distance and field of view.
        size: width of the picture in pixels.

    Returns:
        (..., 3) float32: x to the right and y down in pixels, distance from the camera in mm.
    """
    found = turned(points.reshape(-1, 3), PIVOT, rotation(camera)).reshape(points.shape)
    depth = np.float32(camera.distance) - found[..., 2]
    pixels = size / camera.field * camera.distance / depth
    right, down = camera.shift
    found[..., 0] = size * (0.5 + right) + found[..., 0] * pixels
    found[..., 1] = size * (0.5 + down) - found[..., 1] * pixels
    found[..., 2] = depth
    return found


def millimetres_per_pixel(camera: Camera, size: int) -> float:
    """Return how much of the face one pixel covers."""
    return camera.field / size
