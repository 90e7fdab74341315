"""Hair: which styles there are, who wears them, and every number of one head of hair."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lib.scene.look import HairStyle
from lib.scene.person import Colour, Skin
from lib.scene.sampling.colours import mix, vary
from lib.scene.sampling.people import tone_of
from lib.scene.sampling.streams import Draw

Range = tuple[float, float]

CURLS: dict[str, Range] = {
    "straight": (0.0, 0.06),
    "wavy": (0.12, 0.30),
    "curly": (0.45, 0.70),
    "coily": (0.85, 1.0),
}
"""Types of hair and the range of `HairStyle.curl` of each."""

TYPE_WEIGHTS = {
    "light": {"straight": 46, "wavy": 37, "curly": 15, "coily": 2},
    "medium": {"straight": 47, "wavy": 32, "curly": 16, "coily": 5},
    "dark": {"straight": 17, "wavy": 17, "curly": 23, "coily": 43},
}
"""How common each type of hair is, by the tone of the skin."""

ANY = tuple(CURLS)
LOOSE = ("straight", "wavy")
SPRINGY = ("curly", "coily")


@dataclass(frozen=True)
class Style:
    """A kind of hair cut: ranges to draw from; lengths and heights in mm as in `HairStyle`.

    Attributes:
        men: how often men wear it, relative to other styles; 0 for never.
        women: the same for women.
        types: the types of hair that can be worn so, a part of `CURLS`.
        top: length of the hair on top.
        sides: length at the sides.
        back: length at the back.
        volume: thickness of the whole hair on top.
        fullness: thickness at the sides, as a share of that on top.
        comb: one of `lib.scene.look.COMBS`.
        parting: how far the parting may lie from the middle, to either side.
        forehead: height of the hairline over its usual place.
        recession: of the temples.
        sideburns: length below their usual end.
        disorder: 0 neatly combed to 1.
        density: share of the scalp that is covered.
        bun: radius of a bun.
    """

    men: float
    women: float
    types: tuple[str, ...]
    top: Range
    sides: Range
    back: Range
    volume: Range
    fullness: Range
    comb: str
    parting: Range = (0.0, 0.0)
    forehead: Range = (-3.0, 5.0)
    recession: Range = (0.0, 0.35)
    sideburns: Range = (-4.0, 4.0)
    disorder: Range = (0.05, 0.3)
    density: Range = (0.96, 1.0)
    bun: Range = (0.0, 0.0)


# fmt: off
STYLES = {
    "buzz cut": Style(
        5, 0.5, ANY, (2, 4), (1, 3), (1, 3), (1.5, 3), (0.4, 0.7), "out",
        recession=(0.0, 1.0), density=(0.75, 0.95)),
    "crop": Style(
        10, 1, ANY, (6, 14), (3, 8), (3, 8), (3, 7), (0.4, 0.7), "out",
        recession=(0.0, 0.8)),
    "short": Style(
        15, 1, (*LOOSE, "curly"), (25, 45), (8, 18), (8, 18), (8, 16), (0.3, 0.55), "forward",
        disorder=(0.15, 0.5)),
    "side parting": Style(
        14, 0, LOOSE, (55, 85), (10, 28), (8, 22), (9, 17), (0.3, 0.5), "parted", (20, 30)),
    "swept back": Style(
        8, 1.5, LOOSE, (60, 100), (12, 35), (20, 45), (7, 15), (0.3, 0.5), "back",
        forehead=(0, 6), recession=(0.1, 0.7)),
    "tousled": Style(
        8, 0, (*LOOSE, "curly"), (45, 75), (18, 40), (18, 40), (12, 22), (0.4, 0.6), "out",
        disorder=(0.5, 0.95)),
    "fringe": Style(
        7, 0, LOOSE, (36, 50), (18, 40), (18, 40), (8, 15), (0.4, 0.65), "forward",
        forehead=(-5, 2), disorder=(0.1, 0.45)),
    "receding": Style(
        7, 0, (*LOOSE, "curly"), (8, 40), (8, 20), (8, 20), (2, 7), (0.6, 1.1), "back",
        forehead=(6, 15), recession=(1.0, 2.0), density=(0.55, 0.9)),
    "bald": Style(
        4, 0.2, ANY, (0.5, 2), (0.5, 3), (0.5, 3), (0.5, 1.5), (0.8, 1.2), "out",
        forehead=(4, 12), recession=(0.5, 1.5), density=(0.0, 0.3)),
    "curly": Style(
        7, 4, SPRINGY, (35, 70), (20, 50), (20, 50), (14, 28), (0.45, 0.75), "out",
        disorder=(0.3, 0.7)),
    "afro": Style(
        6, 7, ("coily",), (40, 90), (35, 80), (35, 80), (26, 52), (0.65, 0.95), "out",
        disorder=(0.1, 0.4)),
    "shoulder length": Style(
        4, 10, (*LOOSE, "curly"), (260, 320), (180, 235), (190, 250), (9, 16), (0.7, 1.0),
        "parted", (0, 26), disorder=(0.1, 0.4)),
    "long straight": Style(
        0.5, 16, ("straight",), (340, 430), (260, 340), (280, 380), (8, 14), (0.7, 1.0),
        "parted", (0, 28), disorder=(0.05, 0.2)),
    "long wavy": Style(
        2, 22, ("wavy",), (320, 420), (240, 330), (260, 370), (11, 19), (0.8, 1.15),
        "parted", (0, 30), disorder=(0.15, 0.45)),
    "long curly": Style(
        1, 9, SPRINGY, (240, 350), (190, 290), (200, 310), (18, 32), (0.9, 1.25),
        "parted", (0, 30), disorder=(0.3, 0.6)),
    "bob": Style(
        0, 11, (*LOOSE, "curly"), (195, 235), (110, 145), (110, 150), (9, 17), (0.8, 1.1),
        "parted", (0, 28), disorder=(0.05, 0.3)),
    "bangs": Style(
        0, 8, LOOSE, (38, 50), (190, 320), (230, 360), (9, 15), (0.75, 1.05), "forward",
        forehead=(-6, 1), disorder=(0.05, 0.25)),
    "ponytail": Style(
        1, 10, (*LOOSE, "curly"), (240, 340), (230, 320), (200, 300), (3, 8), (0.5, 0.8), "back",
        forehead=(0, 6), disorder=(0.02, 0.15)),
    "bun": Style(
        1, 5, ANY, (150, 260), (150, 240), (140, 240), (3, 8), (0.5, 0.8), "back",
        forehead=(0, 6), disorder=(0.02, 0.15), bun=(25, 37)),
    "pixie": Style(
        0, 6, LOOSE, (60, 90), (20, 40), (15, 32), (9, 16), (0.4, 0.6), "parted", (18, 30),
        forehead=(-5, 2), disorder=(0.2, 0.55)),
}
"""Every style by its name. The relative frequencies are chosen for variety, not measured."""
# fmt: on

DYES: dict[str, Colour] = {
    "blond": (0.40, 0.29, 0.16),
    "honey": (0.25, 0.15, 0.07),
    "copper": (0.20, 0.065, 0.025),
    "burgundy": (0.070, 0.015, 0.014),
    "black": (0.010, 0.009, 0.009),
    "silver": (0.42, 0.41, 0.42),
    "pink": (0.42, 0.13, 0.19),
    "blue": (0.05, 0.09, 0.20),
}

DYE_WEIGHTS = {
    "blond": 32, "honey": 22, "copper": 14, "burgundy": 12,
    "black": 12, "silver": 4, "pink": 2, "blue": 2,
}  # fmt: skip


def weights_of_styles(sex: float, hair_type: str, age: float) -> dict[str, float]:
    """Return how likely each style is.

    Args:
        sex: -1 (female) or 1 (male).
        hair_type: one of `CURLS`.
        age: 0 young to 1 old; old men lose their hair.

    Returns:
        Relative weights of the names of `STYLES` that can be worn.
    """
    weights = {
        name: style.men if sex > 0 else style.women
        for name, style in STYLES.items()
        if hair_type in style.types
    }
    for name in ("receding", "bald"):
        if name in weights:
            weights[name] *= 0.4 + 2.2 * age
    return {name: weight for name, weight in weights.items() if weight > 0}


def dye(draw: Draw, sex: float, colour: Colour) -> Colour:
    """Dye the hair of some people, more women than men, fully or in part.

    Args:
        draw: the stream to draw from.
        sex: -1 (female) or 1 (male).
        colour: the hair's natural colour.

    Returns:
        The hair's colour.
    """
    dyed = draw.chance(0.22 if sex < 0 else 0.04)
    target = vary(draw, DYES[draw.pick(DYE_WEIGHTS)], 0.2, 0.05)
    share = draw.uniform(0.6, 1.0)
    return mix(colour, target, share) if dyed else colour


def draw_hair(draw: Draw, sex: float, skin: Skin, natural: Colour) -> HairStyle:
    """Draw a head of hair: first its type, then a style that such hair can be worn in.

    Args:
        draw: the stream to draw from.
        sex: -1 (female) or 1 (male).
        skin: its tone makes types of hair likely, its age their loss.
        natural: the colour the hair grows in.

    Returns:
        Hair with every field in the range that `HairStyle` states.
    """
    hair_type = draw.pick(TYPE_WEIGHTS[tone_of(skin.melanin)])
    name = draw.pick(weights_of_styles(sex, hair_type, skin.age))
    style = STYLES[name]
    volume = draw.uniform(*style.volume)
    wave = draw.uniform(1.5, 6.0) if hair_type == "wavy" else draw.uniform(0.0, 0.8)
    return HairStyle(
        name=name,
        colour=dye(draw, sex, natural),
        density=draw.uniform(*style.density),
        forehead=draw.uniform(*style.forehead),
        recession=draw.uniform(*style.recession) * (1.0 if sex > 0 else 0.4),
        sideburns=draw.uniform(*style.sideburns) if sex > 0 else draw.uniform(-6.0, 0.0),
        length=(draw.uniform(*style.top), draw.uniform(*style.sides), draw.uniform(*style.back)),
        volume=(volume, volume * draw.uniform(*style.fullness)),
        comb=style.comb,
        parting=draw.sign() * draw.uniform(*style.parting),
        curl=draw.uniform(*CURLS[hair_type]),
        wave=wave,
        disorder=draw.uniform(*style.disorder),
        gloss=draw.uniform(0.5, 1.6) * (1.0 if hair_type in LOOSE else 0.65),
        bun=draw.uniform(*style.bun),
    )


def flatten_under_hat(hair: HairStyle) -> HairStyle:
    """Return the hair as it lies under a hat: thin on top, without a bun."""
    top, sides = hair.volume
    return replace(hair, volume=(min(top, 3.0), min(sides, 8.0)), bun=0.0)
