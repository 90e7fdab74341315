"""What the kinds look like flat: outlines, straps, pleats and seams, in face space.

Each kind is a function from a canvas to a `Cut`. Only right halves are written down; a mirror
gives the rest.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np

from lib.prepare.masks.canvas import Canvas, mirrored, smooth

Curve = list[tuple[float, float]]

_NECK = 2.08
"""Where gaiters and scarves end."""

HALVES: dict[str, Curve] = {
    "surgical": [(0, 0.03), (0.17, 0.08), (0.50, 0.26), (0.78, 0.36), (0.83, 0.43), (0.78, 0.75),
                 (0.73, 1.06), (0.66, 1.20), (0.45, 1.50), (0.22, 1.69), (0, 1.73)],
    "cloth": [(0, -0.03), (0.18, 0.08), (0.48, 0.24), (0.86, 0.30), (0.91, 0.38), (0.85, 0.86),
              (0.62, 1.30), (0.32, 1.62), (0, 1.76)],
    "cup": [(0, -0.04), (0.17, 0.02), (0.40, 0.25), (0.64, 0.55), (0.75, 0.92), (0.68, 1.30),
            (0.40, 1.62), (0, 1.73)],
    "folded": [(0, -0.06), (0.16, 0.06), (0.48, 0.34), (0.83, 0.46), (0.88, 0.55), (0.68, 1.12),
               (0.38, 1.52), (0.12, 1.74), (0, 1.77)],
    "gaiter": [(0, 0.08), (0.25, 0.16), (0.62, 0.25), (1.00, 0.18), (1.02, 0.50), (0.94, 0.90),
               (0.82, 1.25), (0.74, 1.60), (0.72, 1.98), (0.40, _NECK), (0, _NECK)],
    "scarf": [(0, 0.34), (0.35, 0.42), (0.72, 0.46), (0.99, 0.36), (1.05, 0.62), (1.00, 1.05),
              (0.92, 1.45), (0.88, 1.80), (0.70, 2.00), (0.36, _NECK), (0, _NECK)],
}  # fmt: skip
HALVES["valve"] = HALVES["folded"]

_EAR, _LOBE = (0.99, -0.04), (0.99, 0.22)
_LOOPS: dict[str, list[Curve]] = {
    "surgical": [[(0.80, 0.41), (0.92, 0.20), _EAR], [(0.72, 1.08), (0.89, 0.62), _LOBE]],
    "cloth": [[(0.88, 0.36), (0.95, 0.16), _EAR], [(0.84, 0.84), (0.92, 0.56), _LOBE]],
    "cup": [[(0.50, 0.52), (0.78, 0.22), (1.0, -0.02)], [(0.68, 1.10), (0.84, 0.92), (0.98, 0.72)]],
    "folded": [[(0.84, 0.50), (0.94, 0.20), _EAR], [(0.72, 1.02), (0.89, 0.60), _LOBE]],
}
_LOOPS["valve"] = _LOOPS["folded"]

_FADED = 1.02
"""Where loops have vanished behind the ear, or under the hair."""


@dataclasses.dataclass
class Cut:
    """A mask before it has colours.

    Attributes:
        outline: float32 (height, width) in [0, 1], what the fabric covers.
        relief: float32 (height, width), the surface's height in units of face space.
        dark: float32 (height, width) in [0, 1], seams and folds that light does not reach.
        trim: float32 (height, width) in [0, 1], parts in the second colour: bands, valve.
        straps: float32 (height, width) in [0, 1].
    """

    outline: np.ndarray
    relief: np.ndarray
    dark: np.ndarray
    trim: np.ndarray
    straps: np.ndarray


def bounds(kind: str) -> tuple[float, float, float, float]:
    """Return least x, least y, greatest x, greatest y of what a kind draws, and its shadow."""
    places = np.vstack([HALVES[kind], *_LOOPS.get(kind, [])])
    (_, top), (right, bottom) = places.min(axis=0) - 0.16, places.max(axis=0) + 0.16
    return -right, top, right, bottom


def lay_out(kind: str, canvas: Canvas, generator: np.random.Generator) -> Cut:
    """Draw a mask's cut.

    Args:
        kind: a key of `HALVES`.
        canvas: to draw on.
        generator: of the random numbers.
    """
    edge = _edge(kind)
    cut = Cut(canvas.fill(edge), head(canvas), *(canvas.blank() for _ in range(3)))
    width = generator.uniform(0.022, 0.045)
    for line in _straps(kind):
        cut.straps = np.maximum(cut.straps, canvas.stroke(line, width))
    cut.straps *= np.clip((_FADED - np.abs(canvas.x)) / 0.08, 0, 1)
    cut.relief += 0.012 * canvas.clouds(generator, 7, 6)
    _FOLDS[kind](cut, canvas, edge, generator)
    return cut


@functools.cache
def _edge(kind: str) -> np.ndarray:
    return smooth(mirrored(HALVES[kind]), closed=True)


@functools.cache
def _straps(kind: str) -> list[np.ndarray]:
    return [
        smooth(np.multiply(loop, (side, 1))) for loop in _LOOPS.get(kind, []) for side in (1, -1)
    ]


def head(canvas: Canvas) -> np.ndarray:
    """Return the height of a head under cloth: a cylinder, the nose and the turn of the chin."""
    x, y = canvas.x, canvas.y
    around = 0.85 * np.sqrt(np.maximum(1 - (x / 1.15) ** 2, 0.02))
    nose = 0.30 * np.exp(-((x / 0.22) ** 2) - ((y - 0.42) / 0.36) ** 2)
    chin = 0.55 * np.square(np.maximum(y - 0.95, 0))
    return around + nose - chin


def _fold_surgical(
    cut: Cut, canvas: Canvas, edge: np.ndarray, generator: np.random.Generator
) -> None:
    """Three pleats that fan out from the sides, a band around, a wire over the nose."""
    spread = 1.0 + generator.uniform(0.15, 0.3)
    for place in (0.52, 0.78, 1.04):
        sides = 0.8 + (place - 0.8) * 0.7
        middle = 0.78 + (place - 0.78) * spread + generator.normal(0, 0.02)
        fold = smooth([(-0.80, sides), (-0.45, (sides + middle) / 2 + 0.02), (0, middle + 0.06),
                       (0.45, (sides + middle) / 2 + 0.02), (0.80, sides)])  # fmt: skip
        below = canvas.stroke(np.add(fold, (0, 0.03)), 0.05)
        cut.dark += 0.50 * canvas.stroke(fold, 0.016) + 0.22 * canvas.soften(below, 0.03)
        cut.relief += 0.035 * canvas.soften(canvas.stroke(fold - (0, 0.05), 0.09), 0.03)
    _hem(cut, canvas, edge, 0.09)
    wire = smooth([(-0.3, 0.24), (0, 0.13), (0.3, 0.24)])
    cut.relief += 0.02 * canvas.soften(canvas.stroke(wire, 0.05), 0.012)


def _fold_cloth(cut: Cut, canvas: Canvas, edge: np.ndarray, generator: np.random.Generator) -> None:
    """A seam down the middle, hems, wrinkles."""
    seam = smooth([(0, -0.1), (0.005, 0.5), (0, 1.1), (0, 1.8)])
    if generator.random() < 0.7:
        cut.dark += 0.45 * canvas.stroke(seam, 0.014)
        cut.relief -= 0.05 * np.minimum(np.abs(canvas.x), 0.35)
    cut.relief += 0.02 * canvas.clouds(generator, 5, 9)
    _hem(cut, canvas, edge, 0.06)


def _fold_cup(cut: Cut, canvas: Canvas, edge: np.ndarray, generator: np.random.Generator) -> None:
    """A stiff dome with a welded rim, and small print."""
    inside = 1 - (canvas.x / 0.80) ** 2 - ((canvas.y - 0.85) / 0.95) ** 2
    cut.relief = 0.55 * np.sqrt(np.maximum(inside, 0.03)) + 0.25 * (cut.relief - head(canvas))
    cut.relief += 0.04 * canvas.soften(canvas.stroke(edge, 0.10, closed=True), 0.015)
    cut.dark += 0.35 * canvas.stroke(mirrored(HALVES["cup"]) * 0.88 + (0, 0.1), 0.012, closed=True)
    if generator.random() < 0.6:
        _label(cut, canvas, generator, (0.0, 1.08))


def _fold_folded(
    cut: Cut, canvas: Canvas, edge: np.ndarray, generator: np.random.Generator
) -> None:
    """A keel down the middle and welds along the edge."""
    cut.relief += 0.16 * np.exp(-np.abs(canvas.x) / 0.10)
    cut.dark += 0.30 * canvas.stroke([(0, -0.1), (0, 1.8)], 0.014)
    for side in (-1, 1):
        weld = smooth([(side * 0.08, 0.30), (side * 0.45, 0.60), (side * 0.80, 0.66)])
        cut.dark += 0.22 * canvas.stroke(weld, 0.014)
    _hem(cut, canvas, edge, 0.07)
    if generator.random() < 0.5:
        _label(cut, canvas, generator, (0.40 * generator.choice((-1, 1)), 0.95))


def _fold_valve(cut: Cut, canvas: Canvas, edge: np.ndarray, generator: np.random.Generator) -> None:
    """A folded respirator with a round valve beside the mouth."""
    _fold_folded(cut, canvas, edge, generator)
    x, y = 0.36 * generator.choice((-1, 1)), generator.uniform(0.85, 1.0)
    radius = generator.uniform(0.14, 0.18)
    distance = np.hypot(canvas.x - x, canvas.y - y)
    disc = np.clip((radius - distance) * canvas.density, 0, 1)
    cut.trim = np.maximum(cut.trim, disc)
    cut.relief += 0.06 * canvas.soften(disc, 0.02)
    cut.dark += 0.6 * np.clip(1 - np.abs(distance - radius) / 0.02, 0, 1)
    for offset in (-0.06, 0.0, 0.06):
        cut.dark += 0.5 * canvas.stroke([(x - 0.08, y + offset), (x + 0.08, y + offset)], 0.018)


def _fold_gaiter(
    cut: Cut, canvas: Canvas, edge: np.ndarray, generator: np.random.Generator
) -> None:
    """Thin cloth that hangs in soft rings below the chin."""
    rings = np.sin(9 * canvas.y + 2.5 * canvas.x**2 + 1.5 * canvas.clouds(generator, 4, 4))
    cut.relief += rings * (0.008 + 0.03 * np.clip(canvas.y - 1.35, 0, 0.5))
    cut.relief += 0.02 * canvas.clouds(generator, 9, 5)


def _fold_scarf(cut: Cut, canvas: Canvas, edge: np.ndarray, generator: np.random.Generator) -> None:
    """Thick wool in slanting rolls."""
    slant = generator.uniform(-0.5, 0.5)
    wave = 7 * canvas.y + slant * 4 * canvas.x + 1.6 * canvas.clouds(generator, 4, 4)
    cut.relief += 0.06 * np.sin(wave) + 0.03 * canvas.clouds(generator, 8, 6)
    cut.dark += 0.30 * np.clip(-np.sin(wave) - 0.5, 0, 1)
    knit = np.sin(70 * canvas.x + 6 * np.sin(35 * canvas.y))
    cut.dark += 0.10 * knit * min(1.0, canvas.density / 40)


_FOLDS: dict[str, Callable[..., None]] = {
    "surgical": _fold_surgical, "cloth": _fold_cloth, "cup": _fold_cup, "folded": _fold_folded,
    "valve": _fold_valve, "gaiter": _fold_gaiter, "scarf": _fold_scarf,
}  # fmt: skip


def _hem(cut: Cut, canvas: Canvas, edge: np.ndarray, width: float) -> None:
    """Thicken the edge and stitch it."""
    inner = (edge - (0, 0.85)) * (1 - width / 0.8) + (0, 0.85)
    cut.dark += 0.28 * canvas.stroke(inner, 0.013, closed=True)
    cut.relief += 0.012 * canvas.soften(canvas.stroke(edge, 2 * width, closed=True), 0.015)


def _label(
    cut: Cut, canvas: Canvas, generator: np.random.Generator, place: tuple[float, float]
) -> None:
    """Print a few lines too small to read."""
    x, y = place
    for line in range(3):
        half = generator.uniform(0.06, 0.13)
        row = y + 0.05 * line
        cut.dark += 0.4 * canvas.stroke([(x - half, row), (x + half, row)], 0.02)
