"""What there is to see: everything the renderer needs to know of one picture.

A `Capture` is a `Person` (who), a `Look` (hair, beard, make-up, glasses, jewellery: what people
change), and the moment (expression, gaze, camera, light, clothing, background). All of it is plain
numbers, so a capture can be stored, compared, interpolated and swept.

Units: millimetres, degrees, linear RGB. Axes: x to the right of the picture (the subject's left),
y up, z out of the face towards the camera; the origin lies between the ear canals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.scene.look import Look
from lib.scene.person import Colour, Person


@dataclass(frozen=True)
class Camera:
    """Where the camera stands, as the head sees it.

    Attributes:
        yaw: turn of the head, degrees; positive towards the right of the picture.
        pitch: nod, degrees; positive is down.
        roll: tilt, degrees; positive is anticlockwise in the picture.
        distance: from the camera to the middle of the face, mm.
        field: width of what the picture shows at the face's distance, mm.
        shift: (right, down) move of the face in the picture, as a share of its width.
    """

    yaw: float
    pitch: float
    roll: float
    distance: float
    field: float
    shift: tuple[float, float]


@dataclass(frozen=True)
class Light:
    """One light.

    Attributes:
        direction: unit vector from the face to the light.
        colour: radiance.
        size: apparent size, 0 (a point) to 0.2: blurs highlights.
        softness: blur of its shadows, 1 to 5.
        shadow: whether it casts shadows.
    """

    direction: tuple[float, float, float]
    colour: Colour
    size: float
    softness: float
    shadow: bool


@dataclass(frozen=True)
class Environment:
    """Light from all around.

    Attributes:
        sky: radiance from above.
        ground: radiance from below.
        lobes: soft sources: (direction, colour, sharpness), sharpness 2 to 8.
    """

    sky: Colour
    ground: Colour
    lobes: tuple[tuple[tuple[float, float, float], Colour, float], ...]


@dataclass(frozen=True)
class Clothing:
    """A shirt, by its neckline and cloth.

    Attributes:
        shoulders: how far the shoulders are lifted, mm.
        neckline: height of the collar at the sides, mm (-160 to -118).
        depth: how much lower it is in front, mm.
        width: of the opening, radians.
        colour: of the cloth.
        second_colour: of its pattern.
        pattern: 0 plain, 1 stripes, 2 checks.
        period: of the pattern, mm.
        sheen: 0 to 0.5.
        build: of the body in standard deviations, slim to broad.
    """

    shoulders: float
    neckline: float
    depth: float
    width: float
    colour: Colour
    second_colour: Colour
    pattern: int
    period: float
    sheen: float
    build: float


@dataclass(frozen=True)
class Background:
    """What is behind: a gradient, out-of-focus discs and bars.

    Attributes:
        colours: the gradient's two ends.
        angle: of the gradient, radians.
        discs: (x, y, radius, softness, colour); places and sizes as shares of the picture's width.
        bars: (angle, offset, width, colour).
    """

    colours: tuple[Colour, Colour]
    angle: float
    discs: tuple[tuple[float, float, float, float, Colour], ...]
    bars: tuple[tuple[float, float, float, Colour], ...]


@dataclass(frozen=True)
class Capture:
    """One picture to be taken.

    Attributes:
        person: who.
        look: how they look today.
        expression: (expressions,) float32 weights of the head's expression modes, 0 to about 1.
        gaze: (yaw, pitch) of the eyes relative to the head, degrees.
        camera: see `Camera`.
        lights: the lights, the strongest first.
        environment: light from all around.
        clothing: see `Clothing`.
        background: see `Background`.
        oil: strength of the skin's shine: 0.2 powdered, 1 average, 3 oily or sweating.
        relief: strength of pores and fine wrinkles, 0.3 to 1.
        exposure: brightness of the picture, 0.65 to 1.35.
    """

    person: Person
    look: Look
    expression: np.ndarray
    gaze: tuple[float, float]
    camera: Camera
    lights: tuple[Light, ...]
    environment: Environment
    clothing: Clothing
    background: Background
    oil: float
    relief: float
    exposure: float
