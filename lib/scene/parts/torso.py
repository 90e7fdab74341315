"""Neck base, shoulders and chest in a shirt, and where a necklace lies on them.

The torso is a stack of closed curves. Each is half an ellipse in front and half a deeper one
behind; trapezius, collarbones and the hollows above them are laid over that.
"""

from __future__ import annotations

import functools

import numpy as np

from lib.scene.capture import Clothing
from lib.scene.kinds import Kind
from lib.scene.parts.grids import grid_triangles
from lib.scene.parts.part import Part
from lib.scene.parts.profiles import bump, smooth_step

TOP, BOTTOM = -112.0, -330.0
"""Heights between which the torso reaches, before the shoulders are lifted, mm."""
_COLLAR = -140.0
"""Above this height the torso lies inside the neck, and so would a collar, mm."""
_HEIGHTS = np.array([-330, -290, -250, -220, -200, -185, -172, -162, -152, -143, -132, -112], float)
_HALF_WIDTH = np.array([226, 222, 212, 197, 180, 154, 119, 88, 66, 53.5, 44, 38], float)
_FRONT = np.array([122, 116, 107, 95, 86, 77, 69, 62, 55, 48, 42, 36], float)
_BACK = np.array([100, 98, 95, 89, 84, 79, 73, 66, 56, 48, 42, 34], float)
_COLUMNS = 72
_SKIN_ROWS = np.array([1.0, 0.72, 0.5, 0.34, 0.2, 0.1, 0.03, 0.0])
"""Rows above the neckline, as shares of the way from it up to the top."""
COLLAR_THICKNESS = 2.7
"""Of the shirt along its neckline, mm."""
_HEM = ((0.0, 1.5), (-1.2, 2.6), (-5.0, COLLAR_THICKNESS), (-9.5, 2.6), (-10.5, 1.9))
"""The collar: (mm below the neckline, thickness in mm)."""
_CLOTH_ROWS = np.array([0.06, 0.14, 0.23, 0.34, 0.46, 0.6, 0.78, 1.0])


def neckline_height(angle: np.ndarray, height: float, depth: float, width: float) -> np.ndarray:
    """Return where the shirt begins: plain arithmetic, so that Numba can compile it as well.

    Args:
        angle: round the neck, radians: 0 in front, positive to the subject's left, within ±π.
        height: at the sides, mm: `Clothing.neckline` and its `shoulders`.
        depth: how much lower it is in front, mm.
        width: of the opening, radians.

    Returns:
        The height, mm, in the units of the torso's coordinates. A deep neckline is a V.
    """
    exponent = 1.2 if depth > 12.0 else 2.2
    return height - depth * np.exp(-((np.abs(angle) / width) ** exponent))


def _level(height: np.ndarray, clothing: Clothing) -> np.ndarray:
    """Return heights as they were before the shoulders were lifted, mm."""
    return height - clothing.shoulders * smooth_step(TOP - height, -8.0, 34.0)


def _breadth(height: np.ndarray, clothing: Clothing, neck_width: float) -> np.ndarray:
    """Return how much broader than the average body this one is at a height, as a factor."""
    body = smooth_step(TOP - height, 20.0, 60.0)
    return 1.0 + 0.03 * neck_width + 0.05 * clothing.build * body


def half_width(height: np.ndarray, clothing: Clothing, neck_width: float = 0.0) -> np.ndarray:
    """Return half the torso's width at a height, mm; arguments as for `torso_surface`."""
    width = np.interp(_level(height, clothing), _HEIGHTS, _HALF_WIDTH)
    return width * _breadth(height, clothing, neck_width)


def torso_surface(
    angle: np.ndarray, height: np.ndarray, clothing: Clothing, neck_width: float = 0.0
) -> np.ndarray:
    """Return points of the bare torso.

    Args:
        angle: round the body, radians: 0 in front, positive to the subject's left.
        height: of the curve a point lies on, mm; in front the curves hang lower than that.
        clothing: its `shoulders` lift the torso and its `build` broadens it.
        neck_width: in standard deviations.

    Returns:
        (..., 3) mm.
    """
    sine, cosine = np.sin(angle), np.cos(angle)
    level = _level(height, clothing)
    broad = 0.6 + 0.4 * _breadth(height, clothing, neck_width)
    x = half_width(height, clothing, neck_width) * sine
    front = np.interp(level, _HEIGHTS, _FRONT) * broad
    back = np.interp(level, _HEIGHTS, _BACK) * broad
    z = np.where(cosine > 0.0, front, -back) * np.abs(cosine) ** 0.9
    ahead = np.maximum(cosine, 0.0)
    shoulder = smooth_step(np.abs(x), 35.0, 170.0)
    z = z - 8.0 - 20.0 * shoulder
    notch = level + 186.0 - 0.10 * np.abs(x)
    collarbone = bump(notch, 0.0, 7.0) * smooth_step(np.abs(x), 8.0, 26.0)
    hollow = bump(notch, 19.0, 12.0) * bump(np.abs(x), 62.0, 30.0)
    pit = bump(notch, 6.0, 8.0) * bump(x, 0.0, 11.0)
    z = z + ahead**0.5 * (3.2 * collarbone - 5.0 * hollow - 4.0 * pit) * (cosine > 0.0)
    y = height - 16.0 * ahead * smooth_step(-level, 150.0, 200.0)
    return np.stack([x, y, z], axis=-1)


@functools.cache
def _angles() -> np.ndarray:
    """Return the angles of the columns: denser in front, the first and last at the back."""
    even = np.linspace(-np.pi, np.pi, _COLUMNS + 1)
    return even - 0.25 * np.sin(even)


def make_torso(clothing: Clothing, neck_width: float = 0.0) -> Part:
    """Make neck base, shoulders and chest; a row of vertices runs along the neckline.

    Args:
        clothing: build, neckline and lift of the shoulders.
        neck_width: in standard deviations.

    Returns:
        A TORSO part, open above (inside the neck) and below. Its coordinates: the angle round the
        body, radians, and the height in mm; cloth is what lies below `neckline_height`.
    """
    angle = _angles()[None]
    lift = clothing.shoulders
    border = neckline_height(angle, clothing.neckline + lift, clothing.depth, clothing.width)
    border = np.minimum(border, _COLLAR + lift)
    hem = np.array(_HEM)
    start, end = border + hem[-1, 0], BOTTOM + lift
    height = np.concatenate(
        [
            border + _SKIN_ROWS[:, None] * (TOP - border),
            border + hem[:, :1],
            start + _CLOTH_ROWS[:, None] * (end - start),
        ]
    )
    thickness = np.concatenate([0 * _SKIN_ROWS, hem[:, 1], 0 * _CLOTH_ROWS + 1.8])[:, None]
    vertices = torso_surface(np.broadcast_to(angle, height.shape), height, clothing, neck_width)
    outward = np.stack([np.sin(angle), 0 * angle + 0.35, np.cos(angle)], axis=-1)
    vertices = vertices + thickness[..., None] * outward
    coordinates = np.stack(np.broadcast_arrays(angle, height), axis=-1)
    return Part(
        Kind.TORSO,
        vertices.reshape(-1, 3).astype(np.float32),
        grid_triangles(*height.shape),
        coordinates.reshape(-1, 2).astype(np.float32),
    )
