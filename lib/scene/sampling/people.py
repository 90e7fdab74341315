"""Who there is: skin of every tone, brows, irises, lips and teeth that go with it."""

from __future__ import annotations

from lib.scene.person import Brows, Colour, Skin
from lib.scene.sampling.colours import scale, vary
from lib.scene.sampling.streams import Draw

TONES = {"light": (0.02, 0.27), "medium": (0.27, 0.56), "dark": (0.56, 0.98)}
"""Ranges of melanin; one person in three has each of them."""

IRISES: dict[str, Colour] = {
    "dark brown": (0.020, 0.009, 0.005),
    "brown": (0.052, 0.024, 0.010),
    "hazel": (0.075, 0.050, 0.020),
    "green": (0.065, 0.080, 0.045),
    "blue": (0.065, 0.110, 0.170),
    "grey": (0.100, 0.115, 0.125),
}

IRIS_WEIGHTS = {
    "light": {"dark brown": 14, "brown": 26, "hazel": 17, "green": 11, "blue": 24, "grey": 8},
    "medium": {"dark brown": 50, "brown": 38, "hazel": 10, "green": 2},
    "dark": {"dark brown": 76, "brown": 23, "hazel": 1},
}

NATURAL_HAIR: dict[str, Colour] = {
    "black": (0.012, 0.010, 0.009),
    "dark brown": (0.028, 0.018, 0.012),
    "brown": (0.065, 0.038, 0.022),
    "light brown": (0.150, 0.090, 0.050),
    "blond": (0.360, 0.250, 0.130),
    "red": (0.170, 0.055, 0.022),
    "grey": (0.280, 0.270, 0.260),
    "white": (0.520, 0.510, 0.490),
}

HAIR_WEIGHTS = {
    "light": {"black": 11, "dark brown": 24, "brown": 27, "light brown": 16, "blond": 15, "red": 7},
    "medium": {"black": 50, "dark brown": 37, "brown": 13},
    "dark": {"black": 80, "dark brown": 20},
}

PALE_HAIR = 0.1
"""Hair whose green exceeds this has brows darker than itself by more than usual."""


def tone_of(melanin: float) -> str:
    """Name the range of `TONES` that an amount of melanin lies in."""
    return next((tone for tone, (_, high) in TONES.items() if melanin < high), "dark")


def draw_skin(draw: Draw) -> Skin:
    """Draw a skin: a third each light, medium and dark, of any age.

    Args:
        draw: the stream to draw from.

    Returns:
        A skin within the ranges that `Skin` states.
    """
    tone = draw.among(tuple(TONES))
    melanin = draw.uniform(*TONES[tone])
    freckled = draw.chance(0.22 if tone == "light" else 0.02)
    age = draw.uniform(0.0, 1.0) ** 1.3
    return Skin(
        melanin=melanin,
        haemoglobin=draw.uniform(0.14, 0.50),
        blood=draw.uniform(0.35, 1.25) * (1 - 0.5 * melanin),
        unevenness=draw.uniform(0.15, 0.9),
        freckles=draw.uniform(0.3, 1.0) if freckled else 0.0,
        dark_circles=draw.uniform(0.0, 0.9) + 0.4 * age,
        age=age,
        moles=_draw_moles(draw),
        pattern=draw.uniform(0.0, 100.0),
    )


def _draw_moles(draw: Draw) -> tuple[tuple[float, float, float], ...]:
    number = draw.pick({0: 42, 1: 30, 2: 17, 3: 8, 4: 3})
    return tuple(
        (draw.uniform(-45, 45), draw.uniform(-95, 50), draw.uniform(0.7, 1.5))
        for _ in range(number)
    )


def draw_natural_hair(draw: Draw, skin: Skin) -> Colour:
    """Draw the colour a person's hair grows in, grey in many of the old.

    Args:
        draw: the stream to draw from.
        skin: its melanin and age decide which colours are likely.

    Returns:
        Linear RGB reflectance of a hair.
    """
    name = draw.pick(HAIR_WEIGHTS[tone_of(skin.melanin)])
    if draw.chance(1.5 * max(0.0, skin.age - 0.5)):
        name = draw.pick({"grey": 70, "white": 30})
    return vary(draw, NATURAL_HAIR[name], 0.22, 0.04)


def draw_brows(draw: Draw, sex: float, hair: Colour) -> Brows:
    """Draw eyebrows: thicker and flatter in men, a little darker than the hair.

    Args:
        draw: the stream to draw from.
        sex: -1 (female) or 1 (male).
        hair: the natural colour of the hair.

    Returns:
        Eyebrows within the ranges that `Brows` states.
    """
    darkening = draw.uniform(0.4, 0.6) if hair[1] > PALE_HAIR else draw.uniform(0.65, 0.95)
    red, green, blue = scale(hair, darkening)
    return Brows(
        arch=draw.normal(-0.15 * sex, 0.8, reach=1.65),
        thickness=draw.normal(1.1 + 0.16 * sex, 0.28),
        density=min(0.97, draw.normal(0.78 + 0.06 * sex, 0.14)),
        colour=(red + 0.004, green + 0.003, blue + 0.002),
    )


def draw_iris(draw: Draw, skin: Skin) -> Colour:
    """Draw the colour of the irises: brown in all skins, blue, green and grey in light ones.

    Args:
        draw: the stream to draw from.
        skin: its melanin decides which colours are likely.

    Returns:
        Linear RGB reflectance.
    """
    return vary(draw, IRISES[draw.pick(IRIS_WEIGHTS[tone_of(skin.melanin)])], 0.25, 0.05)


def draw_features(draw: Draw, sex: float, skin: Skin, hair: Colour) -> dict[str, object]:
    """Draw what is left of a `Person` besides name, sex, shape and skin.

    Args:
        draw: the stream to draw from.
        sex: -1 (female) or 1 (male).
        skin: the person's skin.
        hair: the natural colour of the hair.

    Returns:
        The fields brows, iris, pupil (mm), lips and teeth of `Person`.
    """
    return {
        "brows": draw_brows(draw, sex, hair),
        "iris": draw_iris(draw, skin),
        "pupil": draw.uniform(1.4, 2.5),
        "lips": draw.uniform(0.1, 0.9) * (1 - 0.35 * skin.melanin),
        "teeth": draw.uniform(0.80, 1.08) - 0.1 * skin.age,
    }
