"""The light on a face, read from its own skin, and what it makes of a mask."""

from __future__ import annotations

import dataclasses

import numpy as np

from lib.prepare.masks.canvas import Canvas

_SKIN = 0.30
"""Luminance of light skin in full light, linear."""


@dataclasses.dataclass(frozen=True)
class Light:
    """How the covered skin is lit.

    Attributes:
        level: 1 for full light; darker skin and darker rooms lie below.
        direction: (3,) towards the light: x to the right, y down, z out of the face; z is 1.
    """

    level: float
    direction: tuple[float, float, float]


def estimate(picture: np.ndarray, places: np.ndarray, inside: np.ndarray) -> Light:
    """Fit a plane to the luminance of the lower face, without its darkest and lightest tenth.

    A face bulges, and so the side towards the light is the brighter one. How dark the skin is and
    how dark the room cannot be told apart; the level goes half way.

    Args:
        picture: uint8 (N, 3), pixels of the region that the mask will cover.
        places: float32 (N, 2), where they lie in face space.
        inside: bool (N,), which of them are skin.
    """
    x, y = places[inside].T
    seen = (picture[inside].astype(np.float32) / 255) ** np.float32(2.2)
    luminance = seen @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    if len(luminance) < 16:
        return Light(1.0, (0.0, -0.3, 1.0))
    low, high = np.quantile(luminance, (0.1, 0.95))
    kept = (luminance >= low) & (luminance <= high)
    plane = np.stack([np.ones_like(x), x, y - 0.85], axis=1)[kept]
    level, across, down = np.linalg.lstsq(plane, luminance[kept], rcond=None)[0]
    level = max(float(level), 0.01)
    direction = (
        float(np.clip(1.1 * across / level, -0.9, 0.9)),
        float(np.clip(0.4 * down / level - 0.30, -0.8, 0.2)),
        1.0,
    )
    return Light(float(np.clip((level / _SKIN) ** 0.6, 0.3, 1.0)), direction)


def shade(canvas: Canvas, relief: np.ndarray, dark: np.ndarray, light: Light) -> np.ndarray:
    """Return how bright white cloth would be: Lambert's law with an even light from all around.

    Args:
        canvas: of the relief.
        relief: float32 (height, width), height in units.
        dark: float32 (height, width), what folds and seams swallow.
        light: on the face.

    Returns:
        float32 (height, width); 1 where flat cloth faces the viewer in full light.
    """
    along_x, along_y = canvas.slope(relief)
    x, y, z = light.direction
    facing = z - x * along_x - y * along_y
    facing /= np.sqrt(1 + along_x**2 + along_y**2)
    return light.level * (0.30 + 0.70 * np.maximum(facing, 0)) * np.clip(1 - dark, 0.25, 1.1)
