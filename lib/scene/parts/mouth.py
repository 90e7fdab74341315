"""What an open mouth shows: two rows of teeth in their gums, the tongue, the dark behind."""

from __future__ import annotations

import functools

import numpy as np

from lib.scene.head.expression import JAW_ANGLE, JAW_AXIS
from lib.scene.kinds import Kind
from lib.scene.parts.grids import globe, globe_triangles, grid_triangles
from lib.scene.parts.part import Part
from lib.scene.parts.profiles import smooth_step

UPPER_WIDTHS = (8.4, 6.6, 7.5, 6.9, 6.6, 9.8)
"""Of the upper teeth from the middle to the first molar, mm."""
LOWER_WIDTHS = (5.3, 5.8, 6.8, 7.0, 7.1, 10.8)
_UPPER_HEIGHTS = (9.6, 8.4, 9.3, 8.0, 7.5, 7.0)
_LOWER_HEIGHTS = (8.6, 8.9, 9.8, 8.6, 7.9, 7.2)
_UPPER_ARCH = (24.0, 38.0)
_LOWER_ARCH = (22.0, 34.5)
_BEHIND_LIPS = 3.6
"""Front of the upper teeth behind the line of the closed lips, mm."""
_ACROSS = np.array([-1.0, -0.93, -0.78, -0.45, 0.0, 0.45, 0.78, 0.93])
"""Where a tooth is sampled, from one border (-1) to the other (1)."""
_HOLLOW = 5.0
"""How far the line of the lips may lie before the skin's hollows above and below, mm."""
_GUM = 4.5
"""Height of the gum over the teeth, mm."""
_JAW_DROP = 1.5
"""How far the jaw also sinks when the mouth is wide open, mm."""


def open_jaw(points: np.ndarray, opening: float, share: np.ndarray | float = 1.0) -> np.ndarray:
    """Move points with the jaw: in a straight line to where it is when wide open, as skin moves.

    Args:
        points: (V, 3) mm.
        opening: weight of the jaw, 0 closed to 1 wide open.
        share: (V,) or one number: how far each point follows, 0 to 1.

    Returns:
        (V, 3) mm.
    """
    angle = np.radians(JAW_ANGLE)
    y, z = points[:, 1] - JAW_AXIS[0], points[:, 2] - JAW_AXIS[1]
    down = y * (np.cos(angle) - 1.0) - z * np.sin(angle) - _JAW_DROP
    out = y * np.sin(angle) + z * (np.cos(angle) - 1.0)
    moved = np.stack([np.zeros_like(y), down, out], axis=-1)
    return points + (opening * np.asarray(share))[..., None] * moved


def _arch(half_width: float, depth: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a dental arch, (N, 2) x and z with its front at 0, and the arc length at each point.

    A superellipse of exponent 2.3: flatter in front than an ellipse, as arches are.
    """
    angle = np.linspace(-np.pi / 2, np.pi / 2, 401)
    x = half_width * np.sign(angle) * np.abs(np.sin(angle)) ** (2 / 2.3)
    z = depth * (np.abs(np.cos(angle)) ** (2 / 2.3) - 1.0)
    steps = np.hypot(np.diff(x), np.diff(z))
    length = np.concatenate([[0.0], np.cumsum(steps)])
    return np.stack([x, z], axis=-1), length - length[-1] / 2


@functools.cache
def _row(upper: bool) -> tuple[np.ndarray, np.ndarray, int]:
    """Return a row of teeth: (V, 3) mm, coordinates (V, 2), number of columns.

    The origin is the middle of the arch's front at the biting edge; upper teeth point down. From
    gum to edge a tooth bulges outwards and narrows; its corners are rounded, so that dark gaps
    open between neighbours.
    """
    widths = np.array(UPPER_WIDTHS if upper else LOWER_WIDTHS)
    heights = np.array(_UPPER_HEIGHTS if upper else _LOWER_HEIGHTS)
    starts = np.concatenate([[0.0], np.cumsum(widths)[:-1]])
    half = (starts[:, None] + widths[:, None] * (1 + _ACROSS) / 2).ravel()
    half = np.concatenate([half, [widths.sum()]])
    arc = np.concatenate([-half[:0:-1], half])
    tooth = np.minimum(np.searchsorted(starts, np.abs(arc), side="right") - 1, len(widths) - 1)
    within = 2 * (np.abs(arc) - starts[tooth]) / widths[tooth] - 1
    gap = np.clip(np.abs(within), 0.0, 1.0)

    height = heights[tooth] - (1.1 if upper else 0.7) * smooth_step(gap, 0.55, 1.0) ** 1.5
    height = height + np.where(tooth == 2, 0.6 - 0.9 * gap, 0.0)
    down = np.array([-_GUM, -2.5, -0.4, 0.25, 0.3, 0.55, 0.8, 0.94, 1.0, 0.97, 0.6])[:, None]
    crown = np.where(down > 0, down * height, down) - 0.9 * gap**4 * (np.abs(down) < 0.5)
    bulge = 1.3 * np.sin(np.clip(down, 0.0, 1.0) * 2.2) + np.where(down < 0.2, 0.5, 0.0)
    sunk = (0.7 + 0.7 * np.clip(down, 0, 1)) * smooth_step(gap, 0.6, 1.0) * (down > -0.1)
    outward = bulge - sunk - 0.22 * np.maximum(heights[0] - crown, 0.0) - 2.0 * (down < -1.0)
    outward[-2] = outward[-3] - 1.6
    outward[-1] = outward[-3] - 5.0

    arch, length = _arch(*(_UPPER_ARCH if upper else _LOWER_ARCH))
    place = np.stack([np.interp(arc, length, arch[:, k]) for k in (0, 1)], axis=-1)
    direction = np.gradient(place, axis=0)
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=-1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    x, z = (place[:, k] + outward * normal[:, k] for k in (0, 1))
    y = heights[0] - crown
    vertices = np.stack([x, y if upper else -y, z], axis=-1).reshape(-1, 3)
    coordinates = np.stack(np.broadcast_arrays(arc, np.where(down < 0, down / 6.0, down)), axis=-1)
    return vertices, coordinates.reshape(-1, 2).astype(np.float32), len(arc)


def make_teeth(mouth: np.ndarray, jaw_opening: float, upper: bool) -> Part:
    """Make one row of teeth with its gum.

    Args:
        mouth: (3,) where the closed lips meet in the middle, without expression, mm.
        jaw_opening: 0 closed to 1 wide open; lower teeth follow it.
        upper: which row.

    Returns:
        A TEETH part, open behind; ``side`` is 1 for the upper row and -1 for the lower. Its
        coordinates: arc length from the middle in mm, along which `UPPER_WIDTHS` or
        `LOWER_WIDTHS` follow each other to both sides; 0 at the gum's edge to 1 at the biting
        edge, negative on the gum.
    """
    local, coordinates, columns = _row(upper)
    edge = np.array([0.0, -2.4, -_BEHIND_LIPS] if upper else [0.0, -2.2, -_BEHIND_LIPS - 2.4])
    vertices = local + (mouth + edge)
    triangles = grid_triangles(len(local) // columns, columns)
    if not upper:
        vertices = open_jaw(vertices, jaw_opening)
        triangles = triangles[:, ::-1]
    side = 1 if upper else -1
    return Part(Kind.TEETH, vertices.astype(np.float32), triangles, coordinates, side)


def behind_lips(mouth: np.ndarray, hollow: np.ndarray) -> np.ndarray:
    """Return where the lips would have to meet for one row of teeth to stay inside the face.

    Args:
        mouth: (3,) where the closed lips meet, mm.
        hollow: (3,) the skin's hollow over the upper lip, or the one under the lower lip, mm.

    Returns:
        (3,) mm: the mouth, drawn back where the face recedes behind protruding lips.
    """
    return np.array([mouth[0], mouth[1], min(mouth[2], hollow[2] + _HOLLOW)])


@functools.cache
def _tongue() -> np.ndarray:
    """Return the tongue, (V, 3) mm round its middle: broad, flat, with a groove and a round tip."""
    x, y, z = globe(9, 18).T
    tip = smooth_step(z, 0.2, 1.0)
    groove = 1.4 * np.exp(-((x / 0.16) ** 2)) * (y > 0)
    return np.stack([17.5 * x * (1 - 0.18 * tip), 7.5 * y - groove - 3.0 * tip, 26.0 * z], axis=-1)


def make_tongue(mouth: np.ndarray, jaw_opening: float) -> Part:
    """Make the tongue: a TONGUE part, closed, lying in the lower arch.

    Args:
        mouth: (3,) where the closed lips meet, mm.
        jaw_opening: 0 closed to 1 wide open.

    Returns:
        The part; its coordinates are x and z in mm from the tongue's middle.
    """
    local = _tongue()
    vertices = open_jaw(local + (mouth + np.array([0.0, -11.5, -37.0])), jaw_opening)
    coordinates = local[:, [0, 2]].astype(np.float32)
    return Part(Kind.TONGUE, vertices.astype(np.float32), globe_triangles(9, 18), coordinates)


@functools.cache
def _bag() -> np.ndarray:
    """Return the hollow of the mouth, (V, 3) mm from the mouth, a bowl open to the front."""
    around = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    depth = np.linspace(0.0, 1.0, 6)[:, None]
    round_off = np.sqrt(1.0 - depth**2)
    x = 29.0 * round_off * np.sin(around)
    y = np.where(np.cos(around) > 0, 15.0, 21.0) * round_off * np.cos(around)
    z = -17.0 - 30.0 * depth - 22.0 * np.sin(around) ** 2 * (1 - depth)
    return np.stack([x, y, z], axis=-1).reshape(-1, 3)


def make_back(mouth: np.ndarray, jaw_opening: float) -> Part:
    """Make the dark hollow behind the teeth: a MOUTH_BACK part, a bowl whose inside is its outside.

    Args:
        mouth: (3,) where the closed lips meet, mm.
        jaw_opening: 0 closed to 1 wide open.

    Returns:
        The part; its coordinates are 0.
    """
    local = _bag()
    follow = smooth_step(local[:, 1], 6.0, -14.0)
    vertices = open_jaw(local + mouth, jaw_opening, follow)
    coordinates = np.zeros((len(local), 2), np.float32)
    triangles = grid_triangles(6, 24, closed=True)[:, ::-1]
    return Part(Kind.MOUTH_BACK, vertices.astype(np.float32), triangles, coordinates)
