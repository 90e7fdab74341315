"""Where the camera stands and how the head is turned."""

from __future__ import annotations

import math
import numbers

from lib.scene.capture import Camera
from lib.scene.sampling.streams import Draw

FIELD = 246.0
"""Typical width of a picture, mm at the face; in CelebA's aligned pictures the pupils lie a quarter
of the width apart, so that it is about four times 63 mm."""

FIELD_RANGE = (226.0, 274.0)
DISTANCE_RANGE = (600.0, 2000.0)
"""From a picture taken of oneself to a portrait lens, mm."""

DOWN = 0.045
"""How far the face's middle lies below the picture's, as a share of its width."""


def draw_angle(draw: Draw, spread: float, limit: float) -> float:
    """Draw an angle around 0: normal, cut off at a limit (degrees, both >= 0)."""
    return draw.normal(0.0, spread, limit / spread) if spread > 0 else 0.0


def draw_camera(
    draw: Draw,
    yaw_spread: float = 12.0,
    pitch_spread: float = 6.0,
    roll_spread: float = 4.0,
    yaw_limit: float = 30.0,
) -> Camera:
    """Draw a camera in front of the face.

    Args:
        draw: the stream to draw from.
        yaw_spread: standard deviation of the head's turn, degrees.
        pitch_spread: of its nod, degrees; at most 2.5 times as much is drawn.
        roll_spread: of its tilt, degrees; at most 2.5 times as much is drawn.
        yaw_limit: largest turn to either side, degrees.

    Returns:
        A camera with distance and field within `DISTANCE_RANGE` and `FIELD_RANGE`.

    Raises:
        ValueError: for a spread or limit that is no angle from 0 to 180 degrees.
    """
    _require_angles(
        yaw_spread=yaw_spread,
        pitch_spread=pitch_spread,
        roll_spread=roll_spread,
        yaw_limit=yaw_limit,
    )
    low, high = FIELD_RANGE
    return Camera(
        yaw=draw_angle(draw, yaw_spread, yaw_limit),
        pitch=draw_angle(draw, pitch_spread, 2.5 * pitch_spread),
        roll=draw_angle(draw, roll_spread, 2.5 * roll_spread),
        distance=draw.log_uniform(*DISTANCE_RANGE),
        field=min(max(FIELD * math.exp(draw.normal(0.0, 0.05)), low), high),
        shift=(draw.normal(0.0, 0.008), draw.normal(DOWN, 0.010)),
    )


def _require_angles(**angles: float) -> None:
    for name, angle in angles.items():
        if not isinstance(angle, numbers.Real) or not 0 <= angle <= 180:
            raise ValueError(f"found {name} = {angle!r}; expected degrees, a number from 0 to 180")
