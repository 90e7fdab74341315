"""Sunglasses and hands: what else hides a face, drawn in face space like the masks."""

from __future__ import annotations

import numpy as np

from lib.prepare.masks.canvas import Canvas, smooth
from lib.prepare.masks.designs import COLOURS, Description
from lib.prepare.masks.fabric import linear
from lib.prepare.masks.light import Light, shade

BOUNDS = {"sunglasses": (-1.15, -0.62, 1.15, 0.62), "hand": (-1.25, 0.1, 1.25, 2.5)}
"""Least x, least y, greatest x, greatest y of each."""


def sunglasses(
    design: Description, canvas: Canvas, generator: np.random.Generator, light: Light
) -> tuple[np.ndarray, np.ndarray]:
    """Draw dark lenses that mirror the sky a little, frame, bridge and temples.

    Returns:
        Linear colours, float32 (height, width, 3), and cover, float32 (height, width) in [0, 1].
    """
    width, height = generator.uniform(0.33, 0.40), generator.uniform(0.22, 0.30)
    power = generator.uniform(0.45, 1.0)
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    wave = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    rim = np.sign(wave) * np.abs(wave) ** power * (width, height)
    lenses, frame = canvas.blank(), canvas.blank()
    for side in (-1, 1):
        placed = np.add(rim, (side * 0.46, 0.02))
        lenses = np.maximum(lenses, canvas.fill(placed))
        frame = np.maximum(frame, canvas.stroke(placed, 0.05, closed=True))
        outer = side * (0.44 + width)
        frame = np.maximum(frame, canvas.stroke([(outer, -0.06), (side * 1.02, -0.10)], 0.06))
    bridge = smooth([(-0.14, 0.0), (0, -0.06), (0.14, 0.0)])
    frame = np.maximum(frame, canvas.stroke(bridge, 0.05))
    sky = np.clip(0.35 - 0.6 * canvas.y + 0.5 * light.direction[0] * canvas.x, 0, 1)[..., None]
    glass = 0.010 + 0.06 * sky * np.array((0.8, 0.9, 1.0), np.float32)
    body = 0.8 * linear(COLOURS[design.colour]) + 0.004
    colours = glass + frame[..., None] * (body - glass)
    return colours * light.level, np.maximum(lenses * 0.97, frame)


def hand(
    skin: np.ndarray, canvas: Canvas, generator: np.random.Generator, light: Light
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the back of a hand before mouth and chin: four fingers, a thumb, a wrist.

    Args:
        skin: linear (3,), the face's own colour as lit.
        canvas: to draw on.
        generator: of the random numbers.
        light: on the face.

    Returns:
        Linear colours, float32 (height, width, 3), and cover, float32 (height, width) in [0, 1].
    """
    side, lean = generator.choice((-1, 1)), generator.normal(0, 0.15)
    height = np.full_like(canvas.x, -1.0)
    gap = np.zeros_like(height)
    for number, length in enumerate((0.62, 0.74, 0.70, 0.52)):
        x = side * (-0.36 + 0.235 * number)
        tip = (x * 1.15 + lean, 1.15 - length)
        finger = _capsule(canvas, (x, 1.4), tip, 0.125)
        gap = np.maximum(gap, np.minimum(finger, height) + 0.003)
        height = np.maximum(height, finger)
    palm = _capsule(canvas, (-0.12 * side, 1.40), (0.12 * side, 1.75), 0.40)
    thumb = _capsule(canvas, (-0.35 * side, 1.75), (-0.72 * side, 1.05), 0.13)
    wrist = _capsule(canvas, (0.0, 1.8), (0.05 * side, 2.8), 0.30)
    rounded = np.sqrt(np.maximum(np.maximum.reduce([height, thumb, wrist, 0.5 * palm]), 0))
    cover = np.clip(rounded * rounded * canvas.density * 4, 0, 1)
    relief = canvas.soften(rounded, 0.02) * 0.6
    creases = np.clip(gap * 120, 0, 0.6) * (canvas.y < 1.25)
    dark = canvas.soften(creases.astype(np.float32), 0.012)
    dark += 0.04 * canvas.clouds(generator, 12, 12)
    lit = shade(canvas, relief, dark, Light(1.0, light.direction))
    return lit[..., None] * skin, cover


def _capsule(
    canvas: Canvas, start: tuple[float, float], end: tuple[float, float], radius: float
) -> np.ndarray:
    """Return radius² minus squared distance to a line: above 0 inside, the square of a height."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    x, y = canvas.x - start[0], canvas.y - start[1]
    along = np.clip((x * dx + y * dy) / (dx * dx + dy * dy), 0, 1)
    return radius**2 - (x - along * dx) ** 2 - (y - along * dy) ** 2
