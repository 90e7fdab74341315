"""Colours as linear RGB: mixed, varied, and those of hot bodies."""

from __future__ import annotations

from lib.scene.person import Colour
from lib.scene.sampling.streams import Draw

WHITE: Colour = (1.0, 1.0, 1.0)

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of linear sRGB's channels in luminance (ITU-R BT.709)."""

SRGB_FROM_XYZ = (
    (3.2406, -1.5372, -0.4986),
    (-0.9689, 1.8758, 0.0415),
    (0.0557, -0.2040, 1.0570),
)
"""Linear sRGB from CIE XYZ (IEC 61966-2-1)."""


def luminance(colour: Colour) -> float:
    """Return the luminance of a linear RGB colour."""
    return sum(weight * value for weight, value in zip(LUMINANCE, colour, strict=True))


def scale(colour: Colour, factor: float) -> Colour:
    """Return the colour, `factor` times as bright."""
    red, green, blue = colour
    return red * factor, green * factor, blue * factor


def multiply(first: Colour, second: Colour) -> Colour:
    """Return the channelwise product, as of a light and a reflectance."""
    return first[0] * second[0], first[1] * second[1], first[2] * second[2]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour `share` (0 to 1) of the way from the first to the second."""
    keep = 1.0 - share
    return (
        keep * first[0] + share * second[0],
        keep * first[1] + share * second[1],
        keep * first[2] + share * second[2],
    )


def clip(colour: Colour, low: float = 0.005, high: float = 0.9) -> Colour:
    """Return the colour with each channel kept within the range of real surfaces."""
    red, green, blue = (min(max(value, low), high) for value in colour)
    return red, green, blue


def vary(draw: Draw, colour: Colour, brightness: float, hue: float = 0.0) -> Colour:
    """Return the colour, randomly brighter or darker and randomly tinted.

    Args:
        draw: the stream to draw from.
        colour: linear RGB.
        brightness: largest relative change of all channels together, 0 to 1.
        hue: largest relative change of each channel by itself, 0 to 1.

    Returns:
        Linear RGB.
    """
    factor = 1.0 + draw.uniform(-brightness, brightness)
    red, green, blue = (value * factor * (1 + draw.uniform(-hue, hue)) for value in colour)
    return red, green, blue


def temperature_colour(kelvin: float) -> Colour:
    """Return the colour of a black body of a temperature, at luminance 1.

    Kim et al., "Design of Advanced Color Temperature Control System for HDTV Applications",
    Journal of the Korean Physical Society 41 (2002): cubic splines for the Planckian locus.

    Args:
        kelvin: 2222 (deep orange) to 25000 (blue); 6500 is nearly white.

    Returns:
        Linear RGB of luminance 1.
    """
    if not 2222 <= kelvin <= 25000:
        raise ValueError(f"found {kelvin} K; the colour is known from 2222 K to 25000 K")
    t = 1000.0 / kelvin
    if kelvin <= 4000:
        x = ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
        y = ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
    else:
        x = ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390
        y = ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483
    tristimulus = (x / y, 1.0, (1 - x - y) / y)
    red, green, blue = (
        max(0.0, sum(a * b for a, b in zip(row, tristimulus, strict=True))) for row in SRGB_FROM_XYZ
    )
    return red, green, blue
