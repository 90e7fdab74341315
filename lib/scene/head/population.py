"""Draws heads of men and women whose dimensions are distributed as people's are.

    shape = population.draw_shape(np.random.default_rng(1), sex=-1)

A head's coefficients are normal: means and deviations of the modes follow from the published means
and deviations of the dimensions (`anthropometry.NORMS`). The means are the smallest departure from
`_SEX` (what is known of the sexes but not measured) that meets them, the variances the smallest
departure from ``spread`` (see `draw_shape`).
"""

from __future__ import annotations

import functools

import numpy as np
from scipy.optimize import nnls

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
_LIMIT = 2.4
_LEAST_VARIANCE = 0.08
_EXACTNESS = 30.0


def draw_shape(generator: np.random.Generator, sex: float, spread: float = 1.3) -> np.ndarray:
    """Draw the shape of a head.

    Args:
        generator: source of randomness.
        sex: -1 (female) to 1 (male); in between, means and deviations are in between.
        spread: deviation of the modes that have no name: how different heads are in what
            nobody measures. Measured dimensions do not depend on it.

    Returns:
        (modes,) float32 coefficients in standard deviations.
    """
    women, men = _distribution(-1, spread), _distribution(1, spread)
    share = (1 + sex) / 2
    centre, deviation = (
        (1 - share) * female + share * male for female, male in zip(women, men, strict=True)
    )
    drawn = np.clip(generator.standard_normal(len(centre)), -_LIMIT, _LIMIT)
    return (centre + deviation * drawn).astype(np.float32)


@functools.cache
def _distribution(sex: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """(modes,) means and (modes,) standard deviations of one sex's coefficients."""
    mean, slopes = _linear_dimensions()
    norms = np.array([norm.of(sex) for norm in NORMS.values()])
    centre = sex * np.array([_SEX.get(name, 0.0) for name in IDENTITY_MODES])
    named = slopes[:, : len(NAMED_MODES)]
    missing = norms[:, 0] - mean - slopes @ centre
    centre[: len(NAMED_MODES)] += np.linalg.lstsq(named, missing, rcond=None)[0]
    return centre, np.sqrt(_variances(slopes, norms[:, 1], spread))


def _variances(slopes: np.ndarray, deviations: np.ndarray, spread: float) -> np.ndarray:
    """Variances near 1 (named modes) and spread² (others) that give dimensions their deviations.

    Dimensions' variances are weighted sums of the modes' variances: non-negative least squares.
    """
    wanted = np.full(slopes.shape[1], spread**2)
    wanted[: len(NAMED_MODES)] = 1.0
    exact = _EXACTNESS / deviations[:, None] ** 2
    rows = np.concatenate([exact * slopes**2, np.diag(1 / wanted)])
    clipped = 1 - _clipped_away()
    aim = np.concatenate([np.full(len(deviations), _EXACTNESS / clipped), np.ones(len(wanted))])
    least = _LEAST_VARIANCE * wanted
    return least + nnls(rows, aim - rows @ least)[0]


def _clipped_away() -> float:
    """By which share clipping at `_LIMIT` lowers the variance of a normal number."""
    x = np.linspace(-8, 8, 16001)
    density = np.exp(-x * x / 2)
    return 1 - float((np.clip(x, -_LIMIT, _LIMIT) ** 2 * density).sum() / density.sum())


@functools.cache
def _linear_dimensions() -> tuple[np.ndarray, np.ndarray]:
    """(dimensions,) of the mean head and (dimensions, modes) change by each mode, mm."""
    skull = head.load()

    def dimensions(vertices: np.ndarray) -> np.ndarray:
        measured = measure(skull, vertices)
        return np.array([measured[name] for name in NORMS])

    slopes = [
        (dimensions(skull.mean + mode) - dimensions(skull.mean - mode)) / 2
        for mode in skull.identity
    ]
    return dimensions(skull.mean), np.stack(slopes, axis=1)
