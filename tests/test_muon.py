"""Muon: singular values by SciPy, Keras' own Muon where it has one, Adam for what is no kernel."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import scipy.linalg

from lib import env
from lib.gans.adversarial import AdversarialModel
from lib.muon import ADAM_SIZE, BEND, RETURN, ROUNDS, SLOPE, Muon, as_matrix_shape, orthogonalize
from lib.training.optimizers import FusedMuon, fused

RATE = 0.1

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the kernel of Adam is TensorFlow's"
)


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def moved(optimizer, weights, steps=4, silent=()):
    """Return the weights after some steps of random gradients; those of `silent` are 0."""
    variables = [keras.Variable(weight, dtype=weight.dtype) for weight in weights]
    optimizer.build(variables)
    for step in range(steps):
        gradients = [
            (numbers(*weight.shape, seed=7 * step + n) * (n not in silent)).astype(weight.dtype)
            for n, weight in enumerate(weights)
        ]
        optimizer.apply([keras.ops.convert_to_tensor(grad) for grad in gradients], variables)
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def stretched(matrix):
    (found,) = orthogonalize([keras.ops.convert_to_tensor(matrix)])
    return keras.ops.convert_to_numpy(found)


def of_spectrum(shape, lengths):
    """Return a matrix of given singular values, and the directions on its left and right."""
    left, _, right = scipy.linalg.svd(numbers(*shape), full_matrices=False)
    return (left * lengths @ right).astype("float32"), left, right


@pytest.mark.parametrize("shape", [(60, 8), (8, 60), (12, 12)])
def test_directions_stay_and_lengths_become_alike(shape):
    matrix, left, right = of_spectrum(shape, np.geomspace(5, 0.1, min(shape)))
    core = left.T @ stretched(matrix) @ right.T
    np.testing.assert_allclose(core, np.diag(np.diag(core)), atol=2e-3)
    assert np.diag(core).min() > 0.65
    assert np.diag(core).max() < 1.25


@pytest.mark.parametrize("shape", [(1152, 128), (576, 64), (64, 576)])
def test_what_an_iteration_on_the_matrix_itself_finds(shape):
    falling = np.arange(1, min(shape) + 1) ** -2.0
    falling[-5:] = 0.0  # directions nothing is asked of
    matrix, *_ = of_spectrum(shape, falling)
    slow = matrix.astype(float) / np.linalg.norm(matrix)
    for _ in range(sum(ROUNDS)):
        square = slow @ slow.T
        slow = SLOPE * slow + (BEND * square + RETURN * square @ square) @ slow
    np.testing.assert_allclose(stretched(matrix), slow, atol=1e-3)


def test_coarsely_rounded_products_do_no_harm(monkeypatch):
    def coarse(first, second):
        """Multiply as a card in TF32 does: ten bits of what comes in."""
        return np.matmul(*((np.asarray(one).view("u4") & 0xFFFFE000).view("f4")
                           for one in map(np.ascontiguousarray, (first, second))))  # fmt: skip

    matrix, *_ = of_spectrum((576, 64), np.arange(1, 65) ** -2.0)
    exact = stretched(matrix)
    monkeypatch.setattr(keras.ops, "matmul", coarse)
    largest = scipy.linalg.svdvals(stretched(matrix))[0]
    assert largest < 1.3
    assert scipy.linalg.svdvals(exact)[0] < 1.25


def test_matrices_side_by_side_become_what_each_becomes_alone():
    matrices = [numbers(*shape) for shape in ((30, 8), (8, 30), (12, 5), (8, 8), (5, 40))]
    together = orthogonalize([keras.ops.convert_to_tensor(matrix) for matrix in matrices])
    for one, matrix in zip(together, matrices, strict=True):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(one), stretched(matrix), atol=1e-4)


def test_scale_does_not_matter_and_nothing_stays_nothing():
    matrix = numbers(20, 6)
    small, large = (stretched(matrix * np.float32(factor)) for factor in (1e-3, 1e4))
    np.testing.assert_allclose(small, large, atol=1e-4)
    assert not stretched(np.zeros((20, 6), "float32")).any()


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


def test_a_step_is_a_fifth_of_the_rate():
    kernel = numbers(3, 3, 16, 32)
    step = moved(Muon(RATE), [kernel], steps=1)[0] - kernel
    assert np.sqrt(np.mean(step**2)) == pytest.approx(ADAM_SIZE * RATE, rel=0.25)


@pytest.mark.parametrize("shape", [(3, 3, 8, 3), (1, 1, 2, 8), (9,)])
def test_what_has_few_directions_goes_where_adam_takes_it(shape):
    weight = numbers(*shape)
    (found,) = moved(Muon(RATE, beta_1=0.5), [weight])
    (wanted,) = moved(keras.optimizers.Adam(RATE, beta_1=0.5), [weight])
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_other_precisions_go_where_adam_takes_them():
    weight = numbers(9, 6).astype("float64")
    (found,) = moved(Muon(RATE), [weight])
    (wanted,) = moved(keras.optimizers.Adam(RATE), [weight])
    assert found.dtype == "float64"
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_one_weight_does_not_feel_the_gradient_of_another():
    weights = [numbers(9, 6), numbers(9, 6, seed=1), numbers(6)]
    alone, together = (moved(Muon(RATE), weights, silent=silent) for silent in ([1, 2], []))
    np.testing.assert_array_equal(alone[0], together[0])
    np.testing.assert_array_equal(alone[1], weights[1])
    assert (together[1] != weights[1]).all()


@on_tensorflow
def test_fused_it_takes_the_same_way_in_fewer_operations():
    weights = [numbers(3, 3, 5, 6), numbers(6), numbers(3, 3, 6, 1)]
    ours = Muon(RATE, beta_1=0.5)
    with fused(ours):
        assert type(ours) is FusedMuon
        found = moved(ours, weights)
        assert operations_of(ours).count("ResourceApplyAdam") == 2
    assert type(ours) is Muon  # which is what a run's options name
    for one, wanted in zip(found, moved(Muon(RATE, beta_1=0.5), weights), strict=True):
        np.testing.assert_allclose(one, wanted, atol=1e-5)


@on_tensorflow
def test_many_kernels_cost_few_operations():
    def matmuls(count):
        optimizer = Muon(RATE)
        moved(optimizer, [numbers(3, 3, 5, 6)] * count, steps=1)
        return sum("MatMul" in kind for kind in operations_of(optimizer))

    one, five = matmuls(1), matmuls(5)
    assert five - one == 4 * 2 * len(ROUNDS)  # each its square and its product; the rest is shared


@on_tensorflow
def test_spread_over_two_devices_kernels_follow_the_sum_of_their_gradients():
    code = """
import keras, numpy, tensorflow
tensorflow.config.set_logical_device_configuration(
    tensorflow.config.list_physical_devices("CPU")[0],
    [tensorflow.config.LogicalDeviceConfiguration()] * 2)
from lib.muon import Muon
def trained(strategy):
    with strategy.scope():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(9), keras.layers.Dense(5)])
        model.compile(Muon(0.1), "mse")
    x, y = numpy.random.default_rng(0).normal(size=(2, 8, 6))
    model.fit(x, y[:, :5], batch_size=8, epochs=3, shuffle=False, verbose=0)
    return model.get_weights()
one = trained(tensorflow.distribute.get_strategy())
two = trained(tensorflow.distribute.MirroredStrategy(["CPU:0", "CPU:1"]))
print(max(float(abs(a - b).max()) for a, b in zip(one, two)))
"""
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=env.ROOT, check=True
    ).stdout
    assert float(printed.split()[-1]) < 1e-3  # of steps of a tenth


def operations_of(optimizer):
    """Return the kinds of operations in the graph of a step of weights it was built for."""
    import tensorflow

    weights = optimizer._trainable_variables

    @tensorflow.function
    def step():
        optimizer.apply([keras.ops.ones(weight.shape) for weight in weights], weights)

    return [one.type for one in step.get_concrete_function().graph.get_operations()]


@on_tensorflow
def test_two_players_trained_as_one_model_learn_what_each_learns_alone():
    def after_training(*names):
        model = Players()
        for name in set(model.players) - set(names):
            model.players[name].trainable = False
        model.compile(Muon(RATE, beta_1=0.5))
        model.fit(*numbers(2, 8, 6), epochs=3, batch_size=4, shuffle=False, verbose=0)
        return {name: player.get_weights() for name, player in model.players.items()}

    together = after_training("first", "second")
    for name in together:
        for one, alone in zip(together[name], after_training(name)[name], strict=True):
            np.testing.assert_allclose(one, alone, atol=1e-5)


class Players(AdversarialModel):
    """Two dense layers that each answer for themselves, in one model."""

    def __init__(self):
        super().__init__({"first": 1.0, "second": 3.0})
        keras.utils.set_random_seed(0)
        self.players = {name: keras.layers.Dense(6) for name in ("first", "second")}
        self.first, self.second = self.players.values()
        for player in self.players.values():
            player.build((None, 6))

    def call(self, x, training=False):
        return self.first(x)

    def loss_terms(self, x, y, y_pred, training):
        return {name: keras.ops.mean((player(x) - y) ** 2) for name, player in self.players.items()}


def test_what_it_was_made_with_can_be_read_back():
    written = Muon(RATE, momentum=0.7, beta_1=0.5)
    read = Muon.from_config(written.get_config())
    assert (read.momentum, read.beta_1) == (0.7, 0.5)
    assert float(read.learning_rate) == pytest.approx(RATE)
