"""Shine by least squares: every pixel of one surface is so much of its colour and so much white.

The model is Shafer's ("Using color to separate reflection components", Color Research and
Application 10, 1985, section 3); how pixels without shine are told is from H.-L. Shen, H.-G. Zhang,
S.-J. Shao and J. H. Xin, "Chromaticity-based separation of reflection components in a single
image", Pattern Recognition 41 (2008), section 3. They go from one surface colour to the next; a
face is taken to have one, and what has another is left as it is.
"""

from __future__ import annotations

import numpy as np

from lib.prepare.specular.light import chromaticity, is_coloured, trust

SAME_SURFACE = 0.15
"""How far apart two specular-free colours of one surface may lie: the sum of the absolute
differences, 0..2. Wide enough for all skin of a face. From there on less is taken off, and nothing
at twice as far, which keeps out most walls and clothes."""


def specular_free(light: np.ndarray) -> np.ndarray:
    """Return colours that white shine cannot change: of the light less its darkest channel.

    Args:
        light: (..., 3), linear.

    Returns:
        (..., 3), of sum 1, the darkest channel 0; a third each for greys, which have no colour.
    """
    return chromaticity(light - light.min(axis=-1, keepdims=True))


def body_colour(pixels: np.ndarray) -> np.ndarray:
    """Return the surface's own chromaticity: the median one of pixels without shine.

    Shine lifts the darkest channel, so pixels where it is above average may have some (Shen et al.
    2008, section 3).

    Args:
        pixels: (N, 3), linear.

    Returns:
        (3,), of sum 1.
    """
    darkest = pixels.min(axis=1)
    return chromaticity(np.median(chromaticity(pixels[darkest <= darkest.mean()]), axis=0))


def white_share(pixels: np.ndarray, body: np.ndarray) -> np.ndarray:
    """Fit a * body + b * white to every pixel and return b.

    Args:
        pixels: (N, 3), linear.
        body: (3,), no grey.

    Returns:
        (N,), linear light in each channel; negative for what is more saturated than the body.
    """
    parts = np.stack([body, np.ones_like(body)], axis=1)
    return pixels @ np.linalg.pinv(parts)[1]


def diffuse(light: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Take off the white that least squares find; as in `METHODS`.

    What fits neither part stays with the surface: spots, veins and lips keep their colours.
    """
    pixels = light[inside]
    body = body_colour(pixels.astype(np.float64))
    if not is_coloured(body):
        return light
    white = white_share(pixels, body)
    distance = np.abs(specular_free(pixels) - specular_free(body)).sum(axis=1)
    belongs = trust(chromaticity(pixels)) * np.clip(2 - distance / SAME_SURFACE, 0, 1)
    separated = light.copy()
    separated[inside] -= (belongs * np.maximum(white, 0))[:, None]
    return separated
