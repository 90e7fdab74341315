"""Calls of a network that hold, scale or share: outputs, state, and who feels which gradient."""

import keras
import numpy as np
import pytest
from gradients import array as numbers
from gradients import gradients
from keras import ops

from lib.gans.adversarial import both_sides, frozen, scaled
from lib.layers import BatchNormalization


def stateful_network():
    inputs = keras.Input((4,))
    pixel = keras.layers.Reshape((1, 1, 4))(inputs)
    x = keras.layers.Flatten()(BatchNormalization(name="statistics")(pixel))
    x = keras.layers.Dropout(0.5, seed=7)(x)
    return keras.Model(inputs, keras.layers.Dense(1)(x))


def test_frozen_gives_the_networks_outputs_and_leaves_its_state():
    network, batch = stateful_network(), np.random.default_rng(0).normal(3, 1, (64, 4))
    before = [numbers(variable) for variable in network.variables]
    first = numbers(frozen(network, batch, training=True))
    after = [numbers(variable) for variable in network.variables]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
    own = numbers(network(batch, training=True))  # the same dropout mask: the seed had not moved
    np.testing.assert_allclose(first, own, rtol=1e-5)
    moved = numbers(network.get_layer("statistics").moving_mean)
    assert np.all(moved > 0.01)
    assert not np.allclose(own, numbers(network(batch, training=True)))


@pytest.fixture(scope="module")
def scalable():
    """Return a network with batch normalisation and dropout, and a batch."""
    batch = np.random.default_rng(0).normal(3, 1, (16, 4)).astype(np.float32)
    return stateful_network(), batch


FACTORS = [0.0, 1.0, 2.5, -0.5]


@pytest.mark.parametrize("training", [False, True])
def test_scaled_gives_a_plain_calls_outputs_to_the_bit_and_leaves_its_state(scalable, training):
    network, batch = scalable
    before = [numbers(variable) for variable in network.variables]
    found = [numbers(scaled(network, batch, factor, training)) for factor in FACTORS]
    for old, variable in zip(before, network.variables, strict=True):
        np.testing.assert_array_equal(numbers(variable), old)
    plain = numbers(network(batch, training=training))
    for outputs in found:
        np.testing.assert_array_equal(outputs, plain)
    moved = [np.any(numbers(x) != old) for x, old in zip(network.variables, before, strict=True)]
    assert sum(moved) == (3 if training else 0)  # a mean, a variance and a seed
    assert np.ptp(plain) > 0.1


@pytest.mark.parametrize("factor", FACTORS)
def test_scaled_weights_feel_the_factor_and_inputs_feel_all(scalable, factor):
    network, batch = scalable

    def felt(call):
        return gradients(lambda x: ops.mean(ops.square(call(x))), batch, network)

    at_inputs, at_weights = felt(network)
    assert np.abs(at_inputs).max() > 1e-3
    for given in (factor, ops.convert_to_tensor(factor)):
        found_at_inputs, found = felt(lambda x, given=given: scaled(network, x, given))
        np.testing.assert_allclose(found_at_inputs, at_inputs, rtol=1e-5)
        for scaled_gradient, gradient in zip(found, at_weights, strict=True):
            assert np.abs(gradient).max() > 1e-3
            np.testing.assert_allclose(scaled_gradient, factor * gradient, rtol=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="graphs are TensorFlow's")
def test_scaled_weights_feel_the_factor_in_a_graph_as_well(scalable):
    import tensorflow

    network, batch = scalable

    def felt(factor):
        return lambda x: ops.sum(scaled(network, x, factor, training=True))

    at_inputs, at_weights = gradients(tensorflow.function(felt(-2.0)), batch, network)
    expected, once = gradients(felt(1.0), batch, network)
    np.testing.assert_allclose(at_inputs, expected, atol=1e-5)
    for found, gradient in zip(at_weights, once, strict=True):
        np.testing.assert_allclose(found, -2 * gradient, rtol=1e-4, atol=1e-5)
        assert np.abs(gradient).max() > 1e-3
    assert np.abs(expected).max() > 1e-3


def test_both_sides_are_a_frozen_call_and_a_plain_one(scalable):
    network, batch = scalable
    before = [numbers(variable) for variable in network.variables]
    expected = (
        numbers(frozen(network, batch, training=True)),
        numbers(network(batch, training=True)),
    )
    moved = [numbers(variable) for variable in network.variables]
    for variable, value in zip(network.variables, before, strict=True):
        variable.assign(value)
    found = [numbers(side) for side in both_sides(network, batch, training=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    for variable, value in zip(network.variables, moved, strict=True):
        np.testing.assert_array_equal(numbers(variable), value)
    assert sum(np.any(old != new) for old, new in zip(before, moved, strict=True)) == 3


@pytest.mark.parametrize("in_graph", [False, True])
def test_of_both_sides_one_moves_the_inputs_and_one_the_weights(scalable, in_graph):
    network, batch = scalable

    def felt(terms):
        if in_graph:
            tensorflow = pytest.importorskip("tensorflow")
            terms = tensorflow.function(terms)
        return gradients(terms, batch, network)

    at_inputs, at_weights = felt(lambda x: ops.mean(ops.square(network(x))))
    for weight in (2.0, 0.0):  # of the generator's side, which no weight of the critic feels

        def terms(x, weight=weight):
            to_generator, to_critic = both_sides(network, x)
            return ops.mean(weight * ops.square(to_generator) + 3 * ops.square(to_critic))

        found_at_inputs, found = felt(terms)
        np.testing.assert_allclose(found_at_inputs, weight * at_inputs, rtol=1e-5)
        for one, gradient in zip(found, at_weights, strict=True):
            np.testing.assert_allclose(one, 3 * gradient, rtol=1e-5)
    assert np.abs(at_inputs).max() > 1e-3


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="graphs are TensorFlow's")
@pytest.mark.parametrize(("both", "passes"), [(True, 1), (False, 2)])
def test_both_sides_take_one_forward_pass(scalable, both, passes):
    import tensorflow
    from tensorflow.python.eager import context

    network, batch = scalable

    @tensorflow.function
    def judge(x):
        if both:
            return both_sides(network, x, training=True)
        return frozen(network, x, True), network(ops.stop_gradient(x), training=True)

    context.enable_run_metadata()
    try:
        judge(tensorflow.constant(batch))
        ran = context.export_run_metadata()
    finally:
        context.disable_run_metadata()
    graphs = [graph for one in ran.function_graphs for graph in one.partition_graphs]
    operations = [node.op for graph in graphs for node in graph.node]
    assert sum("MatMul" in operation for operation in operations) == passes
