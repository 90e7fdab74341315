"""Small lamps besides an arrangement's own lights: each puts one more highlight on the face.

Lessons on shine need them. Under the arrangements alone a face has one or two highlights, in places
that a network soon learns by heart.
"""

from __future__ import annotations

import operator

from lib.scene.capture import Light
from lib.scene.sampling.colours import luminance, scale
from lib.scene.sampling.light import Lighting, direction, normalise, tint
from lib.scene.sampling.streams import Draw

AZIMUTH, ELEVATION = (-65.0, 65.0), (-15.0, 60.0)
"""Where lamps stand, degrees: before the face, where a highlight is seen."""

SIZE = (0.03, 0.1)
"""`Light.size` of a lamp."""

SHARE = (0.3, 0.9)
"""Its strength as a share of the first light's, which so stays the strongest before the face."""

KELVIN = (3000.0, 7000.0)
"""Its colour."""


def require_count(more_lights: int) -> int:
    """Return a number of lamps as Python's own.

    Raises:
        ValueError: for what is no whole number from 0.
    """
    try:
        count = operator.index(more_lights)
    except TypeError:
        count = -1
    if count < 0:
        raise ValueError(f"found more_lights = {more_lights!r}; expected a whole number from 0")
    return count


def draw_lamp(draw: Draw, first: Light) -> Light:
    """Draw one lamp without a shadow.

    Args:
        draw: the stream to draw from.
        first: the light that its strength is measured by.
    """
    towards = direction(draw.uniform(*AZIMUTH), draw.uniform(*ELEVATION))
    strength = draw.uniform(*SHARE) * luminance(first.colour)
    colour = scale(tint(draw.uniform(*KELVIN)), strength)
    return Light(towards, colour, draw.uniform(*SIZE), 3.0, False)


def add_lamps(draw: Draw, lighting: Lighting, most: int) -> Lighting:
    """Put lamps before the face, and bring all light back to a `facing_strength` of 1.

    Args:
        draw: the stream to draw from.
        lighting: an arrangement's lights, and the light from all around.
        most: how many lamps at most; each number from 0 on is equally likely.

    Returns:
        The arrangement with the lamps after its own lights, the strongest of them first; where no
        lamp is drawn the very same arrangement.
    """
    lights, environment = lighting
    lamps = [draw_lamp(draw, lights[0]) for _ in range(draw.count(0, most))]
    if not lamps:
        return lighting
    lamps.sort(key=lambda lamp: luminance(lamp.colour), reverse=True)
    return normalise((*lights, *lamps), environment)
