"""How near pictures are to the true ones: in a region of each picture, or everywhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.metrics.arrays import ScoreError, mean, require_masks, require_pictures

WINDOW_MARGIN = 5
"""Pixels from the middle of SSIM's 11 x 11 window to its edge."""

STACKED_PIXELS = 40_000
"""Pixels that SSIM is asked for at once: enough to be quick, and still within a core's cache."""


def _checked(
    found: np.ndarray, truth: np.ndarray, masks: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pictures, their truths and the bool (N, H, W) of their pixels that count."""
    truth = require_pictures(truth, "true pictures")
    found = require_pictures(found, "pictures found")
    if found.shape != truth.shape:
        raise ScoreError(f"found pictures {found.shape}, expected {truth.shape} as the true ones")
    if masks is None:
        masks = np.ones(truth.shape[:3], bool)
    return found, truth, require_masks(masks, truth.shape[:3])


def _average_errors(
    found: np.ndarray,
    truth: np.ndarray,
    masks: np.ndarray | None,
    error: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Average a function of the differences over the pixels that count; float64 (N,)."""
    means = []
    for picture, original, counted in zip(*_checked(found, truth, masks), strict=True):
        difference = picture[counted].astype(np.float64) - original[counted]
        means.append(error(difference).mean() if difference.size else np.nan)
    return np.array(means)


def l1(found: np.ndarray, truth: np.ndarray, masks: np.ndarray | None = None) -> np.ndarray:
    """Average the absolute difference in grey levels, in a region or everywhere.

    Args:
        found: uint8 (N, H, W, 3).
        truth: uint8 (N, H, W, 3).
        masks: (N, H, W) of 0 and 1; 1 counts. ``1 - masks`` scores the outside, None everything.

    Returns:
        float64 (N,), 0..255; NaN where the mask is empty.

    Raises:
        ScoreError: if types or shapes are others, or a mask holds more than 0 and 1.
    """
    return _average_errors(found, truth, masks, np.abs)


def psnr(found: np.ndarray, truth: np.ndarray, masks: np.ndarray | None = None) -> np.ndarray:
    """Return the peak signal-to-noise ratio, 10 log10(255^2 / mean squared error), in a region.

    Args, Raises: as `l1`.

    Returns:
        float64 (N,), in dB; infinite for equal pixels, NaN where the mask is empty.
    """
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255**2 / _average_errors(found, truth, masks, np.square))


def ssim(found: np.ndarray, truth: np.ndarray, masks: np.ndarray | None = None) -> np.ndarray:
    """Return the structural similarity (Wang et al. 2004) as its authors set it, by scikit-image.

    A Gaussian window of sigma 1.5 and 11 x 11 pixels, K1 0.01, K2 0.03, on each colour channel. It
    counts where the window's middle lies in the region and all of the window in the picture; it
    reaches 5 pixels across the region's border, so the outside of a composited picture is not 1.

    Args, Raises: as `l1`; pictures of less than 11 pixels are refused too.

    Returns:
        float64 (N,), -1..1, 1 for equal pictures; NaN where no pixel counts.
    """
    found, truth, counted = _checked(found, truth, masks)
    if not len(found):
        return np.zeros(0)
    if min(counted.shape[1:]) <= 2 * WINDOW_MARGIN:
        raise ScoreError(f"found pictures of {counted.shape[1:]} pixels, SSIM needs 11 x 11")
    inner = np.zeros_like(counted)
    within = np.s_[:, WINDOW_MARGIN:-WINDOW_MARGIN, WINDOW_MARGIN:-WINDOW_MARGIN]
    inner[within] = counted[within]
    stacks = np.array_split(range(len(inner)), -(-inner.size // STACKED_PIXELS))
    return np.concatenate([_similarities(found[n], truth[n], inner[n]) for n in stacks])


def _similarities(found: np.ndarray, truth: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Average the similarity where it counts; (N,). One call for pictures one below the other.

    Only what the windows of counted pixels see is looked at, so no window sees a picture's
    neighbour.
    """
    from skimage.metrics import structural_similarity

    rows, columns = (np.flatnonzero(counted.any(axis)) for axis in ((0, 2), (0, 1)))
    if not rows.size:
        return np.full(len(found), np.nan)
    seen = np.s_[:, rows[0] - WINDOW_MARGIN : rows[-1] + WINDOW_MARGIN + 1]
    seen = *seen, np.s_[columns[0] - WINDOW_MARGIN : columns[-1] + WINDOW_MARGIN + 1]
    found, truth, counted = found[seen], truth[seen], counted[seen]
    _, similarity = structural_similarity(
        *(stack.reshape(-1, *stack.shape[2:]) for stack in (found, truth)),
        data_range=255, channel_axis=-1, full=True,
        gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
    )  # fmt: skip
    pairs = zip(similarity.reshape(found.shape), counted, strict=True)
    return np.array([maps[where].mean() if where.any() else np.nan for maps, where in pairs])


def picture_scores(found: np.ndarray, truth: np.ndarray, masks: np.ndarray) -> dict[str, float]:
    """Score pictures inside, outside and overall: one row of a table.

    Args, Raises: as `ssim`, with the masks given.

    Returns:
        Means over the pictures by name: "PSNR inside", "SSIM inside", "L1 inside", and the same
            "outside" and "overall". A picture without a mask has no score inside.
    """
    inside = require_masks(masks)
    regions = {"inside": inside, "outside": ~inside, "overall": None}
    scores = {"PSNR": psnr, "SSIM": ssim, "L1": l1}
    return {
        f"{name} {region}": mean(score(found, truth, pixels))
        for region, pixels in regions.items()
        for name, score in scores.items()
    }
