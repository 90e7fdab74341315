"""Colours on the flat mask: plain or printed fabric, grain, bands and straps."""

from __future__ import annotations

import numpy as np

from lib.prepare.masks.canvas import Canvas
from lib.prepare.masks.cuts import Cut
from lib.prepare.masks.designs import COLOURS, Description


def linear(colour: tuple[int, ...]) -> np.ndarray:
    """Return an sRGB colour as linear light, float32 (3,)."""
    return (np.array(colour, np.float32) / 255) ** np.float32(2.2)


def albedo(
    design: Description, cut: Cut, canvas: Canvas, generator: np.random.Generator
) -> np.ndarray:
    """Return the share of light that each texel gives back.

    Args:
        design: what to draw.
        cut: where bands and straps lie.
        canvas: to draw on.
        generator: of the random numbers.

    Returns:
        float32 (height, width, 3), linear.
    """
    base, second = linear(COLOURS[design.colour]), linear(COLOURS[design.second])
    colours = np.tile(base, (*canvas.size[::-1], 1))
    if design.print != "plain":
        colours += _PRINTS[design.print](canvas, generator)[..., None] * (second - base)
    if design.kind == "valve":
        plastic = base * 0.8 + 0.06
        colours += cut.trim[..., None] * (plastic - colours)
    grain = 1 + 0.03 * generator.standard_normal(canvas.size[::-1], np.float32)
    colours *= grain[..., None]
    return colours


def strap_colour(design: Description) -> np.ndarray:
    """Return the colour of ear loops, linear (3,): dark masks have dark ones, others white."""
    if design.kind == "cup":
        return linear(
            COLOURS["mustard" if design.second in ("mustard", "red", "beige") else "white"]
        )
    dark = sum(COLOURS[design.colour]) < 260
    return linear(COLOURS["black" if dark else "white"])


def _turn(canvas: Canvas, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    angle = generator.choice((0.0, np.pi / 2, np.pi / 4, -np.pi / 4)) + generator.normal(0, 0.05)
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cosine * canvas.x + sine * canvas.y, cosine * canvas.y - sine * canvas.x


def _band(wave: np.ndarray, share: float) -> np.ndarray:
    """Return where a saw tooth of period 1 lies below a share, with soft edges."""
    distance = np.abs(wave - np.floor(wave) - 0.5)
    return np.clip((share / 2 - distance) * 12 + 0.5, 0, 1)


def _stripes(canvas: Canvas, generator: np.random.Generator) -> np.ndarray:
    across, _ = _turn(canvas, generator)
    return _band(across / generator.uniform(0.12, 0.35), generator.uniform(0.25, 0.6))


def _checks(canvas: Canvas, generator: np.random.Generator) -> np.ndarray:
    across, along = _turn(canvas, generator)
    width = generator.uniform(0.14, 0.34)
    return (_band(across / width, 0.45) + _band(along / width, 0.45)) / 2


def _dots(canvas: Canvas, generator: np.random.Generator) -> np.ndarray:
    across, along = _turn(canvas, generator)
    width = generator.uniform(0.12, 0.26)
    row = np.floor(along / width)
    u = across / width + 0.5 * row
    distance = np.hypot(u - np.floor(u) - 0.5, along / width - row - 0.5)
    return np.clip((generator.uniform(0.2, 0.36) - distance) * 12, 0, 1)


def _leaves(canvas: Canvas, generator: np.random.Generator) -> np.ndarray:
    sheet = canvas.blank()
    for _ in range(26):
        middle = generator.uniform((-1, 0), (1, 2.0))
        along = generator.normal(0, 0.07, 2)
        across = 0.4 * along[::-1] * (-1, 1)
        leaf = [middle - along, middle + across, middle + along, middle - across]
        sheet = np.maximum(sheet, canvas.fill(leaf))
    return sheet


def _camouflage(canvas: Canvas, generator: np.random.Generator) -> np.ndarray:
    clouds = canvas.clouds(generator, 9, 8)
    return np.clip(6 * clouds, 0, 1) * 0.5 + np.clip(6 * (clouds - 0.6), 0, 1) * 0.5


_PRINTS = {
    "stripes": _stripes, "checks": _checks, "dots": _dots, "leaves": _leaves,
    "camouflage": _camouflage,
}  # fmt: skip
