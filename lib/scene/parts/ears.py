"""Ears: a relief over the flat outline of an auricle, closed behind.

The relief is sculpted once in a flat frame, u backwards and v upwards from the ear canal, and only
scaled, tilted and turned for each capture. The names of its forms are those of any anatomy atlas:
helix (the outer rim), antihelix (the Y inside it), concha (the bowl), tragus and antitragus (the
two knobs in front of and below it), lobule.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy.interpolate import CubicSpline

from lib.scene.kinds import Kind
from lib.scene.parts.grids import globe_triangles
from lib.scene.parts.part import Part
from lib.scene.parts.profiles import smooth_step

ANGLE = 21.0
"""Between the ear and the side of the head, degrees."""
TILT = 11.0
"""Of the ear's long axis backwards, degrees."""
LOBE = (8.0, -27.0)
"""Where an earring pierces the lobe, (u, v) mm."""
_COLUMNS = 38
_RINGS = 17
_CENTRE = np.array([9.0, -1.0])
# fmt: off
_OUTLINE = np.array([
    (2, -22.5), (4.5, -28.5), (11, -31.5), (18, -24.5), (23.5, -12), (27, -1), (29, 10),
    (27.5, 21), (21, 29.5), (12, 33), (4, 31), (-1.5, 24), (-4, 14), (-5, 4), (-4.5, -6),
    (-1.5, -15.5),
])
_HELIX = np.array([
    (7, 1.5), (2.5, 4), (-0.5, 9.5), (-0.8, 17), (1.5, 24), (6, 28.8), (12, 30.3), (19, 27.2),
    (24.6, 19.8), (26, 10.5), (24.2, 0.5), (20.5, -9.5), (16.2, -17.5),
])
# fmt: on
_ANTIHELIX = np.array([(9.5, -14.5), (14, -10.5), (17.3, -3), (18, 5), (16, 13), (12, 21.5)])
_CRUS = np.array([(17.5, 8), (12.5, 11.5), (6.5, 13.5), (2, 14.5)])


def _smooth(points: np.ndarray, number: int, periodic: bool = False) -> np.ndarray:
    """Return a spline through points (N, 2), sampled evenly in its parameter."""
    if periodic:
        points = np.concatenate([points, points[:1]])
    knots = np.linspace(0.0, 1.0, len(points))
    spline = CubicSpline(knots, points, bc_type="periodic" if periodic else "not-a-knot")
    return spline(np.linspace(0.0, 1.0, number, endpoint=not periodic))


def _nearest(places: np.ndarray, curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each place's distance to a curve, mm, and how far along it the nearest point lies."""
    line = _smooth(curve, 120)
    distance = np.linalg.norm(places[:, None] - line[None], axis=-1)
    return distance.min(axis=1), distance.argmin(axis=1) / (len(line) - 1)


def _ridge(
    places: np.ndarray, curve: np.ndarray, width: float, ends: tuple[float, float]
) -> np.ndarray:
    """Return a ridge of height 1 along a curve; ends: share of its length over which it fades."""
    distance, along = _nearest(places, curve)
    fade = smooth_step(along, -0.001, ends[0]) * smooth_step(along, 1.001, 1.0 - ends[1])
    return np.exp(-((distance / width) ** 2)) * fade


def _knob(places: np.ndarray, centre: tuple[float, float], size: tuple[float, float]) -> np.ndarray:
    """Return a round knob of height 1."""
    scaled = (places - centre) / size
    return np.exp(-np.einsum("ij,ij->i", scaled, scaled))


def _relief(places: np.ndarray) -> np.ndarray:
    """Return the height of the ear's front over its plane at places (V, 2), mm."""
    helix = _ridge(places, _HELIX, 2.7, (0.12, 0.16))
    folds = np.maximum(
        _ridge(places, _ANTIHELIX, 3.3, (0.06, 0.12)), 0.8 * _ridge(places, _CRUS, 2.6, (0.1, 0.2))
    )
    bowl = _knob(places, (8.0, -4.5), (8.2, 7.8)) + 0.75 * _knob(places, (8.0, 6.5), (7.0, 4.5))
    height = (
        5.0 + 4.2 * helix + 3.4 * folds * (1.0 - helix) - 7.4 * np.minimum(bowl, 1.1) * (1 - folds)
    )
    height += 1.8 * _knob(places, (9.0, -24.0), (7.0, 6.0))
    height += 5.6 * _knob(places, (0.6, -4.5), (3.2, 4.6)) + 3.4 * _knob(
        places, (9.5, -14.5), (3.6, 3.0)
    )
    height -= 2.2 * _knob(places, (4.0, -13.0), (2.4, 3.4))
    return height


def _sunk(places: np.ndarray) -> np.ndarray:
    """Return how far the front of the ear sinks into the head at places (V, 2), mm.

    The top of the helix stays free; the lobe's front sinks deepest, as the jaw recedes there.
    """
    u, v = places.T
    low = smooth_step(v, -6.0, -24.0)
    depth = 8.5 * smooth_step(v, 36.0, 12.0) + 7.0 * low
    return depth * smooth_step(u, 3.5 + 5.0 * low, -2.5 + 4.5 * low)


@functools.cache
def _sculpture() -> tuple[np.ndarray, np.ndarray]:
    """Return the left ear in its own frame, (V, 3) mm, and its coordinates, (V, 2)."""
    outline = _smooth(_OUTLINE, _COLUMNS, periodic=True)
    share = 1.0 - (1.0 - np.arange(1, _RINGS + 1) / _RINGS) ** 1.15
    front = _CENTRE + share[:, None, None] * (outline - _CENTRE)
    places = np.concatenate([[_CENTRE], front.reshape(-1, 2)])
    height = _relief(places)
    height -= _sunk(places)
    openness = smooth_step(height, -3.5, 7.0)

    rim = height[-_COLUMNS:]
    backs = [(1.0, -1.6), (0.975, -3.6), (0.88, -5.4), (0.70, -8.0), (0.60, -14.0), (0.52, -22.0)]
    rings, heights = [], []
    for scale, drop in backs:
        rings.append(_CENTRE + scale * (outline - _CENTRE))
        heights.append(np.minimum(rim, 7.5) * scale + drop)
    places = np.concatenate([places, *rings, [_CENTRE]])
    height = np.concatenate([height, *heights, [-22.0]])
    openness = np.concatenate([openness, np.full(len(places) - len(openness), 0.6)])
    coordinates = np.column_stack([openness, (places[:, 1] - 1.0) / 32.5])
    return np.column_stack([places, height]), coordinates.astype(np.float32)


def _frame(flare: float) -> np.ndarray:
    """Return the left ear's axes u, v and outwards as rows, (3, 3)."""
    turn, tilt = np.radians(ANGLE + 5.0 * flare), np.radians(TILT)
    backwards = np.array([np.sin(turn), 0.0, -np.cos(turn)])
    outwards = np.array([np.cos(turn), 0.0, np.sin(turn)])
    upwards = np.array([0.0, 1.0, 0.0])
    return np.stack(
        [
            np.cos(tilt) * backwards - np.sin(tilt) * upwards,
            np.sin(tilt) * backwards + np.cos(tilt) * upwards,
            outwards,
        ]
    )


def _place(
    local: np.ndarray, anchor: np.ndarray, side: int, size: float, flare: float
) -> np.ndarray:
    """Return points of the ear's own frame, (..., 3), on the head."""
    mirror = np.array([side, 1.0, 1.0])
    return (local * (1.0 + 0.06 * size)) @ _frame(flare) * mirror + anchor


def make_ear(anchor: np.ndarray, side: int, size: float = 0.0, flare: float = 0.0) -> Part:
    """Make one ear.

    Args:
        anchor: (3,) point of the head's surface at the ear canal, just behind the jaw joint, mm.
        side: -1 the subject's right ear, 1 the left.
        size: in standard deviations.
        flare: how far it stands out, in standard deviations.

    Returns:
        An EAR part, closed, some 65 mm high. Its coordinates: how open a place is to the light,
        0 in the depth of the concha to 1 on the rims; the height, -1 the lobe to 1 the top.
    """
    local, coordinates = _sculpture()
    vertices = _place(local, anchor, side, size, flare)
    triangles = globe_triangles(_RINGS + 6, _COLUMNS)
    if side < 0:
        triangles = triangles[:, ::-1]
    return Part(Kind.EAR, vertices.astype(np.float32), triangles, coordinates, side)


def lobe(anchor: np.ndarray, side: int, size: float = 0.0, flare: float = 0.0) -> np.ndarray:
    """Return where an earring pierces the lobe, (3,) mm; arguments as for `make_ear`."""
    return _place(np.array([*LOBE, 7.0]), anchor, side, size, flare)
