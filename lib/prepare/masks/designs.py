"""Which mask: kind, colours, print and how it is worn, all drawn at random from one generator."""

from __future__ import annotations

import dataclasses

import numpy as np

KINDS = ("surgical", "cloth", "cup", "folded", "gaiter", "valve")
"""Surgical mask, cloth mask, cup-shaped respirator (N95), folded respirator (KN95), neck gaiter,
and a respirator with an exhalation valve."""

OCCLUDERS = ("scarf", "sunglasses", "hand")
"""Other things in front of a face."""

WORN = {"well": 0.84, "under the nose": 0.10, "under the chin": 0.06}
"""How masks are worn, and how often."""

COLOURS = {
    "white": (236, 236, 232), "pale blue": (163, 203, 226), "sky blue": (112, 178, 221),
    "green": (132, 196, 178), "black": (30, 30, 33), "pink": (226, 160, 180),
    "navy": (34, 46, 88), "red": (172, 38, 44), "grey": (128, 130, 134),
    "olive": (92, 98, 62), "beige": (205, 184, 156), "purple": (98, 66, 128),
    "teal": (28, 112, 118), "mustard": (204, 158, 52), "burgundy": (92, 26, 42),
    "brown": (104, 72, 52),
}  # fmt: skip
"""sRGB colours of fabric by name."""

_MEDICAL = ("pale blue", "pale blue", "sky blue", "white", "white", "green", "black", "pink")
_RESPIRATOR = ("white", "white", "white", "black", "grey", "pale blue")
_SEWN = tuple(name for name in COLOURS if name not in {"pale blue", "sky blue"})
_SHADES = ("black", "black", "brown", "navy")
_PRINTS = ("stripes", "checks", "dots", "leaves", "camouflage")
_PALETTES = {
    "surgical": _MEDICAL, "cup": _RESPIRATOR, "folded": _RESPIRATOR, "valve": _RESPIRATOR,
    "sunglasses": _SHADES,
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Description:
    """What was put on a face.

    Attributes:
        kind: one of `KINDS` or `OCCLUDERS`.
        worn: one of `WORN`; "well" for everything but masks.
        colour: of the fabric, one of `COLOURS`; "skin" for a hand.
        print: "plain", "stripes", "checks", "dots", "leaves" or "camouflage".
        second: the print's other colour, also of straps; one of `COLOURS`.
    """

    kind: str
    worn: str
    colour: str
    print: str
    second: str

    def __str__(self) -> str:
        """Return it in words, for captions."""
        fabric = self.colour if self.print == "plain" else f"{self.colour} {self.print}"
        return f"{fabric} {self.kind}" + ("" if self.worn == "well" else f", {self.worn}")


def draw(generator: np.random.Generator, kind: str | None) -> Description:
    """Draw a design.

    Args:
        generator: of the random numbers.
        kind: one of `KINDS` or `OCCLUDERS`; None draws one of the masks.
    """
    if kind is None:
        kind = str(generator.choice(KINDS, p=(0.34, 0.22, 0.11, 0.15, 0.08, 0.10)))
    worn = str(generator.choice(list(WORN), p=list(WORN.values())))
    colour = "skin" if kind == "hand" else str(generator.choice(_PALETTES.get(kind, _SEWN)))
    printed = kind in {"cloth", "gaiter", "scarf"} and generator.random() < 0.55
    others = [name for name in COLOURS if name != colour]
    return Description(
        kind=kind,
        worn=worn if kind in KINDS else "well",
        colour=colour,
        print=str(generator.choice(_PRINTS)) if printed else "plain",
        second=str(generator.choice(others)),
    )
