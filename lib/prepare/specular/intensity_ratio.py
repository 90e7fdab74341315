"""Shine by the ratio of brightest channel to range: Shen and Zheng 2013.

H.-L. Shen and Z.-H. Zheng, "Real-time highlight removal using intensity ratio", Applied Optics 52
(2013). White shine adds the same to every channel, so it raises the brightest channel and leaves
the range (brightest less darkest) alone. Pixels of one surface colour without shine all have the
same ratio of the two, whatever the shading.
"""

from __future__ import annotations

import cv2
import numpy as np

CLUSTERS = 3
"""Surface colours that are told apart."""

_ROUNDS = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 1e-4)


def _pseudo_chromaticity(pixels: np.ndarray, offset: float) -> np.ndarray:
    """Return the least and the greatest chromaticity with the shine levelled out (section 3).

    Args:
        pixels: (N, 3), linear.
        offset: by which every pixel's darkest channel is replaced.

    Returns:
        float32 (N, 2), 0..1.
    """
    levelled = pixels - pixels.min(axis=1, keepdims=True) + offset
    shares = levelled / levelled.sum(axis=1, keepdims=True)
    return np.stack([shares.min(axis=1), shares.max(axis=1)], axis=1)


def _clusters(points: np.ndarray) -> np.ndarray:
    """Return each point's cluster by k-means, int (N,), the same at every call.

    The first round's clusters are equal parts of the points in order, so that nothing is drawn.
    """
    number = len(points)
    if number <= CLUSTERS:
        return np.arange(number)
    labels = np.empty((number, 1), np.int32)
    labels[np.argsort(points[:, 1], kind="stable"), 0] = np.arange(number) * CLUSTERS // number
    _, labels, _ = cv2.kmeans(
        points.astype(np.float32), CLUSTERS, labels, _ROUNDS, 1, cv2.KMEANS_USE_INITIAL_LABELS
    )
    return labels.ravel()


def _brightest_without_shine(
    spread: np.ndarray, brightest: np.ndarray, clusters: np.ndarray, least: float
) -> np.ndarray:
    """Return the brightest channel that a pixel's range and its cluster's median ratio foretell.

    Args:
        spread: (N,), brightest less darkest channel.
        brightest: (N,).
        clusters: (N,).
        least: of the range, for a pixel to count in the median; a small one has a wild ratio.

    Returns:
        (N,); where no pixel of a cluster counts, its own ``brightest``.
    """
    foretold = brightest.copy()
    for cluster in np.unique(clusters):
        own = clusters == cluster
        counted = own & (spread > least)
        if counted.any():
            foretold[own] = np.median(brightest[counted] / spread[counted]) * spread[own]
    return foretold


def diffuse(light: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Take off what exceeds the ratio of a pixel's colour (section 3); as in `METHODS`.

    Only pixels whose darkest channel is above average are looked at: shine is nowhere else.
    """
    darkest = light.min(axis=-1)
    average = float(darkest[inside].mean())
    looked_at = inside & (darkest > average)
    if not looked_at.any():
        return light
    pixels = light[looked_at]
    clusters = _clusters(_pseudo_chromaticity(pixels, average))
    brightest = pixels.max(axis=1)
    spread = brightest - pixels.min(axis=1)
    foretold = _brightest_without_shine(spread, brightest, clusters, average)
    separated = light.copy()
    separated[looked_at] -= np.maximum(brightest - foretold, 0)[:, None]
    return separated
