"""Losses as pure functions: tensors in, one float32 scalar out, on any Keras backend.

A critic answers with logits, one for each patch that it judges: large means "real". Every
adversarial family is a pair of functions, what the critic minimises and what the generator does:

    family = losses.ADVERSARIAL["hinge"]
    family.critic(real_logits, fake_logits)
    family.generator(fake_logits)
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

from lib.filters import blur

Tensor = Any


def _float32(tensor: Tensor) -> Tensor:
    return ops.cast(tensor, "float32")


def cross_entropy_critic(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Binary cross-entropy, the mean of its real and its fake half: log 2 at zero logits.

    Halved as in Isola et al. 2017 (pix2pix), section 3.3.

    Args:
        real_logits: any shape, any float dtype.
        fake_logits: any shape, any float dtype.

    Returns:
        A float32 scalar, at least 0.
    """
    real, fake = _float32(real_logits), _float32(fake_logits)
    return 0.5 * (ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake)))


def cross_entropy_generator(fake_logits: Tensor) -> Tensor:
    """Non-saturating cross-entropy (Goodfellow et al. 2014, section 3): fakes should look real.

    Args:
        fake_logits: any shape, any float dtype.

    Returns:
        A float32 scalar, at least 0; log 2 where the critic guesses.
    """
    return ops.mean(ops.softplus(-_float32(fake_logits)))


def least_squares_critic(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Squared distance to 1 for real and to 0 for fake (Mao et al. 2017, LSGAN, equation 9).

    Args:
        real_logits: any shape, any float dtype.
        fake_logits: any shape, any float dtype.

    Returns:
        A float32 scalar, at least 0; 1/4 for a critic that answers 1/2 to everything.
    """
    real, fake = _float32(real_logits), _float32(fake_logits)
    return 0.5 * (ops.mean(ops.square(real - 1.0)) + ops.mean(ops.square(fake)))


def least_squares_generator(fake_logits: Tensor) -> Tensor:
    """Squared distance of the fakes' logits to 1, halved (Mao et al. 2017, LSGAN, equation 9).

    Args:
        fake_logits: any shape, any float dtype.

    Returns:
        A float32 scalar, at least 0.
    """
    return 0.5 * ops.mean(ops.square(_float32(fake_logits) - 1.0))


def hinge_critic(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Hinge loss: real above 1 and fake below -1 cost nothing (Lim and Ye 2017, section 3).

    Args:
        real_logits: any shape, any float dtype.
        fake_logits: any shape, any float dtype.

    Returns:
        A float32 scalar, at least 0; 2 at zero logits.
    """
    real, fake = _float32(real_logits), _float32(fake_logits)
    return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))


def wasserstein_critic(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """How much higher fakes score than real pictures (Arjovsky et al. 2017, equation 3).

    The critic must be kept Lipschitz by other means (a gradient penalty, spectral normalisation).

    Args:
        real_logits: any shape, any float dtype.
        fake_logits: any shape, any float dtype.

    Returns:
        A float32 scalar of either sign; minus the estimated distance.
    """
    return ops.mean(_float32(fake_logits)) - ops.mean(_float32(real_logits))


def score_generator(fake_logits: Tensor) -> Tensor:
    """Minus the fakes' mean score: the generator's half of both the hinge and Wasserstein games.

    Args:
        fake_logits: any shape, any float dtype.

    Returns:
        A float32 scalar of either sign.
    """
    return -ops.mean(_float32(fake_logits))


@dataclasses.dataclass(frozen=True)
class AdversarialFamily:
    """The two halves of one adversarial game.

    Attributes:
        critic: (real logits, fake logits) -> float32 scalar that the critic minimises.
        generator: (fake logits) -> float32 scalar that the generator minimises.
    """

    critic: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]


ADVERSARIAL = types.MappingProxyType(
    {
        "cross_entropy": AdversarialFamily(cross_entropy_critic, cross_entropy_generator),
        "least_squares": AdversarialFamily(least_squares_critic, least_squares_generator),
        "hinge": AdversarialFamily(hinge_critic, score_generator),
        "wasserstein": AdversarialFamily(wasserstein_critic, score_generator),
    }
)


def l1(a: Tensor, b: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean absolute difference, over everything or inside a mask only.

    Args:
        a: pictures, float (N, H, W, C).
        b: pictures of the same shape.
        mask: (N, H, W, 1) of 0 and 1, integer, boolean or float; 1 counts. None counts every pixel.

    Returns:
        A float32 scalar, at least 0; 0 where the mask is empty.
    """
    difference = ops.abs(_float32(a) - _float32(b))
    if mask is None:
        return ops.mean(difference)
    counted = ops.broadcast_to(_float32(mask), ops.shape(difference))
    return ops.sum(counted * difference) / ops.maximum(ops.sum(counted), 1.0)


WINDOW_SIZE, WINDOW_SIGMA = 11, 1.5
"""SSIM's Gaussian window, in pixels (Wang et al. 2004, section III-C)."""

_C1, _C2 = (0.01 * 2.0) ** 2, (0.03 * 2.0) ** 2  # (K1 L)^2 and (K2 L)^2; L is 2, from -1 to 1


def ssim_map(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity around each pixel (Wang et al. 2004, equation 13).

    Of the pictures as they are seen: black, -1, counts as 0, for brightness is compared by ratio,
    and taken from -1 to 1 a picture would resemble its own negative. So this is scikit-image's
    result on the uint8 pictures with data_range=255, gaussian_weights=True and
    use_sample_covariance=False. K1 is 0.01, K2 0.03.

    Args:
        a: pictures, float (N, H, W, C) in [-1, 1], at least 11 x 11 pixels.
        b: pictures of the same shape and range.

    Returns:
        float32 (N, H - 10, W - 10, C), -1..1; 1 where the pictures agree.

    Raises:
        ValueError: if the pictures are smaller than the window.
    """
    sides = [side for side in a.shape[1:3] if side is not None]
    if sides and min(sides) < WINDOW_SIZE:
        raise ValueError(f"found pictures {tuple(a.shape)}, SSIM's window needs 11 x 11 pixels")
    a, b = _float32(a), _float32(b)
    together = ops.concatenate([a, b, a * a, b * b, a * b], axis=-1)
    blurred = blur(together, WINDOW_SIGMA, WINDOW_SIZE)
    mean_a, mean_b, square_a, square_b, product = ops.split(blurred, 5, axis=-1)
    variances = square_a + square_b - mean_a * mean_a - mean_b * mean_b
    covariance = product - mean_a * mean_b
    structure = (2.0 * covariance + _C2) / (variances + _C2)
    light_a, light_b = mean_a + 1.0, mean_b + 1.0
    light = (2.0 * light_a * light_b + _C1) / (light_a * light_a + light_b * light_b + _C1)
    return light * structure


def ssim(a: Tensor, b: Tensor, mask: Tensor | None = None) -> Tensor:
    """1 - SSIM, so that it falls as pictures agree; minimising SSIM itself drives them apart.

    Args:
        a: pictures, float (N, H, W, C) in [-1, 1], at least 11 x 11 pixels.
        b: pictures of the same shape and range.
        mask: (N, H, W, 1) of 0 and 1; 1 counts the windows with their middle there. None counts
            every window that lies in the picture: those around its outer 5 pixels never do.

    Returns:
        A float32 scalar, 0..2; 0 for equal pictures and where the mask is empty.

    Raises:
        ValueError: if the pictures are smaller than the window.
    """
    inner = slice(WINDOW_SIZE // 2, -(WINDOW_SIZE // 2))
    counted = None if mask is None else mask[:, inner, inner]
    similarity = ssim_map(a, b)
    return l1(similarity, ops.ones_like(similarity), counted)  # at most 1: |SSIM - 1| = 1 - SSIM


def perceptual(found: Sequence[Tensor], truth: Sequence[Tensor]) -> Tensor:
    """Mean squared difference of a frozen network's activations (Johnson et al. 2016, section 3.2).

    Every tap counts alike, whatever its size: the mean of the taps' means. System S3 takes sums,
    and its 100 times millions drown all other terms.

    Args:
        found: activations of the generated pictures, each (N, ...), any float dtype.
        truth: activations of the true pictures, of the same shapes.

    Returns:
        A float32 scalar, at least 0.

    Raises:
        ValueError: if there is no tap, or one more of these than of those.
    """
    if not found:
        raise ValueError("found no activations, expected those of one tap or more")
    taps = [
        ops.mean(ops.square(_float32(a) - _float32(b))) for a, b in zip(found, truth, strict=True)
    ]
    return sum(taps) / len(taps)


def map_cross_entropy(masks: Tensor, logits: Tensor) -> Tensor:
    """Binary cross-entropy of a map, the mean over its pixels: log 2 at zero logits.

    Args:
        masks: the true map, 0 and 1, any shape.
        logits: of the same shape, any float dtype; positive means inside.

    Returns:
        A float32 scalar, at least 0.
    """
    masks, logits = _float32(masks), _float32(logits)
    return ops.mean(ops.softplus(logits) - masks * logits)


def dice(masks: Tensor, logits: Tensor) -> Tensor:
    """1 - Dice of each map with its probabilities, the mean over maps (Milletari et al. 2016).

    Args:
        masks: the true maps (N, H, W, 1) of 0 and 1.
        logits: of the same shape, any float dtype; positive means inside.

    Returns:
        A float32 scalar, 0..1; an empty map that is found empty costs about 0.
    """
    masks, inside = _float32(masks), ops.sigmoid(_float32(logits))
    both = ops.sum(masks * inside, axis=(1, 2, 3))
    sizes = ops.sum(masks, axis=(1, 2, 3)) + ops.sum(inside, axis=(1, 2, 3))
    return ops.mean(1.0 - (2.0 * both + 1.0) / (sizes + 1.0))
