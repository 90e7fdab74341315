"""From sub-pixels to pictures: averaging, majority votes, scattering under the skin, sRGB."""

from __future__ import annotations

import cv2
import numba
import numpy as np

SCATTER = (2.4, 1.1, 0.7)
"""How far red, green and blue light travels under the skin, mm (standard deviation)."""


def average(values: np.ndarray, supersample: int) -> np.ndarray:
    """Return the mean of each block of sub-pixels, float32.

    Args:
        values: (size * supersample, size * supersample, 3) float32.
        supersample: sub-pixels per pixel along each axis.
    """
    size = len(values) // supersample
    return cv2.resize(values, (size, size), interpolation=cv2.INTER_AREA)


@numba.njit(cache=True)
def vote(labels: np.ndarray, supersample: int) -> np.ndarray:
    """Return the commonest label of each block of sub-pixels; the first one wins a tie.

    Args:
        labels: (size * supersample, size * supersample) uint8.
        supersample: sub-pixels per pixel along each axis.
    """
    size = len(labels) // supersample
    winners = np.empty((size, size), np.uint8)
    for row in range(size):
        for column in range(size):
            block = labels[
                row * supersample : (row + 1) * supersample,
                column * supersample : (column + 1) * supersample,
            ]
            winners[row, column] = _commonest(block)
    return winners


@numba.njit(cache=True)
def _commonest(block: np.ndarray) -> int:
    best, most = block[0, 0], 0
    for candidate in block.flat:
        votes = 0
        for label in block.flat:
            votes += label == candidate
        if votes > most:
            best, most = candidate, votes
        if 2 * votes >= block.size:
            break
    return best


def to_srgb(linear: np.ndarray) -> np.ndarray:
    """Encode linear light as 8-bit sRGB (IEC 61966-2-1); what is over 1 clips.

    Args:
        linear: (..., 3) float32.

    Returns:
        (..., 3) uint8.
    """
    return _encode(np.ascontiguousarray(linear).ravel()).reshape(linear.shape)


def _linear(encoded: np.ndarray) -> np.ndarray:
    """Return the linear light of sRGB values in 0..1."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


_BORDERS = np.append(_linear((np.arange(1, 256) - 0.5) / 255), np.inf)
"""Linear light from which on a picture has the value 1, 2, ... 255."""
_BINS = 4096
_START = np.searchsorted(_BORDERS, np.arange(_BINS) / _BINS, side="right")
"""The value at the lower end of each of equal bins of linear light: the search starts there."""


@numba.njit(cache=True)
def _encode(linear: np.ndarray) -> np.ndarray:
    encoded = np.empty(linear.shape[0], np.uint8)
    for index in range(linear.shape[0]):
        light = min(max(float(linear[index]), 0.0), 1.0)
        value = _START[min(int(light * _BINS), _BINS - 1)]
        while light >= _BORDERS[value]:
            value += 1
        encoded[index] = value
    return encoded


@numba.njit(cache=True)
def luminance(linear: np.ndarray) -> np.ndarray:
    """Return the brightness of linear RGB (ITU-R BT.709): (..., 3) to (...), float32."""
    flat = linear.reshape(-1, 3)
    found = np.empty(flat.shape[0], np.float32)
    for index in range(flat.shape[0]):
        red, green, blue = flat[index, 0], flat[index, 1], flat[index, 2]
        found[index] = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return found.reshape(linear.shape[:-1])


def scatter(light: np.ndarray, skin: np.ndarray, millimetres: float) -> np.ndarray:
    """Blur the light that arrives on skin as it spreads under it, red the furthest.

    Screen-space subsurface scattering (Jimenez et al., "Screen-Space Perceptual Rendering of Human
    Skin", ACM TAP 2009), with one Gaussian per channel.

    Args:
        light: (size, size, 3) float32 light arriving.
        skin: (size, size) bool, where there is skin.
        millimetres: covered by one pixel.

    Returns:
        (size, size, 3) float32; outside the skin as it was.
    """
    cover = skin.astype(np.float32)
    blurred = light.copy()
    for channel, reach in enumerate(SCATTER):
        sigma = reach / millimetres
        if sigma < 0.4:
            continue
        spread = cv2.GaussianBlur(light[..., channel] * cover, (0, 0), sigma)
        share = cv2.GaussianBlur(cover, (0, 0), sigma)
        blurred[..., channel] = np.where(
            skin, spread / np.maximum(share, 1e-4), light[..., channel]
        )
    return blurred
