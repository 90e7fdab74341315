"""What is behind people, out of focus: backdrops, rooms, streets, gardens, lights at night.

A disc is (x, y, radius, softness, colour) with y down, a bar (angle, offset from the middle,
width, colour): an angle of 0 makes a vertical bar, a quarter turn a horizontal one.
"""

from __future__ import annotations

import math

from lib.scene.capture import Background
from lib.scene.person import Colour
from lib.scene.sampling.colours import clip, mix, scale, vary
from lib.scene.sampling.look import CLOTH_DYES
from lib.scene.sampling.streams import Draw

UPRIGHT, LEVEL = 0.0, math.pi / 2
DOWNWARDS = math.pi / 2
"""Angle of a gradient from the top of the picture to its bottom."""

BACKDROPS: tuple[Colour, ...] = (
    (0.55, 0.55, 0.54), (0.16, 0.16, 0.17), (0.030, 0.030, 0.032), (0.16, 0.21, 0.28),
    (0.30, 0.26, 0.21), (0.42, 0.36, 0.30), (0.13, 0.17, 0.15), (0.26, 0.16, 0.14),
)  # fmt: skip
WALLS: tuple[Colour, ...] = (
    (0.52, 0.49, 0.44), (0.60, 0.59, 0.57), (0.38, 0.42, 0.44), (0.48, 0.40, 0.29),
    (0.31, 0.36, 0.29), (0.45, 0.33, 0.27), (0.24, 0.29, 0.36), (0.30, 0.22, 0.15),
)  # fmt: skip
WOODS: tuple[Colour, ...] = ((0.16, 0.085, 0.040), (0.26, 0.155, 0.080), (0.070, 0.038, 0.020))
STONES: tuple[Colour, ...] = (
    (0.33, 0.31, 0.28), (0.42, 0.36, 0.28), (0.22, 0.22, 0.23), (0.27, 0.15, 0.11),
)  # fmt: skip
LEAVES: tuple[Colour, ...] = (
    (0.055, 0.105, 0.028), (0.110, 0.170, 0.045), (0.030, 0.058, 0.022), (0.190, 0.210, 0.070),
)  # fmt: skip
LAMPS: tuple[Colour, ...] = (
    (1.00, 0.62, 0.26), (1.00, 0.82, 0.58), (0.90, 0.92, 1.00), (0.95, 0.30, 0.14),
    (0.25, 0.55, 0.80), (0.30, 0.75, 0.45),
)  # fmt: skip
SKIES: tuple[Colour, ...] = (
    (0.30, 0.47, 0.76), (0.56, 0.65, 0.76), (0.72, 0.74, 0.76), (0.78, 0.56, 0.42),
)  # fmt: skip

PANES: tuple[Colour, ...] = ((0.05, 0.06, 0.07), (0.14, 0.16, 0.18))
FRAME: Colour = (0.42, 0.41, 0.39)
SEA: Colour = (0.10, 0.22, 0.30)
SAND: Colour = (0.46, 0.37, 0.25)
CLOUD: Colour = (0.80, 0.80, 0.80)

BACKGROUNDS = {
    "studio": {"backdrop": 100},
    "indoors": {"wall": 34, "room": 34, "shelves": 16, "bright_window": 16},
    "outdoors": {"garden": 38, "street": 34, "horizon": 28},
    "night": {"night_lights": 65, "room": 35},
}
"""Which backgrounds occur at a place, one of `lib.scene.sampling.light.PLACES`."""

Disc = tuple[float, float, float, float, Colour]
Bar = tuple[float, float, float, Colour]
Bars = tuple[Bar, ...]
Range = tuple[float, float]


def draw_discs(
    draw: Draw,
    number: int,
    colours: tuple[Colour, ...],
    sizes: Range,
    heights: Range = (-0.05, 1.05),
    softness: Range = (0.3, 0.9),
) -> tuple[Disc, ...]:
    """Draw discs of some colours.

    Args:
        draw: the stream to draw from.
        number: how many.
        colours: to choose from; each is varied a little.
        sizes: range of the radius, as a share of the picture's width; small ones are likelier.
        heights: range of y, 0 the top of the picture and 1 its bottom.
        softness: range of the edges' softness, 0 sharp to 1.

    Returns:
        The discs, `Background.discs`.
    """
    return tuple(
        (
            draw.uniform(-0.1, 1.1),
            draw.uniform(*heights),
            draw.log_uniform(*sizes),
            draw.uniform(*softness),
            clip(vary(draw, draw.among(colours), 0.35, 0.1), high=1.0),
        )
        for _ in range(number)
    )


def draw_bar(draw: Draw, angle: float, colour: Colour, widths: Range) -> Bar:
    """Draw a bar of a colour somewhere in the picture; a leaning camera tilts it a little."""
    tilt = angle + draw.normal(0.0, 0.03)
    return tilt, draw.uniform(-0.5, 0.5), draw.uniform(*widths), clip(colour, high=1.0)


def draw_walls(draw: Draw, number: int, colours: tuple[Colour, ...], widths: Range) -> Bars:
    """Draw upright bars of some colours: door frames, fronts of houses, the backs of books."""
    return tuple(
        draw_bar(draw, UPRIGHT, vary(draw, draw.among(colours), 0.4, 0.06), widths)
        for _ in range(number)
    )


def fade(colour: Colour, start: float, end: float) -> tuple[Colour, Colour]:
    """Return a gradient's two ends: the same colour at two strengths."""
    return clip(scale(colour, start)), clip(scale(colour, end))


def backdrop(draw: Draw) -> Background:
    """A photographer's paper or cloth with the glow of a lamp on it."""
    colour = vary(draw, draw.among(BACKDROPS), 0.25, 0.06)
    bright = (scale(colour, draw.uniform(1.2, 1.8)),)
    glow = draw_discs(draw, 1, bright, (0.4, 0.7), (0.2, 0.6), (1.0, 1.0))
    folds = (colour, scale(colour, 0.8))
    stains = draw_discs(draw, draw.count(0, 5), folds, (0.1, 0.4), softness=(0.9, 1.0))
    ends = fade(colour, draw.uniform(0.9, 1.2), 0.6)
    return Background(ends, draw.uniform(0.0, 2 * math.pi), glow + stains, ())


def wall(draw: Draw) -> Background:
    """A plain wall with light falling off, perhaps a corner or the frame of a door."""
    colour = vary(draw, draw.among(WALLS), 0.25, 0.06)
    frames = draw_walls(draw, draw.count(0, 2), WOODS, (0.02, 0.07))
    corner = draw_walls(draw, draw.count(0, 1), (scale(colour, 0.7),), (0.1, 0.3))
    lit = (scale(colour, 0.75), scale(colour, 1.2))
    shadows = draw_discs(draw, draw.count(1, 3), lit, (0.2, 0.5), softness=(0.8, 1.0))
    ends = fade(colour, 1.1, draw.uniform(0.45, 0.8))
    return Background(ends, draw.uniform(-0.5, 0.5), shadows, corner + frames)


def room(draw: Draw) -> Background:
    """A room: furniture below, things on the wall, a lamp or two."""
    colour = vary(draw, draw.among(WALLS), 0.3, 0.06)
    furniture = draw_discs(draw, draw.count(3, 6), WOODS + CLOTH_DYES, (0.08, 0.3), (0.6, 1.1))
    things = draw_discs(draw, draw.count(2, 6), WALLS + CLOTH_DYES, (0.03, 0.12), (0.0, 0.8))
    lamps = draw_discs(draw, draw.count(0, 2), LAMPS[:3], (0.04, 0.12), (0.0, 0.45), (0.6, 1.0))
    walls = draw_walls(draw, draw.count(1, 3), WALLS + WOODS, (0.03, 0.2))
    skirting = (LEVEL, draw.uniform(0.2, 0.48), draw.uniform(0.02, 0.1), draw.among(WOODS))
    discs = furniture + things + lamps
    return Background(fade(colour, 1.1, 0.5), DOWNWARDS, discs, (*walls, skirting))


def shelves(draw: Draw) -> Background:
    """Shelves full of books: many narrow upright bars and a few level boards."""
    wood = clip(vary(draw, draw.among(WOODS), 0.3))
    books = draw_walls(draw, draw.count(14, 24), CLOTH_DYES + WALLS[3:], (0.012, 0.045))
    first = draw.uniform(-0.46, -0.36)
    boards = tuple((LEVEL, first + 0.3 * number, 0.022, wood) for number in range(3))
    return Background(fade(wood, 1.0, 0.5), DOWNWARDS, (), books + boards)


def bright_window(draw: Draw) -> Background:
    """A window behind one shoulder: bright panes, frames, a sill, plants."""
    colour = vary(draw, draw.among(WALLS), 0.3, 0.06)
    middle, width = draw.sign() * draw.uniform(0.12, 0.4), draw.uniform(0.10, 0.22)
    outside = clip(scale(vary(draw, draw.among(SKIES), 0.15), 1.25), high=1.0)
    pane = (UPRIGHT, middle, width, outside)
    frames = tuple((UPRIGHT, middle + step * width, 0.014, FRAME) for step in (-1, 0, 1))
    sill = (LEVEL, draw.uniform(0.2, 0.45), 0.03, clip(scale(colour, 0.7)))
    plants = draw_discs(draw, draw.count(0, 4), LEAVES, (0.04, 0.13), (0.4, 0.9))
    return Background(fade(colour, 1.0, 0.5), DOWNWARDS, plants, (pane, *frames, sill))


def garden(draw: Draw) -> Background:
    """Leaves in sun and shade, with bits of sky between them."""
    leaf = vary(draw, draw.among(LEAVES), 0.3, 0.1)
    dark = (LEAVES[2], scale(leaf, 0.5))
    shade = draw_discs(draw, draw.count(4, 8), dark, (0.10, 0.35))
    sun = draw_discs(draw, draw.count(8, 16), LEAVES, (0.03, 0.14), softness=(0.2, 0.6))
    sky = draw_discs(draw, draw.count(2, 8), SKIES[:3], (0.015, 0.07), (-0.05, 0.5), (0.2, 0.5))
    trunks = draw_walls(draw, draw.count(0, 2), WOODS[2:], (0.02, 0.07))
    top = mix(leaf, draw.among(SKIES), draw.uniform(0.0, 0.4))
    return Background((clip(scale(top, 1.3)), clip(leaf)), DOWNWARDS, shade + sun + sky, trunks)


def street(draw: Draw) -> Background:
    """Houses along a street: fronts, dark windows, a strip of sky, people and cars below."""
    stone = vary(draw, draw.among(STONES), 0.3, 0.06)
    fronts = draw_walls(draw, draw.count(2, 5), STONES + WALLS, (0.06, 0.2))
    windows = draw_discs(draw, draw.count(4, 10), PANES, (0.02, 0.06), (0.0, 0.6))
    below = draw_discs(draw, draw.count(2, 6), CLOTH_DYES + STONES, (0.04, 0.16), (0.55, 1.0))
    sky = (LEVEL, draw.uniform(-0.55, -0.40), draw.uniform(0.04, 0.2), draw.among(SKIES))
    return Background(fade(stone, 1.2, 0.7), DOWNWARDS, windows + below, (*fronts, sky))


def horizon(draw: Draw) -> Background:
    """A wide view: sky above; sea, sand, fields or hills below."""
    sky = vary(draw, draw.among(SKIES), 0.15, 0.04)
    land = vary(draw, draw.among((SEA, SAND, *LEAVES)), 0.3)
    height = draw.uniform(-0.1, 0.3)
    ground = tuple(
        (LEVEL, height + step, 0.13, clip(scale(land, 1 - 0.6 * step))) for step in (0.12, 0.3, 0.5)
    )
    levels, distance = (height + 0.45, height + 0.65), (mix(land, sky, 0.5), land)
    hills = draw_discs(draw, draw.count(0, 4), distance, (0.1, 0.3), levels, (0.1, 0.4))
    clouds = draw_discs(draw, draw.count(0, 5), (CLOUD,), (0.05, 0.25), (0.0, 0.4), (0.8, 1.0))
    return Background((clip(sky), clip(mix(sky, CLOUD, 0.5))), DOWNWARDS, clouds + hills, ground)


def night_lights(draw: Draw) -> Background:
    """Lamps far behind at night: bright discs, all about the size of the lens' opening."""
    dark = draw.among(((0.012, 0.014, 0.024), (0.030, 0.020, 0.016), (0.014, 0.020, 0.022)))
    size, faint = draw.uniform(0.018, 0.06), tuple(scale(colour, 0.15) for colour in LAMPS)
    glows = draw_discs(draw, draw.count(1, 4), faint, (0.15, 0.4), softness=(0.9, 1.0))
    lamps = draw_discs(draw, draw.count(8, 20), LAMPS, (size, 1.3 * size), softness=(0.12, 0.3))
    return Background(fade(dark, 1.0, 2.0), DOWNWARDS, glows + lamps, ())


SCENES = {
    **{"backdrop": backdrop, "wall": wall, "room": room, "shelves": shelves},
    **{"bright_window": bright_window, "garden": garden, "street": street},
    **{"horizon": horizon, "night_lights": night_lights},
}
"""Every background by its name: a function of a stream."""


def draw_background(draw: Draw, place: str) -> Background:
    """Draw a background that occurs at a place.

    Args:
        draw: the stream to draw from.
        place: one of `lib.scene.sampling.light.PLACES`.

    Returns:
        A gradient with up to some thirty discs and bars.
    """
    return SCENES[draw.pick(BACKGROUNDS[place])](draw)
