"""Glasses: two rims, a bridge, temples hooked behind the ears, and the lenses."""

from __future__ import annotations

import functools

import numpy as np

from lib.scene.kinds import Kind
from lib.scene.look import Glasses
from lib.scene.parts.grids import globe_triangles, join, tube
from lib.scene.parts.part import Part

_RIM_POINTS = 40
_LENS_RINGS = 3
_WRAP_RADIUS = 230.0
"""Both lenses lie on a cylinder of this radius round the face, mm."""
_BULGE = 1.6
"""Of a lens over its rim, mm."""
_BOW = 6.0
"""How far a temple bends outwards round the head, mm."""
_SLANT = np.tan(np.radians(7.0))
"""Lenses lean towards the cheeks."""


@functools.cache
def _outline(squareness: float) -> np.ndarray:
    """Return a superellipse with half axes 1, (_RIM_POINTS, 2), anticlockwise from the right."""
    angle = np.linspace(0.0, 2 * np.pi, _RIM_POINTS, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return np.sign(circle) * np.abs(circle) ** (2.0 / squareness)


def _wrap(flat: np.ndarray, plane: float, middle: float) -> np.ndarray:
    """Bend points (..., 2) of the glasses' plane round the face, to (..., 3)."""
    x, y = flat[..., 0], flat[..., 1]
    z = plane - x**2 / (2.0 * _WRAP_RADIUS) + _SLANT * (y - middle)
    return np.stack([x, y, z], axis=-1)


def _make_lens(rim: np.ndarray, centre: np.ndarray, side: int) -> Part:
    """Make one lens between its rim (N, 3) and a centre (3,): a LENS part, a closed thin disc."""
    shares = np.linspace(0.0, 1.0, _LENS_RINGS + 1)[1:, None, None]
    bulge = np.array([0.0, 0.0, _BULGE])
    rings = centre + (rim - centre) * shares + bulge * (1.0 - shares**2)
    back = centre - np.array([0.0, 0.0, 0.6])
    vertices = np.concatenate([centre[None] + bulge, rings.reshape(-1, 3), back[None]])
    coordinates = (vertices - centre)[:, :2].astype(np.float32)
    triangles = globe_triangles(_LENS_RINGS, len(rim))
    return Part(Kind.LENS, vertices.astype(np.float32), triangles, coordinates, side)


def _temple(hinge: np.ndarray, ear: np.ndarray, side: int) -> np.ndarray:
    """Return the middle line of a temple from its hinge over the ear and down behind it, (N, 3)."""
    top = ear + np.array([4.5 * side, 25.0, -7.0])
    corner = hinge + np.array([3.5 * side, 0.0, -3.0])
    share = np.linspace(0.0, 1.0, 9)[:, None]
    straight = corner + (top - corner) * share
    straight[:, :1] += side * _BOW * 4.0 * share * (1.0 - share)
    hook = top + np.array([(0.3 * side, -4.0, -9.0), (0.6 * side, -14.0, -14.0)])
    return np.concatenate([hinge[None], straight, hook])


def _thickness(glasses: Glasses) -> tuple[float, float]:
    """Return half the frame's thickness across its plane's line and out of the plane, mm."""
    return (glasses.wire, glasses.wire if glasses.metal else 1.5 * glasses.wire)


def make_glasses(
    glasses: Glasses, eye_centres: np.ndarray, nasion: np.ndarray, ears: np.ndarray
) -> list[Part]:
    """Make a pair of glasses.

    Args:
        glasses: their shape.
        eye_centres: (2, 3) of the eyeballs, the subject's right one first, mm.
        nasion: (3,) the skin between the eyes, where the bridge rests.
        ears: (2, 3) points of the skin in front of the ear canals.

    Returns:
        One FRAME part, whose coordinates are 0, and two LENS parts, whose coordinates are x and y
        in mm from the middle of the lens; ``side`` is that of the eye.
    """
    plane = max(float(eye_centres[:, 2].mean()) + 20.0, float(nasion[2]) + 3.0)
    middle = float(eye_centres[:, 1].mean()) - 2.5
    size = np.array([glasses.width, glasses.height])
    thickness = _thickness(glasses)
    pieces, lenses, noses = [], [], []
    for side, eye, ear in zip((-1, 1), eye_centres, ears, strict=True):
        least = side * (glasses.width + 7.5 + glasses.wire)
        centre = np.array([side * max(abs(eye[0] + side), abs(least)), middle])
        rim = _wrap(centre + size * _outline(glasses.squareness), plane, middle)
        pieces.append(tube(rim, thickness, (0.0, 0.0, 1.0), closed=True))
        lenses.append(_make_lens(rim, _wrap(centre, plane, middle), side))
        hinge = _wrap(centre + size * (0.99 * side, 0.42), plane, middle)
        flat = (0.75 * glasses.wire + 0.25, glasses.wire + 0.8)
        pieces.append(tube(_temple(hinge, ear, side), flat, (0.0, 1.0, 0.0), sides=6))
        noses.append(centre + size * (-0.97 * side, 0.3))
    pieces.append(tube(_bridge(noses, plane, middle), thickness, (0.0, 0.0, 1.0), sides=6))
    vertices, triangles = join(pieces)
    coordinates = np.zeros((len(vertices), 2), np.float32)
    return [Part(Kind.FRAME, vertices.astype(np.float32), triangles, coordinates), *lenses]


def _bridge(ends: list[np.ndarray], plane: float, middle: float) -> np.ndarray:
    """Return the middle line of the bridge, an arch between two places of the plane, (9, 3)."""
    share = np.linspace(0.0, 1.0, 9)[:, None]
    flat = ends[0] + (ends[1] - ends[0]) * share
    rise = 4.0 * share * (1.0 - share)
    arch = _wrap(flat + rise * np.array([0.0, 2.5]), plane, middle)
    arch[:, 2] += 1.6 * rise[:, 0]
    return arch
