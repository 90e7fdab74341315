"""Eyeballs: sclera, cornea, and the conjunctiva that reaches the corners of the eye."""

from __future__ import annotations

import functools

import numpy as np

from lib.scene.curves import EYE_RADIUS
from lib.scene.kinds import Kind
from lib.scene.parts.grids import globe, globe_triangles
from lib.scene.parts.part import Part
from lib.scene.parts.profiles import bump, smooth_step

LIMBUS = 30.0
"""Angle between the axis of the eye and the edge of its cornea, degrees."""
CORNEA = 0.85
"""How far the cornea stands out over the sphere, mm."""
CARUNCLE = 8.4
"""How far the caruncle lies before the middle of the eyeball, mm."""
_SOCKET = np.array([16.0, 11.0, 9.5])
"""Half axes of the socket's lining, mm."""
_SOCKET_ROWS, _SOCKET_COLUMNS = 8, 16
_COLUMNS = 28
_RINGS = np.concatenate([np.linspace(3.0, 33.0, 11), np.linspace(40.0, 166.0, 13)])


@functools.cache
def _eyeball() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return directions (V, 3), vertex 0 the pupil's, the radius (V,) and the polar angle (V,)."""
    polar = np.radians(np.concatenate([[0.0], np.repeat(_RINGS, _COLUMNS), [180.0]]))
    around = np.linspace(0.0, 2 * np.pi, _COLUMNS, endpoint=False)
    around = np.concatenate([[0.0], np.tile(around, len(_RINGS)), [0.0]])
    directions = np.stack(
        [np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], axis=-1
    )
    cap = np.clip(1.0 - (np.sin(polar) / np.sin(np.radians(LIMBUS))) ** 2, 0.0, 1.0)
    radius = EYE_RADIUS + CORNEA * cap**1.2 * (polar < np.pi / 2)
    return directions, radius, np.degrees(polar)


def _rotation(gaze: tuple[float, float]) -> np.ndarray:
    """Return the rotation, (3, 3), that nods by pitch (positive is down), then turns by yaw."""
    yaw, pitch = np.radians(gaze)
    turn = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
    nod = [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    return np.array(turn) @ np.array(nod)


def _coordinates(directions: np.ndarray, turned: np.ndarray, polar: np.ndarray) -> np.ndarray:
    """Return places on the eyeball, (V, 2) mm: they turn with the iris but not with the white.

    So the pink of the inner corner stays in the corner wherever the eye looks.
    """
    white = smooth_step(polar, 33.0, 48.0)[:, None]
    flat = directions[:, :2] + white * (turned[:, :2] - directions[:, :2])
    flat *= EYE_RADIUS
    least = np.where(polar > 33.0, 6.9, 0.0)
    length = np.sqrt(np.einsum("ij,ij->i", flat, flat)) + 1e-9
    return flat * (np.maximum(length, least) / length)[:, None]


def _reach_corners(vertices: np.ndarray, side: int) -> np.ndarray:
    """Widen the eyeball to the corners of the eye, which lie further apart than it is wide.

    The widened part lies further back so that it stays under the lids. In the inner corner, which
    is the more forward one, the caruncle fills what would be a gap between eyeball and nose.
    """
    x, y, z = vertices.T
    out = np.abs(x)
    z = z - 2.4 * smooth_step(out, 8.5, 12.5) * smooth_step(z, -4.0, 2.0)
    caruncle = smooth_step(-x * side, 7.8, 11.8) * bump(y, -4.0, 3.9) * smooth_step(z, -5.0, -1.0)
    z = z + caruncle * np.maximum(CARUNCLE - z, 0.0)
    wide = 1.0 + 0.25 * smooth_step(out, 8.0, 13.0)
    return np.stack([x * wide, y, z], axis=-1)


def make_eye(centre: np.ndarray, gaze: tuple[float, float], side: int) -> Part:
    """Make one eyeball.

    Args:
        centre: (3,) of the eyeball, mm.
        gaze: (yaw, pitch) degrees; yaw is positive towards the right of the picture, pitch down.
        side: -1 the subject's right eye, 1 the left.

    Returns:
        An EYE part, closed. Its coordinates are x and y on the eyeball in mm: from the middle of
        the pupil on the iris, whose edge is at 6.2; from the middle of the socket on the white.
        The caruncle is at x = -11 on the left eye.
    """
    directions, radius, polar = _eyeball()
    turned = directions @ _rotation(gaze).T
    vertices = _reach_corners(turned * radius[:, None], side) + centre
    coordinates = _coordinates(directions, turned, polar)
    return Part(
        Kind.EYE,
        vertices.astype(np.float32),
        globe_triangles(len(_RINGS), _COLUMNS),
        coordinates.astype(np.float32),
        side,
        two_sided=False,
    )


def make_socket(centre: np.ndarray, side: int) -> Part:
    """Make what shows where lids leave a gap beside the eyeball: the pink lining behind it.

    Args:
        centre: (3,) of the eyeball, mm.
        side: -1 the subject's right eye, 1 the left.

    Returns:
        A SOCKET part, closed, wider and flatter than the eyeball; its coordinates are 0.
    """
    directions = globe(_SOCKET_ROWS, _SOCKET_COLUMNS)
    return Part(
        Kind.SOCKET,
        (directions * _SOCKET + centre - (0.0, 0.0, 1.5)).astype(np.float32),
        globe_triangles(_SOCKET_ROWS, _SOCKET_COLUMNS),
        np.zeros((len(directions), 2), np.float32),
        side,
        two_sided=False,
    )
