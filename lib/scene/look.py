"""What people change from day to day: hair, beard, make-up, glasses, hat, jewellery."""

from __future__ import annotations

from dataclasses import dataclass

from lib.scene.person import Colour

COMBS = ("parted", "back", "forward", "out")
"""How hair is combed: from a parting to both sides, backwards, towards the forehead, or not at
all: straight out of the head, as a crop or an afro grows."""


@dataclass(frozen=True)
class HairStyle:
    """The hair of the head.

    Attributes:
        name: the style's name.
        colour: of a single hair.
        density: share of the scalp that is covered, 0 (bald) to 1.
        forehead: height of the hairline over its usual place, mm; negative is lower.
        recession: of the temples, 0 to 2.
        sideburns: length below their usual end, mm.
        length: of the hair on top, at the sides and at the back, mm.
        volume: thickness of the whole hair on top and at the sides, mm.
        comb: one of `COMBS`.
        parting: where the parting lies, mm to the subject's left of the middle.
        curl: 0 straight to 1 tightly curled.
        wave: sideways amplitude of waves, mm.
        disorder: 0 neatly combed to 1.
        gloss: strength of the highlights, 0.3 to 1.6.
        bun: radius of a bun at the back of the head, mm; 0 for none.
    """

    name: str
    colour: Colour
    density: float
    forehead: float
    recession: float
    sideburns: float
    length: tuple[float, float, float]
    volume: tuple[float, float]
    comb: str
    parting: float
    curl: float
    wave: float
    disorder: float
    gloss: float
    bun: float


@dataclass(frozen=True)
class Beard:
    """Facial hair: how much of each region (0 to 1), density 0 to 1, length 0 (stubble) to 1."""

    moustache: float
    chin: float
    cheeks: float
    density: float
    length: float
    colour: Colour


@dataclass(frozen=True)
class MakeUp:
    """Make-up; amounts from 0 (none) to 1.

    Attributes:
        lipstick: how much, and in which colour.
        lip_gloss: wetness of the lips; bare lips have up to 0.5.
        liner: darkness of the lash line.
        shadow: how much eye shadow, and in which colour.
        blush: redness put on the cheeks.
    """

    lipstick: float
    lipstick_colour: Colour
    lip_gloss: float
    liner: float
    shadow: float
    shadow_colour: Colour
    blush: float


@dataclass(frozen=True)
class Glasses:
    """Spectacles.

    Attributes:
        width: half width of a lens, mm.
        height: half height of a lens, mm.
        squareness: exponent of the lens' superellipse, 2 (round) to 5 (square).
        wire: radius of the frame's wire, mm.
        colour: of the frame.
        metal: whether the frame reflects as metal does.
        tint: transmission of the lenses.
    """

    width: float
    height: float
    squareness: float
    wire: float
    colour: Colour
    metal: bool
    tint: Colour


@dataclass(frozen=True)
class Hat:
    """A hat: cap height over the skull, fold, brim (mm; 0 for none), lower edge, knitted or not."""

    puff: float
    cuff: float
    brim: float
    line: float
    knitted: bool
    colour: Colour


@dataclass(frozen=True)
class Earrings:
    """Earrings: radius of the bead and length of the drop it hangs on (0: a stud), mm; colour."""

    radius: float
    drop: float
    colour: Colour


@dataclass(frozen=True)
class Necklace:
    """A necklace: how far it hangs in front, radius of the chain, mm; colour."""

    drop: float
    radius: float
    colour: Colour


@dataclass(frozen=True)
class Look:
    """What people change from day to day; ``None`` where there is none of a thing."""

    hair: HairStyle
    beard: Beard | None
    make_up: MakeUp
    glasses: Glasses | None
    hat: Hat | None
    earrings: Earrings | None
    necklace: Necklace | None
