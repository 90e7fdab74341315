"""What people put on their faces and heads: beards, make-up, glasses, hats, jewellery."""

from __future__ import annotations

from lib.scene.look import Beard, Earrings, Glasses, Hat, MakeUp, Necklace
from lib.scene.person import Colour, Skin
from lib.scene.sampling.colours import WHITE, clip, mix, multiply, scale, vary
from lib.scene.sampling.streams import Draw

Range = tuple[float, float]

GLASSES_SHARE = 0.14
SUNGLASSES_SHARE = 0.02
HAT_SHARE = 0.06
EARRINGS_SHARE = {-1.0: 0.38, 1.0: 0.05}
"""How many people of each sex wear earrings in a picture."""
NECKLACE_SHARE = {-1.0: 0.32, 1.0: 0.06}

BEARD_WEIGHTS = {
    "none": 64, "stubble": 20, "short": 5, "full": 3, "goatee": 4, "moustache": 3, "chin": 1,
}  # fmt: skip

BEARDS: dict[str, tuple[float, float, float, Range, Range]] = {
    "stubble": (1.0, 1.0, 1.0, (0.05, 0.26), (0.0, 0.1)),
    "short": (1.0, 1.0, 1.0, (0.42, 0.70), (0.2, 0.5)),
    "full": (1.0, 1.0, 1.0, (0.62, 0.86), (0.6, 1.0)),
    "goatee": (1.0, 1.0, 0.0, (0.45, 0.8), (0.3, 0.8)),
    "moustache": (1.0, 0.0, 0.0, (0.5, 0.85), (0.4, 0.9)),
    "chin": (0.0, 1.0, 0.0, (0.4, 0.85), (0.2, 0.6)),
}
"""Moustache, chin and cheeks (0 or 1), then the ranges of density and length."""

FRAMES: dict[str, tuple[Colour, bool]] = {
    "black": ((0.015, 0.014, 0.013), False),
    "tortoiseshell": ((0.100, 0.045, 0.020), False),
    "dark red": ((0.110, 0.015, 0.018), False),
    "navy": ((0.018, 0.028, 0.070), False),
    "clear": ((0.260, 0.245, 0.220), False),
    "silver": ((0.400, 0.400, 0.395), True),
    "gold": ((0.480, 0.330, 0.140), True),
    "gunmetal": ((0.120, 0.120, 0.130), True),
}

FRAME_WEIGHTS = dict.fromkeys(FRAMES, 2) | {"black": 6, "tortoiseshell": 4, "clear": 1}

JEWELS: dict[str, Colour] = {
    "gold": (0.95, 0.72, 0.34),
    "silver": (0.92, 0.92, 0.90),
    "rose gold": (0.90, 0.58, 0.45),
    "pearl": (0.88, 0.85, 0.80),
}

JEWEL_WEIGHTS = {"gold": 42, "silver": 36, "rose gold": 8, "pearl": 14}


def draw_beard(draw: Draw, sex: float, skin: Skin, hair: Colour) -> Beard | None:
    """Draw facial hair for a third of the men, a little darker and redder than their hair.

    Args:
        draw: the stream to draw from.
        sex: -1 (female: no beard) or 1 (male).
        skin: with its age the beard greys.
        hair: the natural colour of the hair.

    Returns:
        A beard, or None.
    """
    kind = draw.pick(BEARD_WEIGHTS)
    if sex < 0 or kind == "none":
        return None
    moustache, chin, cheeks, density, length = BEARDS[kind]
    colour = multiply(hair, (0.95, 0.85, 0.82))
    if draw.chance(skin.age):
        colour = mix(colour, (0.30, 0.29, 0.28), draw.uniform(0.1, 0.6) * skin.age)
    return Beard(
        moustache=moustache * draw.uniform(0.85, 1.0),
        chin=chin * draw.uniform(0.9, 1.0),
        cheeks=cheeks * draw.uniform(0.7, 1.0),
        density=draw.uniform(*density),
        length=draw.uniform(*length),
        colour=clip(colour),
    )


def draw_make_up(draw: Draw, sex: float, skin: Skin) -> MakeUp:
    """Draw make-up: two women in three wear some; lipstick is deeper on darker skin.

    Args:
        draw: the stream to draw from.
        sex: -1 (female) or 1 (male: none).
        skin: the skin that it is put on.

    Returns:
        Amounts from 0 (none) to 1 and their colours.
    """
    kind = draw.pick({"none": 34, "light": 36, "full": 30}) if sex < 0 else "none"
    strength = {"none": 0.0, "light": 0.5, "full": 1.0}[kind]
    lipstick = mix((0.42, 0.08, 0.09), (0.30, 0.02, 0.035), draw.uniform(0.0, 1.0))
    lipstick = mix(lipstick, (0.34, 0.14, 0.11), draw.uniform(0.0, 0.6))
    shadow = draw.among(((0.10, 0.06, 0.045), (0.16, 0.09, 0.06), (0.07, 0.07, 0.09),
                         (0.11, 0.05, 0.08), (0.05, 0.07, 0.11), (0.22, 0.15, 0.09)))  # fmt: skip
    gloss = draw.uniform(0.05, 0.45) + 0.45 * strength * draw.uniform(0.0, 1.0)
    return MakeUp(
        lipstick=strength * draw.uniform(0.4, 0.9),
        lipstick_colour=clip(vary(draw, scale(lipstick, 1 - 0.45 * skin.melanin), 0.15, 0.1)),
        lip_gloss=gloss,
        liner=strength * draw.uniform(0.2, 1.0),
        shadow=strength * draw.uniform(0.0, 0.6) if draw.chance(0.65) else 0.0,
        shadow_colour=clip(vary(draw, shadow, 0.3, 0.1)),
        blush=strength * draw.uniform(0.1, 0.7),
    )


def draw_frame(draw: Draw) -> Glasses:
    """Draw spectacles with clear lenses: round to square, of wire or of plastic."""
    colour, metal = FRAMES[draw.pick(FRAME_WEIGHTS)]
    width = draw.uniform(22.5, 26.5)
    return Glasses(
        width=width,
        height=width * draw.uniform(0.66, 0.86),
        squareness=draw.uniform(2.0, 4.5),
        wire=draw.uniform(0.7, 1.2) if metal else draw.uniform(1.2, 2.3),
        colour=vary(draw, colour, 0.15, 0.05),
        metal=metal,
        tint=WHITE,
    )


def draw_glasses(draw: Draw) -> Glasses | None:
    """Draw the glasses that a person wears every day: `GLASSES_SHARE` of people need some."""
    needed = draw.chance(GLASSES_SHARE)
    return draw_frame(draw) if needed else None


def draw_sunglasses(draw: Draw) -> Glasses | None:
    """Draw sunglasses, larger and tinted, in `SUNGLASSES_SHARE` of pictures."""
    if not draw.chance(SUNGLASSES_SHARE):
        return None
    frame = draw_frame(draw)
    tint = draw.among(((0.10, 0.10, 0.10), (0.16, 0.10, 0.06), (0.08, 0.11, 0.09)))
    return Glasses(
        width=min(frame.width * 1.1, 28.0),
        height=min(frame.height * 1.15, 23.0),
        squareness=frame.squareness,
        wire=frame.wire,
        colour=frame.colour,
        metal=frame.metal,
        tint=vary(draw, tint, 0.5),
    )


def draw_hat(draw: Draw) -> Hat | None:
    """Draw a hat in `HAT_SHARE` of pictures: a knitted one with a fold, or a cap with a brim."""
    if not draw.chance(HAT_SHARE):
        return None
    knitted = draw.chance(0.55)
    dark = draw.uniform(0.015, 0.12)
    colour = (dark, dark, dark) if draw.chance(0.4) else draw.among(CLOTH_DYES)
    return Hat(
        puff=draw.uniform(2.0, 11.0) if knitted else draw.uniform(5.0, 11.0),
        cuff=draw.uniform(1.5, 5.0) if knitted else 0.0,
        brim=0.0 if knitted else draw.uniform(38.0, 58.0),
        line=draw.uniform(42.0, 53.0),
        knitted=knitted,
        colour=clip(vary(draw, colour, 0.35, 0.15)),
    )


CLOTH_DYES: tuple[Colour, ...] = (
    (0.22, 0.025, 0.030), (0.035, 0.060, 0.170), (0.030, 0.090, 0.055), (0.300, 0.190, 0.050),
    (0.130, 0.055, 0.110), (0.180, 0.120, 0.075), (0.070, 0.120, 0.140), (0.330, 0.150, 0.130),
)  # fmt: skip
"""Red, navy, green, mustard, plum, camel, teal and old rose cloth."""


def draw_earrings(draw: Draw, sex: float) -> Earrings | None:
    """Draw earrings, studs or hanging ones, for `EARRINGS_SHARE` of the people."""
    if not draw.chance(EARRINGS_SHARE[sex]):
        return None
    hanging = sex < 0 and draw.chance(0.5)
    return Earrings(
        radius=draw.uniform(1.8, 3.8) if sex < 0 else draw.uniform(1.6, 2.4),
        drop=draw.uniform(6.0, 20.0) if hanging else 0.0,
        colour=vary(draw, JEWELS[draw.pick(JEWEL_WEIGHTS)], 0.08),
    )


def draw_necklace(draw: Draw, sex: float) -> Necklace | None:
    """Draw a necklace for `NECKLACE_SHARE` of the people."""
    if not draw.chance(NECKLACE_SHARE[sex]):
        return None
    return Necklace(
        drop=draw.uniform(-2.0, 34.0),
        radius=draw.uniform(0.8, 2.0),
        colour=vary(draw, JEWELS[draw.pick(JEWEL_WEIGHTS)], 0.08),
    )
