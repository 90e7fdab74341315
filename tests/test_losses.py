"""Losses: values worked out by hand, Keras' own cross-entropy, scikit-image, half precision."""

import math

import keras
import numpy as np
import pytest
from skimage import metrics

from lib import images, losses

ZEROS = np.zeros((2, 3, 3, 1), np.float32)


def value(tensor):
    assert keras.backend.standardize_dtype(tensor.dtype) == "float32"
    assert tuple(tensor.shape) == ()
    return float(keras.ops.convert_to_numpy(tensor))


def logits(*numbers):
    return np.array(numbers, np.float32)


@pytest.mark.parametrize(
    ("name", "critic", "generator"),
    [
        ("cross_entropy", math.log(2), math.log(2)),
        ("least_squares", 0.5, 0.5),
        ("hinge", 2.0, 0.0),
        ("wasserstein", 0.0, 0.0),
    ],
)
def test_values_at_zero_logits(name, critic, generator):
    family = losses.ADVERSARIAL[name]
    assert value(family.critic(ZEROS, ZEROS)) == pytest.approx(critic, abs=1e-6)
    assert value(family.generator(ZEROS)) == pytest.approx(generator, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "critic", "generator"),
    [
        # real logits 3 and 0, fake logits -2 and 1
        ("least_squares", 0.5 * ((4 + 1) / 2 + (4 + 1) / 2), 0.5 * (9 + 0) / 2),
        ("hinge", (0 + 1) / 2 + (0 + 2) / 2, 0.5),
        ("wasserstein", -0.5 - 1.5, 0.5),
    ],
)
def test_values_worked_out_by_hand(name, critic, generator):
    family = losses.ADVERSARIAL[name]
    assert value(family.critic(logits(3, 0), logits(-2, 1))) == pytest.approx(critic)
    assert value(family.generator(logits(-2, 1))) == pytest.approx(generator)


def test_cross_entropy_is_keras_own():
    draws = np.random.default_rng(0).normal(0, 3, (2, 50)).astype(np.float32)
    reference = keras.losses.BinaryCrossentropy(from_logits=True)
    family = losses.ADVERSARIAL["cross_entropy"]
    real, fake = draws
    ones, zeros = np.ones_like(real), np.zeros_like(real)
    halves = 0.5 * (value(reference(ones, real)) + value(reference(zeros, fake)))
    assert value(family.critic(real, fake)) == pytest.approx(halves, rel=1e-5)
    assert value(family.generator(fake)) == pytest.approx(value(reference(ones, fake)), rel=1e-5)


def test_cross_entropy_stays_finite_for_a_certain_critic():
    family = losses.ADVERSARIAL["cross_entropy"]
    assert value(family.critic(logits(1e4), logits(-1e4))) == 0
    assert value(family.generator(logits(-1e4))) == pytest.approx(1e4)


@pytest.mark.parametrize("name", losses.ADVERSARIAL)
def test_both_halves_prefer_the_right_answer(name):
    family = losses.ADVERSARIAL[name]
    assert value(family.critic(logits(1), logits(0))) < value(family.critic(logits(0), logits(1)))
    assert value(family.generator(logits(0.5))) < value(family.generator(logits(-0.5)))


def test_the_registry_cannot_be_changed():
    with pytest.raises(TypeError):
        losses.ADVERSARIAL["hinge"] = None
    with pytest.raises(AttributeError):
        losses.ADVERSARIAL["hinge"].critic = None


def test_l1_counts_every_value_without_a_mask():
    a, b = np.zeros((1, 1, 2, 3), np.float32), np.zeros((1, 1, 2, 3), np.float32)
    b[0, 0, 1] = [1, -2, 3]
    assert value(losses.l1(a, b)) == pytest.approx(6 / 6)


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.float32])
def test_l1_inside_a_mask_is_the_mean_over_the_mask_alone(dtype):
    a, b = np.zeros((1, 1, 2, 3), np.float32), np.ones((1, 1, 2, 3), np.float32)
    b[0, 0, 1] = [1, -2, 3]
    mask = np.array([0, 1], dtype).reshape(1, 1, 2, 1)
    assert value(losses.l1(a, b, mask)) == pytest.approx(6 / 3)
    assert value(losses.l1(a, b, np.zeros_like(mask))) == 0


def test_half_precision_inputs_are_summed_in_float32():
    far = np.full((1, 100, 100, 3), 40.0, np.float16)  # their sum, 1.2 million, is beyond float16
    assert value(losses.l1(far, -far, np.ones((1, 100, 100, 1), np.float16))) == pytest.approx(80)
    hundreds = np.full((1, 100, 100, 1), 300.0, np.float16)  # and so is the square of 299
    expected = pytest.approx(299**2 / 2, rel=1e-5)
    assert value(losses.ADVERSARIAL["least_squares"].generator(hundreds)) == expected


def noisy_pictures(level):
    """Return smooth uint8 pictures, and the same with noise of this standard deviation."""
    generator = np.random.default_rng(0)
    waves = 127.5 + 127.5 * np.sin(np.arange(2 * 20 * 16 * 3).reshape(2, 20, 16, 3) / 40)
    noisy = waves + generator.normal(0, level, waves.shape)
    return waves.astype(np.uint8), noisy.clip(0, 255).astype(np.uint8)


def loss_of(pictures, others, mask=None):
    return value(losses.ssim(images.to_network(pictures), images.to_network(others), mask))


def reference_maps(pictures, others):
    maps = [
        metrics.structural_similarity(
            *pair, data_range=255, channel_axis=-1, full=True,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        )[1]
        for pair in zip(pictures, others, strict=True)
    ]  # fmt: skip
    return np.array(maps)[:, 5:-5, 5:-5]


@pytest.mark.parametrize("level", [2, 20, 100])
def test_ssim_is_scikit_images_of_the_uint8_pictures(level):
    a, b = noisy_pictures(level)
    expected = reference_maps(a, b)
    found = losses.ssim_map(images.to_network(a), images.to_network(b))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), expected, atol=1e-4)
    assert loss_of(a, b) == pytest.approx(1 - expected.mean(), abs=1e-5)
    assert loss_of(b, a) == pytest.approx(loss_of(a, b), abs=1e-6)


def test_ssim_inside_a_mask_is_the_mean_over_the_mask_alone():
    a, b = noisy_pictures(20)
    mask = np.zeros((2, 20, 16, 1), np.uint8)
    mask[0, 3:9] = 1  # rows 5 to 8 of it have a whole window
    assert loss_of(a, b, mask) == pytest.approx(1 - reference_maps(a, b)[0][:4].mean(), abs=1e-5)
    assert loss_of(a, b, np.ones_like(mask)) == pytest.approx(loss_of(a, b))
    assert loss_of(a, b, np.zeros_like(mask)) == 0


def test_the_ssim_loss_falls_as_pictures_agree():
    by_noise = [loss_of(*noisy_pictures(level)) for level in (100, 25, 6, 0)]
    assert by_noise == sorted(by_noise, reverse=True) and by_noise[0] > 0.3
    assert by_noise[-1] == pytest.approx(0, abs=1e-5)
    a, _ = noisy_pictures(0)
    even = np.full_like(a, 128)
    assert loss_of(a, 255 - a) > loss_of(a, even) > by_noise[0]


def test_ssim_of_even_pictures_by_hand():
    dark, bright = (np.full((1, 11, 11, 1), level, np.float32) for level in (-0.75, 0.25))
    c1 = 0.02**2  # the variances are 0, so that only 0.25 above black and 1.25 above it differ
    expected = 1 - (2 * 0.25 * 1.25 + c1) / (0.25**2 + 1.25**2 + c1)
    assert value(losses.ssim(dark, bright)) == pytest.approx(expected, rel=1e-4)
    halves = dark.astype(np.float16), bright.astype(np.float16)
    assert value(losses.ssim(*halves)) == pytest.approx(expected, rel=1e-4)


def test_ssim_needs_pictures_of_its_window():
    with pytest.raises(ValueError, match="11 x 11"):
        losses.ssim(np.zeros((1, 10, 20, 3)), np.zeros((1, 10, 20, 3)))


def test_map_cross_entropy_by_hand():
    masks, logits = np.array([1.0, 1.0, 0.0, 0.0]), np.array([0.0, 2.0, 2.0, -30.0])
    by_hand = [np.log(2), np.log1p(np.exp(-2)), np.log1p(np.exp(2)), np.log1p(np.exp(-30))]
    assert value(losses.map_cross_entropy(masks, logits)) == pytest.approx(np.mean(by_hand))
    keras_own = keras.losses.binary_crossentropy(masks, logits, from_logits=True)
    assert value(losses.map_cross_entropy(masks, logits)) == pytest.approx(float(keras_own))


def test_dice_by_hand():
    masks = np.zeros((2, 4, 4, 1), np.float32)
    masks[:, :2] = 1  # eight of sixteen
    sure = np.where(masks == 1, 40.0, -40.0)
    assert value(losses.dice(masks, sure)) == pytest.approx(0, abs=1e-6)
    assert value(losses.dice(masks, -sure)) == pytest.approx(1 - 1 / 17)
    undecided = np.zeros_like(masks)  # a half everywhere: 2 * 4 of 8 + 8
    assert value(losses.dice(masks, undecided)) == pytest.approx(1 - 9 / 17)
    one_of_two = np.concatenate([sure[:1], -sure[:1]])
    assert value(losses.dice(masks, one_of_two)) == pytest.approx((1 - 1 / 17) / 2)
    assert value(losses.dice(0 * masks, np.full_like(masks, -40))) == pytest.approx(0, abs=1e-6)


def test_perceptual_counts_every_tap_alike():
    large, small = np.zeros((1, 8, 8, 4)), np.zeros((1, 2))
    assert value(losses.perceptual([large, small], [large + 2, small])) == pytest.approx(2)
    assert value(losses.perceptual([large, small], [large, small + 2])) == pytest.approx(2)
    assert value(losses.perceptual([large], [large])) == 0
    with pytest.raises(ValueError, match="expected those of one tap"):
        losses.perceptual([], [])
    with pytest.raises(ValueError):
        losses.perceptual([large], [large, small])
