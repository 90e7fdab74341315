"""Draws heads of men and women whose dimensions are distributed as people's are.

    shape = population.draw_shape(np.random.default_rng(1), sex=-1)

A head is drawn freely first. Then it is moved the shortest way, counted in standard deviations, to
one whose dimensions are as rare among people as its own were among freely drawn heads
(`anthropometry.NORMS` has people's means and deviations). Only as many directions of shape are
touched as there are dimensions; in all others heads differ as much as they were drawn to.
"""

from __future__ import annotations

import functools

import numpy as np

from lib.scene import head
from lib.scene.head.anthropometry import NORMS, measure
from lib.scene.head.identity import IDENTITY_MODES, NAMED_MODES

# By how many standard deviations men's and women's heads lie from the mean in what nobody measured.
_SEX = {
    "jaw_width": 0.6,
    "jaw_angle": 0.5,
    "brow_ridge": 0.7,
    "chin_width": 0.5,
    "chin_prominence": 0.3,
    "upper_lip": -0.2,
    "lower_lip": -0.15,
    "eye_opening": -0.25,
    "brow_height": -0.6,
    "neck_width": 0.8,
    "forehead_slope": -0.3,
    "cheek_fullness": -0.15,
}
_CENTRE = np.array([_SEX.get(name, 0.0) for name in IDENTITY_MODES])
_LIMIT = 2.0
_KEPT = 0.9205  # of the variance of normal numbers, clipped at that limit
_FEATURES = (
    *("eye", "brow", "nose", "nostrils", "mouth"),
    *("upper_lip", "lower_lip", "lip_", "philtrum", "cupid_bow"),
)
_FEATURE_SPREAD, _OUTLINE_SPREAD, _ASYMMETRY_SPREAD = 2.7, 1.35, 1.0


def draw_shape(generator: np.random.Generator, sex: float, spread: float = 2.0) -> np.ndarray:
    """Draw the shape of a head.

    Args:
        generator: source of randomness.
        sex: -1 (female) to 1 (male); in between, means and deviations are in between.
        spread: deviation of the modes that have no name: how different heads are in what
            nobody measures. Measured dimensions do not depend on it.

    Returns:
        (modes,) float32 coefficients in standard deviations.
    """
    mean, slopes = _linear_dimensions()
    usual, pull = _freely_drawn(spread)
    wanted_mean, wanted_deviation = _norms(sex)
    free = _spreads(spread) * np.clip(generator.standard_normal(len(_CENTRE)), -_LIMIT, _LIMIT)
    wanted = wanted_mean + slopes @ free * wanted_deviation / usual
    shape = sex * _CENTRE + free
    shape += pull @ (wanted - mean - slopes @ shape)
    return shape.astype(np.float32)


def _norms(sex: float) -> np.ndarray:
    """(2, dimensions) published means and deviations, between the sexes in proportion."""
    women, men = (np.array([norm.of(end) for norm in NORMS.values()]).T for end in (-1, 1))
    return women + (men - women) * (1 + sex) / 2


def _spreads(spread: float) -> np.ndarray:
    """(modes,) standard deviations of freely drawn coefficients."""
    spreads = np.full(len(IDENTITY_MODES), spread)
    spreads[: len(NAMED_MODES)] = _OUTLINE_SPREAD
    spreads[[name.startswith(_FEATURES) for name in IDENTITY_MODES]] = _FEATURE_SPREAD
    spreads[[name.startswith("asymmetry") for name in IDENTITY_MODES]] = _ASYMMETRY_SPREAD
    return spreads


@functools.cache
def _freely_drawn(spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Deviations (dimensions,) of freely drawn heads, and the shortest way to other dimensions.

    The way is (modes, dimensions): times a change of the dimensions it is the likeliest change of
    the modes (the conditional mean of a normal distribution).
    """
    slopes = _linear_dimensions()[1]
    spreads = _spreads(spread) ** 2
    covariance = slopes * spreads @ slopes.T
    pull = np.linalg.solve(covariance, slopes * spreads).T
    return np.sqrt(_KEPT * np.diag(covariance)), pull


@functools.cache
def _linear_dimensions() -> tuple[np.ndarray, np.ndarray]:
    """(dimensions,) of the mean head and (dimensions, modes) change by each mode, mm."""
    mean = head.load().mean
    slopes = [
        (_dimensions(mean + mode) - _dimensions(mean - mode)) / 2 for mode in head.load().identity
    ]
    return _dimensions(mean), np.stack(slopes, axis=1)


def _dimensions(vertices: np.ndarray) -> np.ndarray:
    """(dimensions,) of a head, in the order of the norms, mm."""
    measured = measure(head.load(), vertices)
    return np.array([measured[name] for name in NORMS])
