"""Tileable noise textures: what makes skin mottled, hair stranded and cloth woven.

Gaussian noise, filtered in the Fourier domain, so that a texture repeats without a seam. The seed
is fixed: a texture is part of the model, and a person's `pattern` says where in it they lie.
"""

from __future__ import annotations

import functools
import math

import numba
import numpy as np

SIZE = 256
"""Width of a texture in texels; a power of two."""


FINE, MIDDLE, COARSE, STRAND, FRECKLE = range(5)
"""The textures: pores and threads; mottling; blotches; streaks, fine across (first coordinate) and
long along (second); dots, 0 or above. All but the last have mean 0 and deviation 1."""


def _filtered(generator: np.random.Generator, across: float, along: float) -> np.ndarray:
    """Return noise whose spectrum is a Gaussian of the given widths, in periods per tile."""
    spectrum = np.fft.fft2(generator.standard_normal((SIZE, SIZE)))
    frequency = np.fft.fftfreq(SIZE) * SIZE
    weight = np.exp(-0.5 * ((frequency / across) ** 2 + (frequency[:, None] / along) ** 2))
    texture = np.real(np.fft.ifft2(spectrum * weight))
    return (texture - texture.mean()) / texture.std()


@functools.cache
def textures() -> np.ndarray:
    """Return the textures, (5, SIZE, SIZE) float32, made once (0.2 s)."""
    generator = np.random.default_rng(12345)
    fine, middle, coarse = (_filtered(generator, width, width) for width in (110, 22, 6))
    strand = sum(
        weight * _filtered(generator, across, along)
        for weight, across, along in ((0.6, 120, 4), (0.6, 40, 3), (0.35, 14, 2))
    )
    freckle = np.clip((_filtered(generator, 60, 60) - 1.25) * 1.6, 0, 1)
    return np.stack([fine, middle, coarse, strand / strand.std(), freckle]).astype(np.float32)


@numba.njit(cache=True)
def look_up(
    noise: np.ndarray, texture: int, u: float, v: float, period_u: float, period_v: float
) -> float:
    """Return the texel at a place, one tile of the texture spanning the two periods (mm)."""
    column = math.floor(u * (SIZE / period_u)) & (SIZE - 1)
    row = math.floor(v * (SIZE / period_v)) & (SIZE - 1)
    return float(noise[texture, row, column])
