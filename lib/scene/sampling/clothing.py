"""Clothes: necklines, cloth and its patterns."""

from __future__ import annotations

from lib.scene.capture import Clothing
from lib.scene.person import Colour
from lib.scene.sampling.colours import clip, mix, scale, vary
from lib.scene.sampling.look import CLOTH_DYES
from lib.scene.sampling.streams import Draw

NECKLINES = {
    "crew": ((-148.0, -136.0), (3.0, 11.0), (0.40, 0.70)),
    "high": ((-132.0, -118.0), (2.0, 8.0), (0.45, 0.80)),
    "scoop": ((-160.0, -146.0), (16.0, 34.0), (0.55, 0.80)),
    "pointed": ((-156.0, -140.0), (28.0, 56.0), (0.34, 0.50)),
}
"""Ranges of `Clothing.neckline`, depth and width by the kind of neckline."""

NECKLINE_WEIGHTS = {
    -1.0: {"crew": 34, "high": 14, "scoop": 32, "pointed": 20},
    1.0: {"crew": 52, "high": 22, "scoop": 6, "pointed": 20},
}

NEUTRALS: tuple[Colour, ...] = (
    (0.020, 0.020, 0.022), (0.080, 0.080, 0.085), (0.260, 0.260, 0.260), (0.620, 0.610, 0.590),
    (0.480, 0.420, 0.330), (0.045, 0.055, 0.085), (0.100, 0.130, 0.190),
)  # fmt: skip
"""Black, charcoal, grey, white, beige, dark blue and denim cloth."""


def draw_cloth(draw: Draw) -> Colour:
    """Draw the colour of cloth: three in five neutral, the others dyed."""
    base = draw.among(NEUTRALS) if draw.chance(0.6) else draw.among(CLOTH_DYES)
    return clip(vary(draw, base, 0.3, 0.12), high=0.72)


def draw_clothing(draw: Draw, sex: float) -> Clothing:
    """Draw a shirt.

    Args:
        draw: the stream to draw from.
        sex: -1 (female) or 1 (male): wider or narrower necklines are likelier.

    Returns:
        Clothing with every field in the range that `Clothing` states.
    """
    neckline, depth, width = NECKLINES[draw.pick(NECKLINE_WEIGHTS[sex])]
    colour = draw_cloth(draw)
    light = colour[1] > 0.25
    second = scale(colour, draw.uniform(0.25, 0.7)) if light else mix(colour, (0.6,) * 3, 0.6)
    return Clothing(
        shoulders=draw.uniform(6.0, 34.0),
        neckline=draw.uniform(*neckline),
        depth=draw.uniform(*depth),
        width=draw.uniform(*width),
        colour=colour,
        second_colour=clip(draw_cloth(draw) if draw.chance(0.35) else second, high=0.72),
        pattern=draw.pick({0: 70, 1: 18, 2: 12}),
        period=draw.uniform(7.0, 22.0),
        sheen=draw.uniform(0.0, 0.5) ** 1.5,
        build=draw.normal(0.0, 1.0),
    )
