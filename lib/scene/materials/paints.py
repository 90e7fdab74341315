"""From a capture to its paints: plain numbers for the loops over pixels."""

from __future__ import annotations

import numpy as np

from lib.scene.capture import Capture
from lib.scene.curves import SLIT_HEIGHT
from lib.scene.hair.hairline import Hairline, hairline
from lib.scene.head import Head
from lib.scene.look import Beard, HairStyle, MakeUp
from lib.scene.materials import eye, face, head, skin, things
from lib.scene.materials.painter import Paints
from lib.scene.person import Colour, Person

_GREY = (0.2, 0.2, 0.2)
_NO_MOLE = (0.0, 999.0, 1.0)
NO_BEARD = face.BeardPaint(0.0, 0.0, 0.0, 0.0, 0.0, _GREY)
BARE = MakeUp(
    lipstick=0.0, lipstick_colour=_GREY, lip_gloss=0.2, liner=0.0, shadow=0.0,
    shadow_colour=_GREY, blush=0.0,
)  # fmt: skip
"""No make-up at all."""


def _floats(*numbers: float) -> tuple[float, ...]:
    return tuple(float(number) for number in numbers)


def _colour(colour: Colour) -> Colour:
    return _floats(*colour)


def _lips(person: Person, make_up: MakeUp, model: Head) -> face.LipPaint:
    modes = (model.value(person.shape, name) for name in ("upper_lip", "lower_lip", "cupid_bow"))
    return face.LipPaint(
        *_floats(*modes, person.lips, make_up.lipstick),
        _colour(make_up.lipstick_colour),
        float(make_up.lip_gloss),
    )


def _beard(beard: Beard | None) -> face.BeardPaint:
    if beard is None:
        return NO_BEARD
    regions = _floats(beard.moustache, beard.chin, beard.cheeks, beard.density, beard.length)
    return face.BeardPaint(*regions, _colour(beard.colour))


def _scalp(style: HairStyle) -> head.ScalpPaint:
    thick = min(style.volume[0] / 9.0, 1.0)
    roots = tuple(0.7 * channel for channel in style.colour)
    density = 0.97 * style.density
    softness = 2.5 + 2.5 * (1 - thick)
    return head.ScalpPaint(
        _colour(roots), float(density), float(softness), float(thick), hairline(style)
    )


def head_paint(
    person: Person, make_up: MakeUp, beard: Beard | None, scalp: head.ScalpPaint, model: Head,
    detail: float,
) -> head.HeadPaint:  # fmt: skip
    """Return the paint of a head.

    Args:
        person: whose.
        make_up: what is put on it.
        beard: facial hair.
        scalp: hair of the head.
        model: the parametric head.
        detail: share of the finest texture a pixel can show, 0 to 1.
    """
    brows = person.brows
    moles = [_floats(*mole) for mole in person.skin.moles][: head.MOLES]
    moles += [_NO_MOLE] * (head.MOLES - len(moles))
    return head.HeadPaint(
        skin.skin_paint(person.skin, make_up.blush, detail),
        _lips(person, make_up, model),
        face.BrowPaint(*_floats(brows.arch, brows.thickness, brows.density), _colour(brows.colour)),
        _beard(beard),
        face.EyePaint(*_floats(make_up.liner, make_up.shadow), _colour(make_up.shadow_colour)),
        scalp,
        model.value(person.shape, "nose_width"),
        float(np.clip(0.42 - 0.2 * model.value(person.shape, "eye_hood"), 0.05, 0.8)),
        tuple(moles),
    )


def _eyes(capture: Capture, model: Head) -> eye.EyeballPaint:
    person = capture.person
    centres = model.eye_centres(person.shape)
    lids = model.lids(person.shape, capture.expression)
    return eye.EyeballPaint(
        _colour(person.iris),
        *_floats(person.pupil, person.skin.pattern),
        float(0.92 - 0.22 * person.skin.melanin - 0.06 * person.skin.age),
        *(_floats(*centre) for centre in centres),
        *(float(SLIT_HEIGHT + lid.upper * (1 - lid.blink)) for lid in lids),
    )


def _cloth(capture: Capture) -> things.ClothPaint:
    shirt = capture.clothing
    return things.ClothPaint(
        *_floats(shirt.neckline + shirt.shoulders, shirt.depth, shirt.width),
        _colour(shirt.colour),
        _colour(shirt.second_colour),
        int(shirt.pattern),
        *_floats(shirt.period, shirt.sheen),
    )


def _worn(capture: Capture) -> things.WornPaint:
    look = capture.look
    return things.WornPaint(
        _colour(look.hat.colour if look.hat else _GREY),
        float(look.hat is not None and look.hat.knitted),
        _colour(look.glasses.colour if look.glasses else _GREY),
        float(look.glasses is not None and look.glasses.metal),
        _colour(look.earrings.colour if look.earrings else _GREY),
        _colour(look.necklace.colour if look.necklace else _GREY),
        _colour(look.hair.colour),
    )


def paints(capture: Capture, model: Head, vertices: np.ndarray, detail: float) -> Paints:
    """Return all paints of a capture.

    Args:
        capture: what there is to see.
        model: the parametric head.
        vertices: (V, 3) of its head, mm.
        detail: share of the finest texture a pixel can show, 0 to 1.
    """
    look = capture.look
    scalp = _scalp(look.hair)
    mouth = model.slits["mouth"]
    inner = vertices[[mouth.upper[len(mouth.upper) // 2], mouth.lower[len(mouth.lower) // 2]]]
    return Paints(
        head_paint(capture.person, look.make_up, look.beard, scalp, model, detail),
        _eyes(capture, model),
        _cloth(capture),
        _worn(capture),
        float(capture.person.teeth),
        float(inner[:, 2].max()),
        float(inner[:, 1].mean()),
    )


def bare_paint(person: Person, model: Head, detail: float) -> head.HeadPaint:
    """Return the paint of a person's head as a morphable model shows it: no hair, no make-up."""
    bald = head.ScalpPaint(_GREY, 0.0, 1.0, 0.0, Hairline(0.0, 0.0, 0.0))
    return head_paint(person, BARE, None, bald, model, detail)
