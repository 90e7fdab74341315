"""Which mask: kind, colours, print and how it is worn, all drawn at random from one generator."""

from __future__ import annotations

import dataclasses

import numpy as np

KINDS = ("surgical", "cloth", "cup", "folded", "gaiter", "valve")
"""Surgical mask, cloth mask, cup-shaped respirator (N95), folded respirator (KN95), neck gaiter,
and a respirator with an exhalation valve."""

OCCLUDERS = ("scarf", "sunglasses", "hand")
"""Other things in front of a face."""

TEMPLATE = "template"
"""The kind of a mask of the user's own, see `lib.prepare.masks.templates`."""

WORN = ("well", "under the nose", "under the chin")
"""How masks are worn."""

LOOSELY = 0.16
"""The share of masks not worn well: five eighths of them under the nose, the rest under the chin.
"""

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
        kind: one of `KINDS` or `OCCLUDERS`, or `TEMPLATE`.
        worn: one of `WORN`; "well" for everything but masks.
        colour: of the fabric, one of `COLOURS`; "skin" for a hand, a template's name for one.
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


def draw(
    generator: np.random.Generator,
    kind: str | None,
    loosely: float = LOOSELY,
    template: str | None = None,
) -> Description:
    """Draw a design.

    Args:
        generator: of the random numbers.
        kind: one of `KINDS` or `OCCLUDERS`, or `TEMPLATE`; None draws one of the masks.
        loosely: the share of masks not worn well, 0..1.
        template: the name of the template, where it is one.
    """
    if kind is None:
        kind = str(generator.choice(KINDS, p=(0.34, 0.22, 0.11, 0.15, 0.08, 0.10)))
    worn = str(generator.choice(WORN, p=(1 - loosely, loosely * 5 / 8, loosely * 3 / 8)))
    colour = str(generator.choice(_PALETTES.get(kind, _SEWN)))
    printed = kind in {"cloth", "gaiter", "scarf"} and generator.random() < 0.55
    others = [name for name in COLOURS if name != colour]
    return Description(
        kind=kind,
        worn="well" if kind in OCCLUDERS else worn,
        colour="skin" if kind == "hand" else template or colour,
        print=str(generator.choice(_PRINTS)) if printed else "plain",
        second=str(generator.choice(others)),
    )
