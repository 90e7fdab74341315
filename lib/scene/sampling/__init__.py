"""All random numbers of the scene: which people there are, and every picture of them.

`sample` is a pure function of its arguments. Each module draws one group of things, each from its
own stream; the tables in them are choices made for variety, not statistics of any population.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

from lib.scene.capture import Camera, Capture
from lib.scene.look import Look
from lib.scene.person import Person
from lib.scene.sampling import background, clothing, expressions, hair, lamps, light, look, people
from lib.scene.sampling.camera import draw_camera
from lib.scene.sampling.streams import Draw, moment_streams, person_streams

__all__ = ["sample", "sample_person"]

Streams = Callable[[str], Draw]


def sample(
    seed: int,
    identity: int,
    capture: int,
    *,
    reshuffle: bool = False,
    expression: bool = True,
    accessories: bool = True,
    yaw_spread: float = 12.0,
    pitch_spread: float = 6.0,
    roll_spread: float = 4.0,
    yaw_limit: float = 30.0,
    arrangements: Collection[str] | None = None,
    more_lights: int = 0,
) -> Capture:
    """Draw one picture of one person.

    Args:
        seed: of the whole collection, >= 0.
        identity: the person's number, >= 0.
        capture: the picture's number among this person's, >= 0.
        reshuffle: draw hair, beard, make-up and glasses anew; else they stay with the person.
        expression: False for a face at rest.
        accessories: False for neither glasses, hat nor jewellery.
        yaw_spread: standard deviation of the head's turn, degrees.
        pitch_spread: of its nod, degrees.
        roll_spread: of its tilt, degrees.
        yaw_limit: largest turn to either side, degrees.
        arrangements: the only ones of `light.ARRANGEMENTS` that may occur; None for all.
        more_lights: at most so many small lamps stand before the face besides an arrangement's.

    Returns:
        The same capture for the same arguments, whatever was drawn before.

    Raises:
        ValueError: for an argument that is not as described here.
    """
    _require_switches(reshuffle=reshuffle, expression=expression, accessories=accessories)
    person = sample_person(seed, identity)
    steady, moment = person_streams(seed, identity), moment_streams(seed, identity, capture)
    camera = draw_camera(moment("camera"), yaw_spread, pitch_spread, roll_spread, yaw_limit)
    return Capture(
        person=person,
        look=_draw_look(person, moment if reshuffle else steady, moment, accessories),
        camera=camera,
        clothing=clothing.draw_clothing(moment("clothing"), person.sex),
        **_draw_face(moment, camera, expression),
        **_draw_surroundings(moment, arrangements, more_lights),
        **_draw_finish(moment("finish")),
    )


def person_name(seed: int, identity: int) -> str:
    """Return the name of the person that `sample_person` draws, without drawing anybody."""
    return f"rendered-{seed}-{identity:05d}"


def sample_person(seed: int, identity: int) -> Person:
    """Draw one person: sex, shape of the head, skin, brows, irises, lips and teeth.

    Args:
        seed: of the whole collection, >= 0.
        identity: the person's number, >= 0.

    Returns:
        The person, named after both numbers.

    Raises:
        ValueError: for a number that is not whole, or below 0.
    """
    from lib.scene.head import population

    streams = person_streams(seed, identity)
    sex = streams("sex").sign()
    skin = people.draw_skin(streams("skin"))
    natural = people.draw_natural_hair(streams("colouring"), skin)
    shape = population.draw_shape(streams("shape").generator, sex)
    shape.flags.writeable = False
    return Person(
        name=person_name(seed, identity),
        sex=sex,
        shape=shape,
        skin=skin,
        **people.draw_features(streams("features"), sex, skin, natural),
    )


def _require_switches(**switches: bool) -> None:
    for name, switch in switches.items():
        if switch not in (True, False):
            raise ValueError(f"found {name} = {switch!r}; expected True or False")


def _draw_look(person: Person, streams: Streams, moment: Streams, accessories: bool) -> Look:
    sex, skin = person.sex, person.skin
    natural = people.draw_natural_hair(streams("colouring"), skin)
    hair_style = hair.draw_hair(streams("hair"), sex, skin, natural)
    hat = look.draw_hat(moment("hat")) if accessories else None
    glasses = look.draw_sunglasses(moment("sunglasses")) or look.draw_glasses(streams("glasses"))
    jewellery = moment("jewellery")
    earrings = look.draw_earrings(jewellery, sex)
    necklace = look.draw_necklace(jewellery, sex)
    return Look(
        hair=hair.flatten_under_hat(hair_style) if hat else hair_style,
        beard=look.draw_beard(streams("beard"), sex, skin, natural),
        make_up=look.draw_make_up(streams("make_up"), sex, skin),
        glasses=glasses if accessories else None,
        hat=hat,
        earrings=earrings if accessories else None,
        necklace=necklace if accessories else None,
    )


def _draw_face(moment: Streams, camera: Camera, expression: bool) -> dict[str, Any]:
    drawn = expressions.draw_expression(moment("expression"))
    gaze = expressions.draw_gaze(moment("gaze"), camera)
    return {"expression": drawn if expression else expressions.neutral(), "gaze": gaze}


def _draw_surroundings(
    moment: Streams, arrangements: Collection[str] | None, more_lights: int
) -> dict[str, Any]:
    allowed, most = light.require_arrangements(arrangements), lamps.require_count(more_lights)
    place = light.draw_place(moment("place"), allowed)
    lighting = light.draw_light(moment("light"), place, allowed)
    lights, environment = lamps.add_lamps(moment("lamps"), lighting, most)
    behind = background.draw_background(moment("background"), place)
    return {"lights": lights, "environment": environment, "background": behind}


def _draw_finish(draw: Draw) -> dict[str, float]:
    return {
        "oil": min(3.0, max(0.2, math.exp(draw.normal(0.0, 0.5)))),
        "relief": draw.uniform(0.3, 0.9),
        "exposure": min(1.35, max(0.65, draw.normal(1.0, 0.14))),
    }
