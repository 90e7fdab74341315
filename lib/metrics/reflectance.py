"""How near a separated layer is to the true one, whatever its exposure."""

from __future__ import annotations

import numpy as np

from lib.metrics.arrays import ScoreError, require_masks, require_pictures


def _origins(side: int, window: int, step: int) -> np.ndarray:
    """Return where windows begin along one side; the last one ends where the picture does."""
    last = max(side - window, 0)
    return np.append(np.arange(0, last, step), last)


def _windows(light: np.ndarray, window: int, step: int) -> np.ndarray:
    """Return the windows of (H, W, 3) linear light, each flattened: (windows, values)."""
    shape = tuple(min(window, side) for side in light.shape[:2])
    every = np.lib.stride_tricks.sliding_window_view(light, shape, axis=(0, 1))
    chosen = np.ix_(*(_origins(side, window, step) for side in light.shape[:2]))
    return every[chosen].reshape(-1, 3 * shape[0] * shape[1])


def _unexplained(truth: np.ndarray, found: np.ndarray) -> float:
    """Sum the squared errors of windows (windows, values), each at its best scale."""
    energy = (found * found).sum(axis=1, keepdims=True)
    shared = (truth * found).sum(axis=1, keepdims=True)
    scale = np.divide(shared, energy, out=np.zeros_like(shared), where=energy > 0)
    return float(((truth - scale * found) ** 2).sum())


def _require_pixels(**given: int) -> None:
    for name, pixels in given.items():
        if not isinstance(pixels, (int, np.integer)) or pixels < 1:
            raise ScoreError(f"found {name} = {pixels!r}, expected a whole number of pixels from 1")


def lmse(
    found: np.ndarray,
    truth: np.ndarray,
    masks: np.ndarray | None = None,
    window: int = 20,
    step: int = 10,
) -> np.ndarray:
    """Return the local mean squared error of Grosse et al. 2009, normalised.

    R. Grosse, M. K. Johnson, E. H. Adelson and W. T. Freeman, "Ground truth dataset and baseline
    evaluations for intrinsic image algorithms", ICCV 2009, section 4. Each window is scaled to fit
    the truth best, by one number for all three channels, so that a wrong tint still counts; the
    squared errors of all windows are summed and divided by the sum that a black picture would have.

    It counts linear light, as the authors' pictures hold it: there a scale is a lamp's brightness.

    Args:
        found: uint8 sRGB (N, H, W, 3).
        truth: uint8 sRGB (N, H, W, 3).
        masks: (N, H, W) of 0 and 1; 1 counts. None counts everything.
        window: side of the square windows, pixels (the authors' 20); a picture that is smaller is
            one window along that side.
        step: from one window to the next, pixels (the authors' half a window); the last window ends
            where the picture does.

    Returns:
        float64 (N,), 0..1: 0 for the truth at any brightness, 1 for black; NaN where the mask is
            empty or the truth black.

    Raises:
        ScoreError: if types or shapes are others, a mask holds more than 0 and 1, or a window or a
            step is no whole number from 1.
    """
    from lib.prepare.specular import to_linear

    _require_pixels(window=window, step=step)
    truth = require_pictures(truth, "true pictures")
    found = require_pictures(found, "pictures found")
    if found.shape != truth.shape:
        raise ScoreError(f"found pictures {found.shape}, expected {truth.shape} as the true ones")
    counted = np.ones(truth.shape[:3], bool) if masks is None else masks
    scores = []
    for *pair, inside in zip(found, truth, require_masks(counted, truth.shape[:3]), strict=True):
        layers = [to_linear(layer).astype(np.float64) * inside[..., None] for layer in pair]
        guess, original = (_windows(layer, window, step) for layer in layers)
        energy = float((original**2).sum())
        scores.append(_unexplained(original, guess) / energy if energy else np.nan)
    return np.array(scores)
