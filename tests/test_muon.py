"""Muon: singular values by SciPy, Keras' own Muon where it has one, Adam for what is no kernel."""

import keras
import numpy as np
import pytest
import scipy.linalg

from lib.muon import Muon, as_matrix_shape, orthogonalize
from lib.training.optimizers import FusedMuon, fuse

RATE = 0.1


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def moved(optimizer, weights, steps=4, silent=()):
    """Return the weights after some steps of random gradients; those of `silent` are 0."""
    variables = [keras.Variable(weight) for weight in weights]
    optimizer.build(variables)
    for step in range(steps):
        gradients = [numbers(*weight.shape, seed=7 * step + n) for n, weight in enumerate(weights)]
        gradients = [grad * (n not in silent) for n, grad in enumerate(gradients)]
        optimizer.apply([keras.ops.convert_to_tensor(grad) for grad in gradients], variables)
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


@pytest.mark.parametrize("shape", [(60, 8), (8, 60), (12, 12)])
def test_directions_stay_and_lengths_become_alike(shape):
    matrix = numbers(*shape)
    left, before, right = scipy.linalg.svd(matrix, full_matrices=False)
    core = left.T @ np.asarray(orthogonalize(matrix)) @ right.T
    np.testing.assert_allclose(core, np.diag(np.diag(core)), atol=2e-3)
    assert before[0] / before[-1] > 1.5
    assert np.diag(core).min() > 0.65
    assert np.diag(core).max() < 1.25


def test_a_direction_of_a_hundredth_of_the_length_is_stretched_too():
    lengths = np.diag([1.0, 0.3, 0.01]).astype("float32")
    after = np.diag(np.asarray(orthogonalize(np.pad(lengths, [(0, 4), (0, 0)])))[:3])
    assert after.min() > 0.6


def test_scale_does_not_matter_and_nothing_stays_nothing():
    matrix = numbers(20, 6)
    small, large = (np.asarray(orthogonalize(matrix * factor)) for factor in (1e-4, 1e4))
    np.testing.assert_allclose(small, large, atol=1e-4)
    assert not np.asarray(orthogonalize(np.zeros((20, 6), "float32"))).any()


@pytest.mark.parametrize("shape", [(20, 8), (8, 20)])
def test_a_dense_layer_goes_where_keras_muon_takes_it(shape):
    weights = [numbers(*shape), numbers(shape[1])]
    keras_muon = keras.optimizers.Muon(
        RATE, momentum=0.8, weight_decay=None, adam_weight_decay=None, adam_beta_2=0.99
    )
    expected = moved(keras_muon, weights)
    for found, wanted in zip(moved(Muon(RATE, 0.8, beta_2=0.99), weights), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=2e-3)  # of steps of a tenth


def test_a_convolution_is_the_matrix_of_its_pixels_and_filters():
    kernel = numbers(3, 3, 5, 6)
    assert as_matrix_shape(kernel.shape) == (45, 6)
    (found,) = moved(Muon(RATE), [kernel])
    (wanted,) = moved(Muon(RATE), [kernel.reshape(45, 6)])
    np.testing.assert_array_equal(found.reshape(45, 6), wanted)


def test_a_step_is_about_as_long_as_adams():
    kernel = numbers(3, 3, 16, 32)
    steps = [
        np.sqrt(np.mean((moved(optimizer, [kernel], steps=1)[0] - kernel) ** 2))
        for optimizer in (Muon(RATE), keras.optimizers.Adam(RATE))
    ]
    assert 0.1 * steps[1] < steps[0] < steps[1]  # Adam's first step is its longest


@pytest.mark.parametrize("shape", [(3, 3, 8, 3), (1, 1, 2, 8), (9,)])
def test_what_has_few_directions_goes_where_adam_takes_it(shape):
    weight = numbers(*shape)
    (found,) = moved(Muon(RATE, beta_1=0.5), [weight])
    (wanted,) = moved(keras.optimizers.Adam(RATE, beta_1=0.5), [weight])
    np.testing.assert_array_equal(found, wanted)


def test_one_weight_does_not_feel_the_gradient_of_another():
    weights = [numbers(9, 6), numbers(9, 6, seed=1), numbers(6)]
    alone, together = (moved(Muon(RATE), weights, silent=silent) for silent in ([1, 2], []))
    np.testing.assert_array_equal(alone[0], together[0])
    np.testing.assert_array_equal(alone[1], weights[1])
    assert (together[1] != weights[1]).all()


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the kernel of Adam is TensorFlow's"
)
def test_fused_it_takes_the_same_way():
    weights = [numbers(3, 3, 5, 6), numbers(6), numbers(3, 3, 6, 1)]
    ours = Muon(RATE, momentum=0.8, beta_1=0.5)
    fuse(ours)
    assert type(ours) is FusedMuon
    for found, wanted in zip(
        moved(ours, weights), moved(Muon(RATE, momentum=0.8, beta_1=0.5), weights), strict=True
    ):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_what_it_was_made_with_can_be_read_back():
    written = Muon(RATE, momentum=0.7, beta_1=0.5)
    read = Muon.from_config(written.get_config())
    assert (read.momentum, read.beta_1) == (0.7, 0.5)
    assert float(read.learning_rate) == pytest.approx(RATE)
