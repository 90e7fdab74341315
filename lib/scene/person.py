"""Who is in a picture: all that stays when hair, make-up, clothes and light change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Colour = tuple[float, float, float]
"""Linear RGB reflectance or radiance."""


@dataclass(frozen=True)
class Skin:
    """What a face's skin is made of, and what it went through.

    Attributes:
        melanin: 0 the lightest to 1 the darkest skin.
        haemoglobin: redness of the whole skin, 0 to 1; 0.3 is average.
        blood: how much redder cheeks, nose and ears are than the rest, 0 to 1.5.
        unevenness: strength of blotches, 0 to 1.
        freckles: 0 (none) to 1.
        dark_circles: below the eyes, 0 to 1.5.
        age: 0 young to 1 old: wrinkles, rougher skin.
        moles: (number, 3): x and y on the canonical face and radius, all in mm.
        pattern: where in the noise textures this person's skin lies, 0 to 100.
    """

    melanin: float
    haemoglobin: float
    blood: float
    unevenness: float
    freckles: float
    dark_circles: float
    age: float
    moles: tuple[tuple[float, float, float], ...]
    pattern: float


@dataclass(frozen=True)
class Brows:
    """Eyebrows: arch (-1.5 flat to 1.5 high), thickness (1 average), density 0 to 1, colour."""

    arch: float
    thickness: float
    density: float
    colour: Colour


@dataclass(frozen=True)
class Person:
    """Who is in the picture: all that stays when hair, make-up and clothes change.

    Attributes:
        name: the identity's name; splits are decided by it.
        sex: -1 (female) or 1 (male).
        shape: (modes,) float32 coefficients of the head's identity modes, in the modes' units;
            people vary by 1 to 2.6 of them.
        skin: see `Skin`.
        brows: see `Brows`.
        iris: the colour of the iris.
        pupil: the pupil's radius, 1.4 to 2.6 mm.
        lips: redness of the lips, 0 to 1.
        teeth: brightness of the teeth, 0.7 to 1.1.
    """

    name: str
    sex: float
    shape: np.ndarray
    skin: Skin
    brows: Brows
    iris: Colour
    pupil: float
    lips: float
    teeth: float
