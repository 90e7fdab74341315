"""Networks: shapes, parameters counted by hand, the patch a logit sees, and numeric types."""

import keras
import numpy as np
import pytest

from lib.models import blocks, patchgan
from lib.models.patchgan import build_patchgan, receptive_field
from lib.models.unet import build_unet


def pictures(number, size, channels=3):
    draws = np.random.default_rng(0).uniform(-1, 1, (number, size, size, channels))
    return draws.astype(np.float32)


def outputs_of(network, inputs):
    return keras.ops.convert_to_numpy(network(inputs, training=False))


def test_unet_parameters_counted_by_hand():
    # 16 px, width 4: 16 -> 8 (4 filters) -> 4 (8 filters) and back
    down_1 = 4 * 4 * 3 * 4 + 4
    down_2 = 4 * 4 * 4 * 8 + 2 * 8
    up_1 = 3 * 3 * 8 * 4 + 2 * 4
    up_0 = 3 * 3 * (4 + 4) * 4 + 2 * 4  # the skip doubles its channels
    output = 3 * 3 * 4 * 3 + 3
    total = down_1 + down_2 + up_1 + up_0 + output
    assert build_unet(16, 4).count_params() == total == 1427


def test_patchgan_parameters_counted_by_hand():
    first = 4 * 4 * 3 * 4 + 4
    second = 4 * 4 * 4 * 8 + 2 * 8
    logits = 4 * 4 * 8 * 1 + 1
    assert build_patchgan(32, 4, 3).count_params() == first + second + logits == 853


def test_pix2pix_critic_has_the_papers_size():
    # C64-C128-C256-C512 and a logit, on a pair of RGB pictures: 2,769,601 with batch norm's biases
    convolutions = 16 * (6 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512) + 64 + 1
    assert build_patchgan(256, 64, 6).count_params() == convolutions + 2 * (128 + 256 + 512)


@pytest.mark.parametrize(("size", "depth"), [(32, 3), (64, 4), (256, 6)])
def test_unet_stops_at_four_pixels_by_default(size, depth):
    network = build_unet(size, 2, channels_in=5, channels_out=1)
    assert network.output_shape == (None, size, size, 1)
    assert network.get_layer(f"down_{depth}_activation").output.shape[1:3] == (4, 4)
    assert f"down_{depth + 1}_activation" not in {layer.name for layer in network.layers}


def test_unet_filters_double_to_eight_times_the_width():
    network = build_unet(64, 2, depth=5)
    filters = [network.get_layer(f"down_{level}_convolution").filters for level in range(1, 6)]
    assert filters == [2, 4, 8, 16, 16]


@pytest.mark.parametrize(("size", "depth"), [(48, 5), (32, 5), (32, 0), (30, 2)])
def test_unet_refuses_a_size_that_cannot_be_halved(size, depth):
    with pytest.raises(ValueError, match=f"size {size} with depth {depth}: expected"):
        build_unet(size, 2, depth=depth)


def test_patchgan_refuses_a_size_that_cannot_be_halved():
    with pytest.raises(ValueError, match="size 100: expected a multiple of 8"):
        build_patchgan(100, 2, 3, depth=3)


@pytest.mark.parametrize(("size", "side", "logits"), [(32, 16, 16), (64, 34, 16), (128, 70, 16)])
def test_a_logit_sees_exactly_its_patch(monkeypatch, size, side, logits):
    # statistics reach over the whole picture, so normalisation steps aside here
    monkeypatch.setattr(blocks, "instance_normalization", lambda x, name: x)
    network = build_patchgan(size, 2, channels_in=1)
    plain = np.repeat(pictures(1, size, 1), size, axis=0)
    changed = plain.copy()
    for column in range(size):  # in picture number c of the batch, column c is another one
        changed[column, :, column] += 10.0
    middle = logits // 2
    difference = (outputs_of(network, changed) - outputs_of(network, plain))[:, middle, middle, 0]
    seen = np.flatnonzero(difference)
    assert network.output_shape == (None, logits, logits, 1)
    assert len(seen) == side == receptive_field(min(patchgan.DEEPEST, size.bit_length() - 5))
    assert seen[-1] - seen[0] == side - 1


@pytest.mark.parametrize("build", [build_unet, lambda size, width: build_patchgan(size, width, 3)])
def test_a_picture_does_not_depend_on_its_batch(build):
    network, batch = build(32, 4), pictures(3, 32)
    np.testing.assert_allclose(
        outputs_of(network, batch)[:1], outputs_of(network, batch[:1]), atol=1e-5
    )


def test_instance_normalization_is_numpys():
    inputs = keras.Input((8, 8, 2))
    network = keras.Model(inputs, blocks.instance_normalization(inputs, "normal"))
    batch = 5 + 3 * pictures(2, 8, 2)
    mean, deviation = batch.mean((1, 2), keepdims=True), batch.std((1, 2), keepdims=True)
    np.testing.assert_allclose(outputs_of(network, batch), (batch - mean) / deviation, atol=1e-4)


def test_upsampling_leaves_no_checkerboard():
    inputs = keras.Input((4, 4, 1))
    network = keras.Model(inputs, blocks.upsample(inputs, 1, "up"))
    network.get_layer("up_convolution").set_weights([np.ones((3, 3, 1, 1), np.float32)])
    linear = keras.Model(inputs, network.get_layer("up_convolution").output)
    inside = outputs_of(linear, np.ones((1, 4, 4, 1), np.float32))[0, 1:-1, 1:-1]
    assert inside.shape == (6, 6, 1)
    assert np.all(inside == 9)


def test_every_leaky_relu_states_the_slope():
    layers = [*build_unet(32, 2).layers, *build_patchgan(32, 2, 3).layers]
    slopes = [x.negative_slope for x in layers if isinstance(x, keras.layers.LeakyReLU)]
    assert slopes == [pytest.approx(0.2)] * (3 + 2)


def test_mixed_precision_keeps_weights_and_results_in_float32(half_precision):
    for network in (build_unet(16, 4), build_patchgan(16, 4, 3)):
        assert {variable.dtype for variable in network.weights} == {"float32"}
        assert network.get_layer("down_1_convolution").compute_dtype == "float16"
        result = outputs_of(network, pictures(1, 16))
        assert result.dtype == np.float32
        assert np.isfinite(result).all()


def test_pictures_come_out_in_minus_one_to_one():
    network = build_unet(16, 4)
    network.get_layer("output_convolution").set_weights(
        [np.zeros((3, 3, 4, 3), np.float32), np.array([-99, 0, 99], np.float32)]
    )
    result = outputs_of(network, pictures(1, 16))
    assert np.all(result == [-1, 0, 1])


def test_weights_are_named_after_their_network():
    network = build_unet(16, 4, name="painter")
    assert network.name == "painter"
    assert network.get_layer("down_2_convolution").kernel.path.startswith("down_2_convolution")
