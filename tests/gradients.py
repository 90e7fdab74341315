"""Gradients as NumPy arrays, and weights as training leaves them, which tests of networks share."""

import keras
import numpy as np
import pytest
from keras import ops


def array(tensor):
    """Return a tensor as a NumPy array."""
    return np.array(ops.convert_to_numpy(tensor))


def trained(network, seed=1):
    """Give every weight another value, as training would, and return the network."""
    generator = np.random.default_rng(seed)
    for weight in network.trainable_weights:
        weight.assign(array(weight) + generator.normal(0, 0.1, weight.shape))
    return network


def gradients(function, inputs, network=None):
    """Return a scalar function's gradient at its inputs, and those at a network's weights.

    They are 0 where the function does not depend on something.
    """
    if keras.backend.backend() != "tensorflow":
        pytest.skip("gradients are taken by TensorFlow")
    import tensorflow

    inputs = tensorflow.constant(inputs)
    weights = [variable.value for variable in network.trainable_variables] if network else []
    with tensorflow.GradientTape() as tape:
        tape.watch(inputs)
        result = function(inputs)
    found = tape.gradient(result, [inputs, *weights], unconnected_gradients="zero")
    at_inputs, *at_weights = [np.array(gradient) for gradient in found]
    return at_inputs, at_weights
