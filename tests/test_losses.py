"""Losses: values worked out by hand, Keras' own cross-entropy, and half precision."""

import math

import keras
import numpy as np
import pytest

from lib import losses

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
