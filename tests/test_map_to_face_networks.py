"""The networks of system S4: the original's sizes, and what each can and cannot do."""

import itertools

import keras
import numpy as np
import pytest
from map_to_face_models import array, trained

from lib.gans.map_to_face.batches import channels_of, numbers_of
from lib.models.map_unet import build_map_unet
from lib.models.modulated import build_modulated_generator, modulate
from lib.models.parsing import build_parsing_network
from lib.models.patchgan import build_patchgan
from lib.models.redrawing_critic import build_redrawing_critic

CHANNELS, NUMBERS = channels_of("groups"), numbers_of("groups")
GENERATORS = {"bottleneck": build_map_unet, "modulated": build_modulated_generator}


def noise(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def trainable(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


# ---------------------------------------------------------------- the original's sizes


def test_the_generator_has_the_size_of_s4s():
    down = [32, 64, 128, 256, 256, 256, 256, 256]  # 256 pixels are halved to one
    up = [256, 256, 256, 256, 128, 64, 32]
    kernels = [a * b for a, b in itertools.pairwise([CHANNELS, *down])]
    assert (CHANNELS, NUMBERS, down[-1] + NUMBERS) == (10, 149, 405)
    into = [405, *(2 * filters for filters in up)]  # a skip doubles what goes in
    kernels += [a * b for a, b in zip(into, [*up, 3], strict=True)]
    normalised = 2 * (sum(down[1:]) + sum(up))
    network = build_map_unet(256, 32, CHANNELS, NUMBERS)
    assert trainable(network) == 16 * sum(kernels) + normalised == 14_222_656
    assert network.count_params() == trainable(network) + normalised  # moving averages
    dropping = [layer.name for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    assert dropping == ["up_7_dropout", "up_6_dropout", "up_5_dropout"]
    assert network.get_layer("bottleneck").output.shape == (None, 1, 1, 405)


def test_the_critic_sees_ten_channels_as_s4s():
    convolutions = 16 * (10 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512) + 64 + 1
    critic = build_patchgan(256, 64, CHANNELS)
    assert critic.count_params() == convolutions + 2 * (128 + 256 + 512) == 2_772_801


def test_the_redrawing_critic_has_the_size_worked_out_by_hand():
    convolutions = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 256) + 64
    normalised = 2 * (128 + 256 + 256)
    drawn, judged = 9 * 256 * 3 + 3, 9 * 3 + 1
    critic = build_redrawing_critic(256, 64)
    assert critic.count_params() == convolutions + normalised + drawn + judged + 32 * 32 + 1
    assert [output.shape for output in critic.outputs] == [(None, 32, 32, 3), (None, 1)]


@pytest.mark.parametrize("size", [8, 64])
def test_the_modulated_generator_has_the_size_worked_out_by_hand(size):
    width, filters = 4, [4, 8, 16, 32, 32][: size.bit_length() - 2]  # from full size to 4 x 4
    count = NUMBERS * 16 * filters[-1] + 16 * filters[-1]
    narrower = [filters[0], *filters[:-1]]
    for before, after in zip(filters, narrower, strict=True):
        count += 9 * CHANNELS * width + width  # what the map says
        count += 9 * width * 2 * before + 2 * before  # scales and offsets
        count += 9 * before * after + after + before * after * (before != after)
    count += 9 * width * 3 + 3
    assert trainable(build_modulated_generator(size, width, CHANNELS, NUMBERS)) == count


def test_the_parsing_network_has_the_size_worked_out_by_hand():
    filters = [8, 16, 32, 32, 32]
    count = 9 * 3 * 8 + 2 * 8
    for before, after in itertools.pairwise(filters):
        count += 9 * (before * after + after * after) + 4 * after  # halved; looked at again
        count += after * before + 9 * 2 * before * before + 4 * before  # enlarged; joined
    assert trainable(build_parsing_network(None, 8)) == count + 9 * 8 * 19 + 19


def test_the_finer_account_has_eighteen_parts_and_a_slope():
    assert (channels_of("parts"), numbers_of("parts")) == (18 + 3, 18 * 3 + 2 * 3 + 128)


# ---------------------------------------------------------------- sizes of pictures


@pytest.mark.parametrize("size", [8, 64])
@pytest.mark.parametrize("name", GENERATORS)
def test_generators_paint_pictures_of_their_size(name, size):
    network = GENERATORS[name](size, 2, CHANNELS, NUMBERS)
    assert network.output_shape == (None, size, size, 3)
    assert [tensor.shape for tensor in network.inputs] == [(None, size, size, 10), (None, 149)]


@pytest.mark.parametrize("name", GENERATORS)
def test_generators_do_without_numbers_and_with_other_channels(name):
    network = trained(GENERATORS[name](8, 2, channels_in=4, numbers=0))
    found = array(network(noise(2, 8, 8, 4)))
    assert found.shape == (2, 8, 8, 3) and found.dtype == np.float32 and found.std() > 0.01


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("size", [0, 4, 12, 24, 40, 48])
def test_generators_refuse_other_sizes_in_a_line(name, size):
    with pytest.raises(ValueError, match=r"^(found )?size \d+.*expected") as caught:
        GENERATORS[name](size, 2)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("build", "size"), [(build_redrawing_critic, 8),
                                             (build_redrawing_critic, 20),
                                             (build_parsing_network, 16),
                                             (build_parsing_network, 40)])  # fmt: skip
def test_sizes_that_cannot_be_halved_are_refused(build, size):
    with pytest.raises(ValueError, match=f"size {size} with depth"):
        build(size, 2)


def test_one_parsing_network_takes_pictures_of_any_size():
    network = trained(build_parsing_network(None, 2))
    for height, width in ((16, 16), (32, 48)):
        found = array(network(noise(2, height, width, 3)))
        assert found.shape == (2, height, width, 19) and found.dtype == np.float32
        assert found.std() > 0.01


# ---------------------------------------------------------------- what they do


@pytest.mark.parametrize("name", GENERATORS)
def test_colours_and_face_id_reach_the_picture(name):
    network = trained(GENERATORS[name](8, 2))
    x, vector = noise(2, 8, 8, 10), noise(2, 149, seed=1)
    before = array(network([x, vector]))
    for first, last in ((0, 21), (21, 149)):
        other = vector.copy()
        other[:, first:last] *= -1
        assert np.abs(array(network([x, other])) - before).max() > 1e-3


def test_a_bottleneck_generator_keeps_in_range_and_begins_small():
    network, x = build_map_unet(8, 2), [noise(2, 8, 8, 10), noise(2, 149)]
    assert np.abs(array(network(x))).max() < 0.2
    last = network.get_layer("output_convolution").kernel
    assert 0 < array(last).std() < 0.04
    last.assign(1e4 * array(last))
    found = array(network(x))
    assert found.min() == pytest.approx(-1) and found.max() == pytest.approx(1)


def test_an_untrained_modulated_generator_returns_the_colour_map_exactly():
    network = build_modulated_generator(8, 2)
    x, vector = noise(2, 8, 8, 10), noise(2, 149)
    for training in (False, True):
        found = array(network([x, vector], training=training))
        np.testing.assert_array_equal(found, x[..., -3:])
    assert np.abs(array(trained(network)([x, vector])) - x[..., -3:]).mean() > 0.01


def test_modulation_scales_and_shifts_each_pixel_by_what_the_map_has_there():
    x, seen = keras.Input((4, 4, 2)), keras.Input((4, 4, 1))
    network = keras.Model([x, seen], modulate(x, seen, "one"))
    kernel = np.zeros((3, 3, 1, 4), np.float32)
    kernel[1, 1, 0] = 0.5, -1, 2, 3  # scales of two channels, then their offsets
    network.get_layer("one_convolution").kernel.assign(kernel)
    pictures, maps = noise(2, 4, 4, 2), noise(2, 4, 4, 1, seed=1)
    normal = pictures / np.sqrt(1 + 1e-3)  # moving mean 0 and variance 1
    expected = normal * (1 + maps * [0.5, -1]) + maps * [2, 3]
    np.testing.assert_allclose(array(network([pictures, maps])), expected, atol=1e-5)
    found = array(network([pictures, 0 * maps], training=True))
    np.testing.assert_allclose(found.mean(axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(found.std(axis=(0, 1, 2)), 1, atol=1e-2)


def test_the_redrawing_critic_judges_by_what_it_drew():
    critic = trained(build_redrawing_critic(16, 2))
    drawn, logit = (array(output) for output in critic(noise(2, 16, 16, 3)))
    assert drawn.shape == (2, 2, 2, 3) and np.abs(drawn).max() <= 1 and logit.shape == (2, 1)
    from_drawn = keras.Model(critic.get_layer("drawn").output, critic.outputs[1])
    np.testing.assert_allclose(array(from_drawn(drawn)), logit, atol=1e-6)
