"""The networks of systems S2 and S3: the originals' sizes, and their layers against known facts."""

import keras
import numpy as np
import pytest
from keras import ops

from lib.models import blocks
from lib.models.dilated_editor import DILATIONS, build_dilated_editor
from lib.models.dilation import DilatedConvolution
from lib.models.enlargement import EnlargedConvolution
from lib.models.normalization import BatchInstanceNormalization
from lib.models.patchgan import build_patchgan
from lib.models.segmentation_unet import build_segmentation_unet
from lib.models.strided_unet import build_strided_unet


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(0.3, 1.7, shape).astype(np.float32)


def array(tensor):
    return np.array(ops.convert_to_numpy(tensor))


def trainable(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


# System S2 at 128 pixels and width 32, counted from its layer table: 3 x 3 convolutions without a
# bias, rho, scale and offset for every channel normalised.
MASK_G = 9 * (3 * 32 + 32 * 64 + 64 * 128 + 128 * 256 + 256 * 256) + 9 * (
    256 * 256 + 512 * 128 + 256 * 64 + 128 * 32 + 64 * 3
)
FACE_G = MASK_G + 9 * (256 * 256 + 512 * 256)


def test_the_mask_network_of_s2_has_its_originals_size():
    count = trainable(build_strided_unet(128, 32, depth=5))
    assert count == MASK_G + 3 * (64 + 128 + 256 + 256) == 2_345_568  # 2.35 million


def test_the_face_network_of_s2_has_its_originals_size():
    count = trainable(build_strided_unet(128, 32, depth=6, dropout=0.5))
    assert count == FACE_G + 3 * (64 + 128 + 256 + 256 + 256) == 4_115_808  # 4.12 million


def test_the_critics_have_their_originals_sizes():
    # instance normalisation has two numbers a channel where S2's has three and S3's four
    assert build_patchgan(128, 32, 6).count_params() == pytest.approx(0.70e6, abs=5e3)
    assert build_patchgan(128, 64, 7).count_params() == pytest.approx(2.77e6, abs=5e3)


def test_the_map_network_of_s3_has_its_originals_size():
    count = build_segmentation_unet(128, 64, depth=4, channels_in=1).count_params()
    assert count == 34_535_813  # 34.5 million


def test_the_editor_of_s3_has_its_originals_size():
    without = build_dilated_editor(128, 64, excitation=False).count_params()
    assert without == 3_256_731  # 3.26 million
    excitations = [(64, 4), (128, 8), (256, 16)]
    more = sum(2 * channels * hidden + channels + hidden for channels, hidden in excitations)
    assert build_dilated_editor(128, 64).count_params() == without + more


def test_the_dilated_convolutions_are_as_wide_as_stated():
    network = build_dilated_editor(16, 2)
    found = [network.get_layer(f"dilated_{step}_convolution").dilation_rate for step in DILATIONS]
    assert found == [(2, 2), (4, 4), (8, 8), (16, 16)]
    assert 1 + 2 * sum(DILATIONS) == 61


@pytest.mark.parametrize(
    ("shape", "taps", "dilation"),
    [
        ((2, 8, 8, 3), 3, 16),
        ((2, 8, 8, 3), 3, 8),
        ((2, 8, 8, 3), 3, 7),
        ((2, 9, 4, 3), 3, 4),  # too far across, not down
        ((2, 9, 9, 3), 5, 4),
        ((2, 7, 7, 3), 5, 5),  # the outermost taps of five are too far
        ((1, 1, 1, 3), 3, 1),
        ((2, 6, 6, 3), 3, 1),
    ],
)
def test_taps_beyond_the_picture_are_left_out_and_nothing_changes(shape, taps, dilation):
    ours = DilatedConvolution(2, taps, dilation_rate=dilation)
    keras_own = keras.layers.Conv2D(2, taps, padding="same", dilation_rate=dilation)
    x = noise(*shape)
    ours.build(shape), keras_own.build(shape)
    keras_own.set_weights([noise(*weight.shape, seed=1) for weight in ours.weights])
    ours.set_weights(keras_own.get_weights())
    np.testing.assert_allclose(array(ours(x)), array(keras_own(x)), atol=1e-5)
    again = DilatedConvolution.from_config(ours.get_config())
    assert again.dilation_rate == (dilation, dilation)


def test_only_taps_that_meet_the_picture_are_computed_and_learn():
    layer, x = DilatedConvolution(1, 3, dilation_rate=4, use_bias=False), noise(1, 4, 4, 2)
    layer.build(x.shape)
    alone = keras.layers.Conv2D(1, 1, use_bias=False)
    alone.build(x.shape)
    alone.set_weights([layer.get_weights()[0][1:2, 1:2]])
    np.testing.assert_allclose(array(layer(x)), array(alone(x)), atol=1e-6)
    unknown = keras.Sequential([keras.Input((None, None, 2)), layer])
    wide = noise(1, 9, 9, 2)  # where the size is not known beforehand, all are
    reference = keras.layers.Conv2D(1, 3, padding="same", dilation_rate=4, use_bias=False)
    reference.build(wide.shape)
    reference.set_weights(layer.get_weights())
    np.testing.assert_allclose(array(unknown(wide)), array(reference(wide)), atol=1e-5)


@pytest.mark.parametrize("size", [32, 48])
def test_outputs_have_the_pictures_size_and_range(size):
    for network in (build_strided_unet(size, 2, 3), build_dilated_editor(size, 2, channels_in=3)):
        found = array(network(noise(2, size, size, 3)))
        assert found.shape == (2, size, size, 3) and found.dtype == np.float32
        assert np.abs(found).max() <= 1
    assert build_segmentation_unet(size, 2).output_shape == (None, size, size, 1)


@pytest.mark.parametrize(
    ("build", "depth", "size"),
    [
        (build_strided_unet, 5, 48),
        (build_segmentation_unet, 4, 24),
        (build_dilated_editor, 2, 8),
        (build_dilated_editor, 0, 64),
    ],
)
def test_sizes_that_cannot_be_halved_are_refused(build, depth, size):
    with pytest.raises(ValueError, match=f"size {size} with depth {depth}: expected a depth"):
        build(size, 4, depth=depth)


@pytest.mark.parametrize("shape", [(2, 5, 3, 4), (1, 1, 1, 2)])
def test_an_enlarged_convolution_is_enlargement_then_convolution(shape):
    layer, x = EnlargedConvolution(3), noise(*shape)
    found = array(layer(x))
    layer.bias.assign(noise(3, seed=1))
    moved = array(layer(x))
    doubled = x.repeat(2, axis=1).repeat(2, axis=2)
    expected = array(ops.conv(doubled, layer.kernel, padding="same"))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(moved, expected + array(layer.bias), atol=1e-5)
    again = EnlargedConvolution.from_config(layer.get_config())
    assert (again.filters, again.use_bias) == (3, True)


def test_an_enlarged_convolution_leaves_no_checkerboard():
    x = np.ones((1, 8, 8, 5), np.float32)
    ours = array(EnlargedConvolution(1)(x))[0, 2:-2, 2:-2, 0]
    transposed = array(keras.layers.Conv2DTranspose(1, 3, 2, padding="same")(x))[0, 2:-2, 2:-2, 0]
    assert np.ptp(ours) < 1e-6 < 1e-2 < np.ptp(transposed)


def test_batch_instance_normalisation_begins_as_batch_normalisation():
    x = noise(4, 6, 5, 3)
    ours, theirs = (
        BatchInstanceNormalization(),
        keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
    )
    np.testing.assert_allclose(
        array(ours(x, training=True)), array(theirs(x, training=True)), atol=1e-5
    )
    np.testing.assert_allclose(array(ours.moving_mean), array(theirs.moving_mean), atol=1e-5)
    np.testing.assert_allclose(array(ours(x)), array(theirs(x, training=False)), atol=1e-4)


def test_with_rho_zero_it_is_instance_normalisation():
    x, layer = noise(4, 6, 5, 3), BatchInstanceNormalization()
    layer.build(x.shape)
    layer.rho.assign(np.zeros(3))
    expected = array(keras.layers.GroupNormalization(groups=-1, epsilon=1e-5)(x))
    np.testing.assert_allclose(array(layer(x, training=True)), expected, atol=1e-5)
    np.testing.assert_allclose(array(layer(x, training=False)), expected, atol=1e-5)
    layer.rho.assign(np.full(3, 0.25))
    batch = array(keras.layers.BatchNormalization(epsilon=1e-5)(x, training=True))
    mixed = 0.25 * batch + 0.75 * expected
    np.testing.assert_allclose(array(layer(x, training=True)), mixed, atol=1e-5)


def test_a_trained_network_does_not_look_at_a_pictures_neighbours():
    network, x = build_strided_unet(32, 2, 3), noise(4, 32, 32, 3)
    network(x, training=True)
    alone = array(network(x[:1], training=False))
    np.testing.assert_allclose(array(network(x, training=False))[:1], alone, atol=1e-6)


def test_rho_stays_between_zero_and_one():
    layer, x = BatchInstanceNormalization(), noise(8, 4, 4, 2)
    model = keras.Sequential([keras.Input((4, 4, 2)), layer])
    model.compile(keras.optimizers.SGD(1e4), loss="mse")
    for target in (x, -3 * x, 5 * x):
        model.train_on_batch(x, target)
        assert array(layer.rho).min() >= 0 and array(layer.rho).max() <= 1


def test_excitation_multiplies_each_channel_by_one_number():
    inputs = keras.Input((4, 4, 8))
    network = keras.Model(inputs, blocks.squeeze_and_excite(inputs, "se"))
    x = np.abs(noise(2, 4, 4, 8)) + 0.1
    factors = array(network(x)) / x
    assert np.ptp(factors, axis=(1, 2)).max() < 1e-6
    assert factors.min() > 0 and factors.max() < 1
    assert network.get_layer("se_hidden").units == 4  # 8 / 16 would be none
