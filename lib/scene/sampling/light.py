"""Light: studios, windows, overcast skies, flashes, low suns, always with plenty of fill.

All arrangements are brought to the same strength, so that `Capture.exposure` alone decides how
bright a picture is: a white card held before the face, facing as it does, reflects about 1.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

from lib.scene.capture import Environment, Light
from lib.scene.person import Colour
from lib.scene.sampling.colours import WHITE, luminance, mix, multiply, scale, temperature_colour
from lib.scene.sampling.streams import Draw

Range = tuple[float, float]
Vector = tuple[float, float, float]
Lobe = tuple[Vector, Colour, float]
Lighting = tuple[tuple[Light, ...], Environment]

PLACES = {"studio": 26, "indoors": 34, "outdoors": 30, "night": 10}
"""Where pictures are taken, and how often out of a hundred; light and background keep to it."""

LIGHTINGS = {
    "studio": {"studio": 80, "beauty": 20},
    "indoors": {"window": 50, "ceiling": 35, "flash": 15},
    "outdoors": {"overcast": 42, "shade": 28, "evening": 18, "backlight": 12},
    "night": {"flash": 55, "lamp": 45},
}
"""Which arrangements of light occur at a place."""

ADAPTATION = 0.85
"""How much of a light's tint the camera's white balance removes, 0 to 1."""


def direction(azimuth: float, elevation: float) -> Vector:
    """Return the unit vector from the face to a light.

    Args:
        azimuth: degrees; 0 is straight before the face, positive towards the subject's left.
        elevation: degrees over the horizon.

    Returns:
        (x, y, z) in the axes of the head, which a turn of the head leaves as they are.
    """
    turn, rise = math.radians(azimuth), math.radians(elevation)
    return math.sin(turn) * math.cos(rise), math.sin(rise), math.cos(turn) * math.cos(rise)


def tint(kelvin: float, adaptation: float = ADAPTATION) -> Colour:
    """Return a light's colour as a camera sees it whose white balance has mostly adapted to it."""
    return mix(temperature_colour(kelvin), WHITE, adaptation)


def make_key(
    draw: Draw, azimuth: float, elevation: float, colour: Colour, strength: Range, size: Range
) -> Light:
    """Make a light that casts a shadow, the softer the larger the light is.

    Args:
        draw: the stream to draw from.
        azimuth: degrees, as `direction` has it.
        elevation: degrees over the horizon.
        colour: of the light.
        strength: range of the factor that the colour is multiplied with.
        size: range of `Light.size`, 0.03 (a flash) to 0.2 (a window).

    Returns:
        The light.
    """
    radiance, extent = scale(colour, draw.uniform(*strength)), draw.uniform(*size)
    return Light(direction(azimuth, elevation), radiance, extent, 1.5 + 17.5 * extent, True)


def make_rim(azimuth: float, elevation: float, colour: Colour) -> Light:
    """Make a light without a shadow, as from behind the head; angles in degrees."""
    return Light(direction(azimuth, elevation), colour, 0.08, 3.0, False)


def make_lobe(azimuth: float, elevation: float, colour: Colour, sharpness: float) -> Lobe:
    """Make a soft source of an `Environment` from angles in degrees."""
    return direction(azimuth, elevation), colour, sharpness


def lobe_strength(sharpness: float) -> float:
    """Return what a white card facing a lobe of colour 1 reflects: how bright a lobe is in all.

    The integral of exp(k (cos - 1)) cos / pi over the hemisphere, k being the sharpness.
    """
    return 2 / sharpness * (1 - (1 - math.exp(-sharpness)) / sharpness)


def facing_strength(lights: tuple[Light, ...], environment: Environment) -> float:
    """Return the luminance that a white card facing as the face does reflects, without shadows.

    A lobe counts as one lamp as strong as `lobe_strength` says; that is exact straight before the
    card.

    Args:
        lights: directional lights.
        environment: light from all around.

    Returns:
        Radiance; 1 means as bright as the card would be in an even white surrounding.
    """
    total = 0.5 * (luminance(environment.sky) + luminance(environment.ground))
    for light in lights:
        total += luminance(light.colour) * max(0.0, light.direction[2])
    for (_, _, forwards), colour, sharpness in environment.lobes:
        total += luminance(colour) * lobe_strength(sharpness) * max(0.0, forwards)
    return total


def normalise(lights: tuple[Light, ...], environment: Environment) -> Lighting:
    """Return the same arrangement at a `facing_strength` of 1."""
    factor = 1 / facing_strength(lights, environment)
    lobes = tuple((way, scale(colour, factor), k) for way, colour, k in environment.lobes)
    around = Environment(scale(environment.sky, factor), scale(environment.ground, factor), lobes)
    return tuple(replace(one, colour=scale(one.colour, factor)) for one in lights), around


def studio(draw: Draw) -> Lighting:
    """A large soft box to one side, a reflector on the other, often a light from behind."""
    side, kelvin = draw.sign(), draw.uniform(4800, 6200)
    colour, back = tint(kelvin), scale(tint(kelvin + 600), draw.uniform(0.3, 0.9))
    azimuth, elevation = side * draw.uniform(12, 48), draw.uniform(18, 45)
    key = make_key(draw, azimuth, elevation, colour, (0.6, 1.15), (0.08, 0.18))
    rim = make_rim(-side * draw.uniform(110, 150), draw.uniform(15, 50), back)
    reflector = scale(colour, draw.uniform(0.25, 0.7))
    fill = make_lobe(-side * draw.uniform(30, 65), draw.uniform(-10, 20), reflector, 2.5)
    room = scale(colour, draw.uniform(0.25, 0.55))
    lights = (key, rim) if draw.chance(0.55) else (key,)
    return lights, Environment(room, scale(room, 0.65), (fill,))


def beauty(draw: Draw) -> Lighting:
    """A soft box straight above the camera and a reflector below it: hardly a shadow."""
    colour = tint(draw.uniform(5200, 6200))
    azimuth, elevation = draw.uniform(-8, 8), draw.uniform(22, 40)
    key = make_key(draw, azimuth, elevation, colour, (0.5, 0.7), (0.12, 0.2))
    below = make_lobe(0.0, -40.0, scale(colour, draw.uniform(0.3, 0.7)), 3.0)
    return (key,), Environment(scale(colour, 0.45), scale(colour, 0.40), (below,))


def window(draw: Draw) -> Lighting:
    """Daylight from a window on one side, the room's warm walls on the other."""
    day, warm = tint(draw.uniform(5800, 8000)), tint(draw.uniform(3400, 5000))
    azimuth, elevation = draw.sign() * draw.uniform(25, 75), draw.uniform(5, 30)
    key = make_key(draw, azimuth, elevation, day, (0.45, 1.0), (0.14, 0.2))
    pane = make_lobe(azimuth, elevation, scale(day, draw.uniform(0.7, 1.3)), 3.5)
    walls = make_lobe(-azimuth, 5.0, scale(warm, draw.uniform(0.2, 0.5)), 2.0)
    room = scale(warm, draw.uniform(0.28, 0.5))
    return (key,), Environment(room, scale(room, 0.75), (pane, walls))


def ceiling(draw: Draw) -> Lighting:
    """Several lamps above: the soft light of offices and kitchens."""
    colour = tint(draw.uniform(3000, 5000))
    azimuth, elevation = draw.uniform(-45, 45), draw.uniform(42, 62)
    key = make_key(draw, azimuth, elevation, colour, (0.5, 0.85), (0.08, 0.16))
    second = make_rim(draw.uniform(-80, 80), draw.uniform(30, 55), scale(colour, 0.25))
    walls = make_lobe(draw.uniform(-70, 70), 15.0, scale(colour, draw.uniform(0.3, 0.7)), 2.5)
    room = scale(colour, draw.uniform(0.4, 0.6))
    return (key, second), Environment(room, scale(room, 0.65), (walls,))


def overcast(draw: Draw) -> Lighting:
    """A grey sky: bright from above, hardly any shadow."""
    sky = tint(draw.uniform(6200, 8000))
    azimuth, elevation = draw.uniform(-60, 60), draw.uniform(35, 60)
    sun = make_key(draw, azimuth, elevation, sky, (0.25, 0.6), (0.19, 0.2))
    bright = make_lobe(azimuth, 40.0, scale(sky, draw.uniform(0.3, 0.8)), 2.0)
    ground = scale(multiply(sky, (0.42, 0.40, 0.35)), draw.uniform(0.8, 1.4))
    return (sun,), Environment(sky, ground, (bright,))


def shade(draw: Draw) -> Lighting:
    """In the shade on a bright day: the open sky on one side, green or stone around."""
    sky = tint(draw.uniform(7500, 11000))
    ground = draw.among(((0.38, 0.42, 0.28), (0.44, 0.38, 0.31), (0.40, 0.39, 0.37)))
    azimuth, elevation = draw.sign() * draw.uniform(10, 70), draw.uniform(25, 50)
    key = make_key(draw, azimuth, elevation, sky, (0.3, 0.65), (0.17, 0.2))
    opening = make_lobe(azimuth, 30.0, scale(sky, draw.uniform(0.5, 1.1)), 2.5)
    return (key,), Environment(scale(sky, 0.6), ground, (opening,))


def evening(draw: Draw) -> Lighting:
    """A low, warm sun from one side under a blue sky."""
    sun, sky = tint(draw.uniform(2900, 4200)), tint(draw.uniform(7000, 10000))
    azimuth, elevation = draw.sign() * draw.uniform(20, 62), draw.uniform(8, 26)
    key = make_key(draw, azimuth, elevation, sun, (0.7, 1.2), (0.04, 0.09))
    away = -math.copysign(40.0, azimuth)
    fill = make_lobe(away, 15.0, scale(sky, draw.uniform(0.3, 0.6)), 2.0)
    return (key,), Environment(scale(sky, draw.uniform(0.45, 0.65)), (0.26, 0.20, 0.14), (fill,))


def backlight(draw: Draw) -> Lighting:
    """The sun behind the head: bright rims, the face lit by sky and ground."""
    sun, sky = tint(draw.uniform(3800, 5500)), tint(draw.uniform(6000, 8000))
    azimuth, elevation = draw.uniform(-30, 30), draw.uniform(20, 40)
    key = make_key(draw, azimuth, elevation, sky, (0.25, 0.4), (0.19, 0.2))
    behind, height = draw.sign() * draw.uniform(115, 155), draw.uniform(20, 50)
    rim = make_rim(behind, height, scale(sun, draw.uniform(0.8, 1.5)))
    glow = make_lobe(0.0, 10.0, scale(sky, draw.uniform(0.3, 0.6)), 2.0)
    return (key, rim), Environment(scale(sky, 0.6), scale(sun, 0.35), (glow,))


def flash(draw: Draw) -> Lighting:
    """A flash beside the lens, over the light of the room."""
    white, warm = tint(draw.uniform(5400, 6200)), tint(draw.uniform(2800, 4200))
    azimuth, elevation = draw.uniform(-12, 12), draw.uniform(4, 18)
    key = make_key(draw, azimuth, elevation, white, (0.4, 0.7), (0.03, 0.08))
    walls = make_lobe(draw.uniform(-60, 60), 20.0, scale(mix(white, warm, 0.5), 0.4), 2.0)
    room = scale(warm, draw.uniform(0.3, 0.5))
    return (key,), Environment(room, scale(room, 0.8), (walls,))


def lamp(draw: Draw) -> Lighting:
    """A warm lamp on one side in the evening, coloured light from the street on the other."""
    warm = tint(draw.uniform(2500, 3400))
    colour = draw.among(((0.5, 0.6, 0.9), (0.9, 0.55, 0.6), (0.55, 0.8, 0.8), (0.8, 0.75, 0.7)))
    azimuth, elevation = draw.sign() * draw.uniform(15, 55), draw.uniform(12, 40)
    key = make_key(draw, azimuth, elevation, warm, (0.5, 0.75), (0.08, 0.16))
    away = -math.copysign(draw.uniform(40, 100), azimuth)
    street = make_lobe(away, 10.0, scale(colour, 0.5), 2.5)
    room = scale(mix(warm, colour, 0.4), draw.uniform(0.34, 0.48))
    return (key,), Environment(room, scale(room, 0.7), (street,))


ARRANGEMENTS = {
    **{"studio": studio, "beauty": beauty, "window": window, "ceiling": ceiling},
    **{"overcast": overcast, "shade": shade, "evening": evening, "backlight": backlight},
    **{"flash": flash, "lamp": lamp},
}
"""Every arrangement of light by its name: a function of a stream."""


def require_arrangements(names: Collection[str] | None) -> Collection[str]:
    """Return the arrangements that may occur: the names given, or all of them for None.

    Raises:
        ValueError: for a name that is none of `ARRANGEMENTS`, for no name, or for no collection.
    """
    if names is None:
        return ARRANGEMENTS
    listed = isinstance(names, Collection) and not isinstance(names, (str, bytes))
    if not listed or not names or any(name not in list(ARRANGEMENTS) for name in names):
        choices = ", ".join(ARRANGEMENTS)
        raise ValueError(f"found arrangements = {names!r}; expected None, or some of {choices}")
    return names


def draw_place(draw: Draw, allowed: Collection[str] = ARRANGEMENTS) -> str:
    """Draw where the picture is taken: one of `PLACES` at which an allowed arrangement occurs."""
    odds = {place: often for place, often in PLACES.items() if _odds(place, allowed)}
    return draw.pick(odds)


def draw_light(draw: Draw, place: str, allowed: Collection[str] = ARRANGEMENTS) -> Lighting:
    """Draw an arrangement of light that occurs at a place, at a `facing_strength` of 1.

    Args:
        draw: the stream to draw from.
        place: one of `PLACES`.
        allowed: names of `ARRANGEMENTS`, of which one at least occurs there.

    Returns:
        One or two lights, the one that casts the shadow first, and the light from all around.
    """
    arrangement = ARRANGEMENTS[draw.pick(_odds(place, allowed))]
    return normalise(*arrangement(draw))


def _odds(place: str, allowed: Collection[str]) -> dict[str, int]:
    """Return how often the allowed arrangements occur at a place, relative to one another."""
    return {name: often for name, often in LIGHTINGS[place].items() if name in allowed}
