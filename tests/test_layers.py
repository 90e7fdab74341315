"""Layers in fewer operations: what Keras' own layers give, forwards, backwards and in state."""

import keras
import numpy as np
import pytest
from gradients import array, gradients
from keras import layers as keras_layers
from keras import ops

from lib.layers import BatchNormalization, Conv2D
from lib.models.enlargement import Enlargement
from lib.models.normalization import InstanceNormalization

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the kernels are TensorFlow's"
)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(0.7, 1.5, size=shape).astype("float32")


def single_channels():
    """Return Keras' normalisation of groups of one channel."""
    return keras_layers.GroupNormalization(groups=-1, epsilon=1e-5)


def alike(ours, theirs, x):
    """Return both layers, built, with the same random weights."""
    for layer in (ours, theirs):
        layer.build(x.shape)
    weights = [np.abs(noise(*weight.shape, seed=n)) for n, weight in enumerate(theirs.weights)]
    ours.set_weights(weights), theirs.set_weights(weights)
    return ours, theirs


def slopes(layer, x, **call):
    """Return the gradients of a sum of the layer's outputs, bent, by x and by its weights."""
    weigh = noise(*layer(x).shape, seed=9)

    def cost(pictures):
        return ops.sum(weigh * ops.sin(ops.cast(layer(pictures, **call), "float32")))

    at_pictures, at_weights = gradients(cost, x, layer)
    return [at_pictures, *at_weights]


def assert_alike(found, expected, tolerance=2e-5):
    for one, wanted in zip(found, expected, strict=True):
        scale = max(1.0, float(np.abs(wanted).max()))
        np.testing.assert_allclose(one, wanted, atol=tolerance * scale)


@pytest.mark.parametrize("options", [{}, {"activation": "relu"}, {"use_bias": False}])
def test_a_convolution_is_keras_own(options):
    x = noise(2, 6, 5, 3)
    pair = (kind(4, 3, 2, "same", **options) for kind in (Conv2D, keras_layers.Conv2D))
    ours, theirs = alike(*pair, x)
    np.testing.assert_allclose(array(ours(x)), array(theirs(x)), atol=1e-5)
    assert_alike(slopes(ours, x), slopes(theirs, x))


def test_a_convolution_in_half_precision_answers_in_half_precision():
    ours = Conv2D(4, 3, dtype="mixed_float16")
    assert keras.backend.standardize_dtype(ours(noise(1, 5, 5, 2)).dtype) == "float16"


@pytest.mark.parametrize("options", [{}, {"scale": False}, {"center": False, "scale": False}])
def test_batch_normalisation_is_keras_own(options):
    x = noise(4, 6, 5, 3)
    kinds = BatchNormalization, keras_layers.BatchNormalization
    ours, theirs = alike(*(kind(momentum=0.8, **options) for kind in kinds), x)
    np.testing.assert_allclose(array(ours(x)), array(theirs(x)), atol=1e-5)
    assert_alike(slopes(ours, x, training=True), slopes(theirs, x, training=True))
    for layer in (ours, theirs):
        layer(noise(4, 6, 5, 3, seed=5), training=True)
    assert_alike(ours.get_weights(), theirs.get_weights())
    np.testing.assert_allclose(array(ours(x)), array(theirs(x)), atol=1e-5)


def test_batch_normalisation_held_fixed_or_of_vectors_is_keras_own():
    x = noise(4, 6, 5, 3)
    held, theirs = alike(BatchNormalization(), keras_layers.BatchNormalization(), x)
    held.trainable = theirs.trainable = False
    np.testing.assert_allclose(array(held(x, training=True)), array(theirs(x, training=True)))
    ours, theirs = alike(BatchNormalization(), keras_layers.BatchNormalization(), noise(5, 3))
    x = noise(5, 3)
    np.testing.assert_allclose(array(ours(x, training=True)), array(theirs(x, training=True)))


@pytest.mark.parametrize("call", [{}, {"training": True}])
def test_batch_normalisation_in_half_precision_is_keras_own(call):
    x = noise(4, 6, 5, 3).astype("float16")
    kinds = BatchNormalization, keras_layers.BatchNormalization
    ours, theirs = alike(*(kind(dtype="mixed_float16") for kind in kinds), x)
    np.testing.assert_array_equal(array(ours(x, **call)), array(theirs(x, **call)))


def test_instance_normalisation_is_group_normalisation_of_single_channels():
    x = noise(3, 8, 6, 5)
    ours, theirs = alike(InstanceNormalization(), single_channels(), x)
    np.testing.assert_allclose(array(ours(x)), array(theirs(x)), atol=2e-5)
    assert_alike(slopes(ours, x), slopes(theirs, x))
    again = InstanceNormalization.from_config(ours.get_config() | {"epsilon": 1e-3})
    assert (ours.epsilon, again.epsilon) == (1e-5, 1e-3)


@pytest.mark.parametrize(("mean", "spread"), [(100.0, 1.0), (5.0, 0.01)])
def test_channels_far_from_zero_are_normalised_as_well(mean, spread):
    x = (mean + spread * np.random.default_rng(0).normal(size=(2, 16, 16, 3))).astype("float32")
    exact = x.astype("float64")
    centred = exact - exact.mean((1, 2), keepdims=True)
    expected = centred / np.sqrt((centred**2).mean((1, 2), keepdims=True) + 1e-5)
    np.testing.assert_allclose(array(InstanceNormalization()(x)), expected, atol=2e-3)


def test_instance_normalisation_in_half_precision_counts_in_single():
    x = noise(2, 8, 8, 3).astype("float16")
    ours, theirs = alike(InstanceNormalization(dtype="mixed_float16"), single_channels(), x)
    found = ours(x)
    assert keras.backend.standardize_dtype(found.dtype) == "float16"
    np.testing.assert_allclose(array(found), array(theirs(x.astype("float32"))), atol=1e-2)


def test_a_flat_picture_is_normalised_to_nothing():
    flat = np.full((2, 4, 4, 3), 7.3, "float32")
    layer = InstanceNormalization()
    assert np.abs(array(layer(flat))).max() < 1e-2
    assert np.isfinite(slopes(layer, flat)[0]).all()


@on_tensorflow
def test_the_written_gradient_of_instance_normalisation_has_a_gradient():
    import tensorflow

    x = tensorflow.constant(noise(2, 4, 4, 3))
    pair = alike(InstanceNormalization(), single_channels(), x)

    def penalty_slope(layer):
        with tensorflow.GradientTape() as outer:
            outer.watch(x)
            with tensorflow.GradientTape() as inner:
                inner.watch(x)
                cost = tensorflow.reduce_sum(noise(2, 4, 4, 3, seed=9) * tensorflow.sin(layer(x)))
            penalty = tensorflow.reduce_sum(inner.gradient(cost, x) ** 2)
        return outer.gradient(penalty, x).numpy()

    ours, theirs = map(penalty_slope, pair)
    assert np.abs(theirs).max() > 0.1
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("shape", [(2, 3, 5, 4), (1, 1, 1, 2)])
def test_enlargement_shows_each_pixel_four_times_and_adds_up_their_gradients(shape):
    layer, x = Enlargement(), noise(*shape)
    doubled = x.repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_array_equal(array(layer(x)), doubled)
    assert layer.compute_output_shape((None, None, 5, 4)) == (None, None, 10, 4)
    weigh = noise(*doubled.shape, seed=9)
    number, height, width, channels = shape
    blocks = weigh.reshape(number, height, 2, width, 2, channels)
    slope, _ = gradients(lambda pictures: ops.sum(weigh * layer(pictures)), x)
    np.testing.assert_allclose(slope, blocks.sum((2, 4)), rtol=1e-5, atol=1e-5)


def test_enlargement_takes_pictures_of_any_size():
    inputs = keras.Input((None, None, 2))
    network = keras.Model(inputs, Enlargement()(inputs))
    x = noise(2, 3, 5, 2)
    np.testing.assert_array_equal(array(network(x)), x.repeat(2, axis=1).repeat(2, axis=2))


@on_tensorflow
@pytest.mark.parametrize(
    ("ours", "theirs", "share"),
    [
        (Conv2D(3, 3), keras_layers.Conv2D(3, 3), 0.85),
        (BatchNormalization(), keras_layers.BatchNormalization(), 0.6),
        (InstanceNormalization(), single_channels(), 0.7),
        (Enlargement(), keras_layers.UpSampling2D(2), 0.5),
    ],
)
def test_a_step_through_it_has_fewer_operations(ours, theirs, share):
    def operations(layer):
        import tensorflow

        layer.build((None, 8, 8, 3))

        @tensorflow.function(input_signature=[tensorflow.TensorSpec((2, 8, 8, 3))])
        def step(x):
            with tensorflow.GradientTape() as tape:
                tape.watch(x)
                cost = tensorflow.reduce_sum(layer(x, training=True) ** 2)
            return tape.gradient(cost, [x, *(one.value for one in layer.trainable_variables)])

        return len(step.get_concrete_function().graph.get_operations())

    found, wanted = operations(ours), share * operations(theirs)
    assert found < wanted, (found, wanted)
