"""The translators of system S5 as published: their sizes, and what they do before training."""

import keras
import numpy as np
import pytest
from gradients import array, trained

from lib.models.domain_translator import build_domain_translator


def noise(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


# ---------------------------------------------------------------- system S5's own: sizes


@pytest.fixture(scope="module")
def original():
    """Return S5's translators: render to photo and back."""
    there = build_domain_translator(108, 32, skips=True, dropout=0.1)
    return {"there": there, "back": build_domain_translator(108, 32)}


def test_the_translators_have_the_original_sizes(original):
    ends = 49 * 3 * 32 + 49 * 32 * 3
    ways = 2 * 9 * (32 * 64 + 64 * 128)
    blocks = 3 * (2 * 9 * 128 * 128 + 2 * 2 * 128)  # two kernels, two scales, two offsets
    assert original["back"].count_params() == ends + ways + blocks == 1_080_000
    handed_across = 9 * 64 * 32 + 49 * 32 * 3  # seen by the last two layers
    expected = ends + ways + blocks + handed_across
    assert original["there"].count_params() == expected == 1_103_136


def test_only_the_blocks_are_normalised_and_only_on_the_way_there_drop(original):
    for name, network in original.items():
        kinds = {layer.name: type(layer).__name__ for layer in network.layers}
        normalised = [key for key, kind in kinds.items() if kind == "InstanceNormalization"]
        expected = [f"block_{n}_{part}_normalization" for n in (1, 2, 3) for part in (1, 2)]
        assert normalised == expected
        dropping = [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
        assert [layer.rate for layer in dropping] == ([0.1] * 3 if name == "there" else [])
        assert ("skip_0" in kinds) == ("skip_1" in kinds) == (name == "there")
        assert not any(getattr(layer, "use_bias", False) for layer in network.layers)


def test_the_translators_halve_108_pixels_to_27_and_double_them(original):
    for network in original.values():
        names = ("entry_activation", "down_1_convolution", "down_2_convolution", "block_3_sum")
        names += ("up_1_activation", "up_0_activation")
        found = [tuple(network.get_layer(name).output.shape[1:]) for name in names]
        assert [shape[:2] for shape in found] == [(n, n) for n in (108, 54, 27, 27, 54, 108)]
        assert [shape[2] for shape in found] == [32, 64, 128, 128, 64, 32]
        assert network.output_shape == (None, 108, 108, 3)


# ---------------------------------------------------------------- system S5's own: what they do


@pytest.fixture(scope="module")
def dropping():
    """Return a small translator that drops a quarter in its two blocks, for any size."""
    options = {"blocks": 2, "skips": True, "dropout": 0.25}
    return trained(build_domain_translator(None, 2, **options))


def test_nothing_is_dropped_outside_of_training(dropping):
    whole = build_domain_translator(None, 2, blocks=2, skips=True)
    whole.set_weights([array(weight) for weight in dropping.trainable_weights])
    x = noise(1, 12, 12, 3)
    np.testing.assert_array_equal(array(dropping(x)), array(whole(x)))
    first, second = (array(dropping(x, training=True)) for _ in range(2))
    assert np.abs(first - array(whole(x))).max() > 1e-3
    assert np.abs(first - second).max() > 1e-3


def test_each_block_drops_its_share_in_places_of_its_own(dropping):
    blocks = [dropping.get_layer(f"block_{number}_dropout").output for number in (1, 2)]
    found = keras.Model(dropping.input, blocks)(noise(2, 32, 32, 3), training=True)
    first, second = (array(block) == 0 for block in found)
    for dropped in (first, second):
        assert dropped.mean() == pytest.approx(0.25, abs=0.06)  # of 1,024 numbers
    assert (first & second).mean() == pytest.approx(0.25**2, abs=0.04)


@pytest.mark.parametrize(("height", "width"), [(108, 108), (8, 8), (12, 20)])
def test_one_translator_takes_pictures_of_any_size_that_can_be_halved_twice(
    dropping, height, width
):
    found = array(dropping(noise(1, height, width, 3)))
    assert found.shape == (1, height, width, 3) and found.dtype == np.float32
    assert found.std() > 0.01 and np.abs(found).max() <= 1


def test_sizes_that_cannot_be_halved_twice_are_refused():
    for size in (4, 18, 110):
        with pytest.raises(ValueError, match=f"size {size} with depth 2: expected a depth"):
            build_domain_translator(size, 2)


def test_a_painting_translator_stays_in_range_and_begins_small(dropping):
    kernels = {
        layer.name: array(layer.kernel).std()
        for layer in build_domain_translator(12, 4, blocks=1).layers
        if isinstance(layer, keras.layers.Conv2D)
    }
    assert len(kernels) == 6 and all(0.017 < size < 0.023 for size in kernels.values())
    last = dropping.get_layer("output_convolution").kernel
    before = array(last)
    last.assign(1e4 * before)
    found = array(dropping(noise(1, 12, 12, 3)))
    last.assign(before)
    assert found.min() == pytest.approx(-1) and found.max() == pytest.approx(1)
