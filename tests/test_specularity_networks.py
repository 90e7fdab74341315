"""The networks of system S1: the original's sizes, borders, and what each can and cannot do."""

import keras
import numpy as np
import pytest
from gradients import array, trained

from lib.models.patchgan import build_patchgan
from lib.models.resnet import ReflectionPadding, build_resnet
from lib.models.separation import (
    DARKEST,
    build_correcting_unet,
    build_intensity_network,
    build_layer_network,
)
from lib.models.unet import build_unet

CORRECTING = {
    "unet": build_correcting_unet,
    "intensity": build_intensity_network,
    "resnet": lambda size, width, name="generator": build_resnet(
        size, width, blocks=1, correcting=True, name=name
    ),
}
"""Builders of networks that change nothing before they are trained: (size, width) -> network."""


def pictures(number=2, height=16, width=16, seed=0):
    draws = np.random.default_rng(seed).uniform(-1, 1, (number, height, width, 3))
    return draws.astype(np.float32)


# ---------------------------------------------------------------- the original's sizes


def resnet_parameters(width, blocks):
    """Count them by hand: convolutions without a bias, scale and offset of each normalised one."""
    ends = 2 * 49 * 3 * width
    ways = 2 * 9 * (width * 2 * width + 2 * width * 4 * width)
    normalised = 2 * (2 * (width + 2 * width) + 4 * width)
    convolutions = 2 * 9 * (4 * width) ** 2
    return ends + ways + normalised + blocks * (convolutions + 2 * 2 * 4 * width)


def test_the_residual_generator_has_cycle_gans_size():
    assert build_resnet(256, 64).count_params() == resnet_parameters(64, 9) == 11_383_424
    small = build_resnet(None, 4, blocks=2)
    assert small.count_params() == resnet_parameters(4, 2)
    kernels = sum(isinstance(layer, keras.layers.Conv2D) for layer in small.layers)
    assert kernels == 1 + 2 + 2 * 2 + 1  # and two enlargements


def test_the_critic_has_cycle_gans_size():
    # C64-C128-C256-C512 and a logit, on one picture
    convolutions = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512) + 64 + 1
    count = build_patchgan(256, 64, 3).count_params()
    assert count == convolutions + 2 * (128 + 256 + 512) == 2_765_633  # 2.77 million


def test_the_unet_generator_has_the_size_worked_out_by_hand():
    filters = [64, 128, 256, 512, 512, 512]  # 256 pixels are halved to 4
    down = 16 * sum(a * b for a, b in zip([3, *filters[:-1]], filters, strict=True)) + 64
    into = [512, 1024, 1024, 512, 256, 128]  # a skip doubles what goes in
    out = [512, 512, 256, 128, 64, 64]
    up = 9 * sum(a * b for a, b in zip(into, out, strict=True))
    normalised = 2 * (sum(filters[1:]) + sum(out))
    expected = down + up + normalised + 9 * 64 * 3 + 3
    assert build_unet(256, 64).count_params() == expected


def test_small_networks_have_the_size_worked_out_by_hand():
    # width 4, one halving; each convolution is 3 x 3, and "2 *" is scale and offset
    seen = 9 * 3 * 4 + 4
    down = 9 * 4 * 8 + 2 * 8
    level = 9 * 8 * 8 + 2 * 8
    up = 9 * 8 * 4 + 4
    joined = 9 * 8 * 4 + 4
    last = 9 * 4 * 3 + 3
    expected = seen + down + level + up + joined + last
    for build in (build_correcting_unet, build_layer_network):
        network = build(16, 4, depth=1)
        assert sum(int(np.prod(w.shape)) for w in network.trainable_weights) == expected
    intensity = build_intensity_network(16, 4, depth=1)
    fewer = 2 * 9 * 4 + 4 * 9 * 2 + 2  # one channel in and out in place of three
    count = sum(int(np.prod(w.shape)) for w in intensity.trainable_weights)
    assert count == expected - fewer


def test_filters_double_to_four_times_the_width():
    network = build_correcting_unet(32, 2, depth=4)
    found = [network.get_layer(f"down_{level}_convolution").filters for level in range(1, 5)]
    assert found == [4, 8, 8, 8]


# ---------------------------------------------------------------- borders and sizes


@pytest.mark.parametrize("margin", [1, 3])
def test_reflection_padding_is_numpys(margin):
    x = np.random.default_rng(0).normal(size=(2, 5, 7, 3)).astype(np.float32)
    layer = ReflectionPadding(margin)
    both = (margin, margin)
    expected = np.pad(x, ((0, 0), both, both, (0, 0)), mode="reflect")
    np.testing.assert_array_equal(array(layer(x)), expected)
    assert ReflectionPadding.from_config(layer.get_config()).margin == margin
    symbolic = layer(keras.Input((5, 7, 3)))
    assert symbolic.shape == (None, 5 + 2 * margin, 7 + 2 * margin, 3)


def test_no_border_of_zeros_shows_in_the_residual_generator():
    # One even picture stays even at full resolution; zeros around it would show.
    inputs = keras.Input((12, 12, 3))
    network = build_resnet(12, 2, blocks=1)
    entry = keras.Model(network.input, network.get_layer("entry_convolution").output)
    found = array(entry(np.full((1, 12, 12, 3), 0.7, np.float32)))
    assert np.ptp(found, axis=(1, 2)).max() < 1e-6 < np.abs(found).max()
    padded = keras.layers.Conv2D(2, 7, padding="same", use_bias=False)
    zeros = keras.Model(inputs, padded(inputs))
    padded.set_weights(network.get_layer("entry_convolution").get_weights())
    assert np.ptp(array(zeros(np.full((1, 12, 12, 3), 0.7, np.float32))), axis=(1, 2)).max() > 1e-3


@pytest.mark.parametrize("build", [*CORRECTING.values(), build_layer_network])
def test_one_network_takes_pictures_of_any_size_that_can_be_halved(build):
    free, fixed, x = build(None, 2), build(16, 2), pictures()
    trained(free)
    fixed.set_weights(free.get_weights())
    np.testing.assert_allclose(array(free(x)), array(fixed(x)), atol=1e-6)
    for height, width in ((8, 16), (24, 40)):
        found = array(free(pictures(1, height, width)))
        assert found.shape == (1, height, width, 3) and found.dtype == np.float32
        assert np.isfinite(found).all()


@pytest.mark.parametrize(
    "build", [build_correcting_unet, build_intensity_network, build_layer_network]
)
def test_what_lies_further_off_does_not_matter(build):
    # One halving: a pixel sees 7 to each side at most (1 + 1 + 2 + 1 + 1 + 1). So a picture on a
    # canvas is translated as by itself, but for the pixels that see its border.
    network, x = trained(build(None, 2, depth=1)), pictures(1, 32, 32)
    canvas = pictures(1, 64, 64, seed=1)
    canvas[:, 16:48, 8:40] = x
    alone, within = array(network(x)), array(network(canvas))[:, 16:48, 8:40]
    middle = np.s_[:, 8:-8, 8:-8]
    np.testing.assert_allclose(within[middle], alone[middle], atol=1e-5)
    assert np.abs(within - alone)[:, 0].max() > 1e-3


@pytest.mark.parametrize(
    ("build", "depth", "size"),
    [
        (build_correcting_unet, 3, 20),
        (build_intensity_network, 4, 24),
        (build_layer_network, 3, 8),
        (build_layer_network, 0, 16),
        (lambda size, width, depth: build_resnet(size, width, 1), 2, 18),
        (lambda size, width, depth: build_resnet(size, width, 1), 2, 4),
    ],
)
def test_sizes_that_cannot_be_halved_are_refused(build, depth, size):
    with pytest.raises(ValueError, match=f"size {size} with depth {depth}: expected a depth"):
        build(size, 4, depth=depth)


# ---------------------------------------------------------------- what they do untrained


@pytest.mark.parametrize("name", ["unet", "resnet"])
def test_an_untrained_correcting_network_does_nothing(name):
    network, x = CORRECTING[name](16, 4), pictures()
    for training in (False, True):
        np.testing.assert_array_equal(array(network(x, training=training)), x)
    assert np.abs(array(trained(network)(x)) - x).mean() > 0.01


def test_a_white_correction_is_the_same_in_all_channels():
    network, x = build_correcting_unet(16, 4, white=True), pictures()
    corrections = array(trained(network)(x)) - x
    np.testing.assert_allclose(corrections, corrections[..., :1].repeat(3, -1), atol=1e-6)
    assert np.abs(corrections).mean() > 0.01
    free = array(trained(build_correcting_unet(16, 4))(x)) - x
    assert np.abs(free - free[..., :1]).mean() > 0.01


def test_an_untrained_intensity_network_does_nothing():
    network, x = build_intensity_network(16, 4), pictures()
    x[0, :8] = -1.0  # black, as around cut-outs
    x[1, 0, 0] = np.float32([3, 0, 0]) / 127.5 - 1  # one grey level: too dark to have a colour
    np.testing.assert_allclose(array(network(x)), x, atol=1e-6)


def test_an_untrained_layer_network_finds_no_shine():
    found = array(build_layer_network(16, 4)(pictures()))
    np.testing.assert_array_equal(found, np.zeros_like(found))


def test_a_residual_generator_that_paints_stays_in_range():
    network, x = build_resnet(16, 2, blocks=1), pictures()
    kernel = network.get_layer("output_convolution").kernel
    assert 0 < array(kernel).std() < 0.03  # not at zero, as a correcting one starts
    kernel.assign(1e3 * array(kernel))
    found = array(network(x))
    assert found.min() == pytest.approx(-1) and found.max() == pytest.approx(1)


# ---------------------------------------------------------------- intensity and colour


def light_of(x):
    return (x.astype(np.float64) + 1) / 2


def test_spec_net_keeps_chromaticity():
    network, x = trained(build_intensity_network(16, 4)), pictures()
    before, after = light_of(x), light_of(array(network(x)))
    seen = (before.mean(axis=-1) > 0.05) & (after.mean(axis=-1) > 0.05)
    assert seen.mean() > 0.5
    shares = [x[seen] / x[seen].sum(axis=-1, keepdims=True) for x in (before, after)]
    np.testing.assert_allclose(*shares, atol=1e-5)
    factor = after.sum(axis=-1) / before.sum(axis=-1)
    assert factor[seen].std() > 0.05


def test_spec_net_cannot_see_colour():
    network, x = trained(build_intensity_network(16, 4)), pictures()
    x = 0.3 * x
    shift = np.random.default_rng(2).uniform(-0.3, 0.3, x.shape).astype(np.float32)
    other = x + shift - shift.mean(axis=-1, keepdims=True)  # another colour, the same intensity
    one, two = ((light_of(array(network(y))) / light_of(y)) for y in (x, other))
    np.testing.assert_allclose(one, two, rtol=1e-3)
    assert np.ptp(one, axis=-1).max() < 1e-4  # and one factor for red, green and blue
    assert np.abs(x - other).max() > 0.2 and one.std() > 0.02


def test_spec_net_paints_the_intensity_that_was_asked_for():
    network, x = build_intensity_network(16, 2), pictures(1)
    bias = network.get_layer("spec_net_unet").get_layer("output_convolution").bias
    before = light_of(x).mean(axis=-1)
    bias.assign([0.5])  # a quarter of white more
    found = light_of(array(network(x))).mean(axis=-1)
    assert before.min() > DARKEST
    np.testing.assert_allclose(found, before + 0.25, atol=1e-5)
    bias.assign([-9.0])
    np.testing.assert_allclose(array(network(x)), np.full_like(x, -1.0), atol=1e-6)
