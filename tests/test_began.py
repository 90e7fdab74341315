"""The critic of BEGAN: the original's sizes, and that a picture has to go through its code."""

import keras
import numpy as np
import pytest
from gradients import array, gradients, trained
from keras import ops

from lib.models.began import build_autoencoding_critic, stages_for


def pictures(number, size, seed=0):
    draws = np.random.default_rng(seed).uniform(-1, 1, (number, size, size, 3))
    return draws.astype(np.float32)


@pytest.fixture(scope="module")
def original():
    """Return system S5's critic."""
    return build_autoencoding_critic(108, 64)


@pytest.fixture(scope="module")
def small():
    """Return a critic of 33 pixels, three stages, that has been changed as by training."""
    return trained(build_autoencoding_critic(33, 2, code=5, convolutions=1))


def convolution(before, after):
    return 9 * before * after + after


def parameters(side, width, stages, code, convolutions):
    """Count them by hand, of a critic that halves its picture to `side`."""
    count, before = convolution(3, width), width
    for stage in range(1, stages + 1):
        filters = stage * width
        count += convolution(before, filters) + (convolutions - 1) * convolution(filters, filters)
        count += convolution(filters, filters) if stage < stages else 0  # the one that halves
        before = filters
    count += side**2 * before * code + code + (code + 1) * side**2 * width
    return count + stages * convolutions * convolution(width, width) + convolution(width, 3)


def test_the_critic_has_the_original_size(original):
    assert original.count_params() == parameters(14, 64, 4, 64, 2) == 6_723_459  # 6.72 million


def test_a_small_critic_has_the_size_worked_out_by_hand(small):
    entry = 9 * 3 * 2 + 2
    encoder = (
        (9 * 2 * 2 + 2) + (9 * 2 * 2 + 2) + (9 * 2 * 4 + 4) + (9 * 4 * 4 + 4) + (9 * 4 * 6 + 6)
    )
    code = 9 * 9 * 6 * 5 + 5
    spread = 5 * 9 * 9 * 2 + 9 * 9 * 2
    decoder = 3 * (9 * 2 * 2 + 2)
    redrawn = 9 * 2 * 3 + 3
    total = entry + encoder + code + spread + decoder + redrawn
    assert small.count_params() == total == parameters(9, 2, 3, 5, 1)


def test_the_original_halves_108_pixels_to_14_and_doubles_them_to_112(original):
    shapes = {layer.name: tuple(layer.output.shape[1:]) for layer in original.layers}
    assert shapes["entry_activation"] == (108, 108, 64)
    sides, filters = (108, 54, 27, 14), (64, 128, 192, 256)
    for stage, (side, number) in enumerate(zip(sides, filters, strict=True), 1):
        assert shapes[f"encode_{stage}_1_activation"] == (side, side, number)
        assert shapes[f"encode_{stage}_2_activation"] == (side, side, number)
        assert shapes.get(f"halve_{stage}_activation") == (
            (sides[stage], sides[stage], number) if stage < 4 else None
        )
    assert (shapes["code"], shapes["square"]) == ((64,), (14, 14, 64))
    for stage, side in enumerate((14, 28, 56, 112), 1):
        assert shapes[f"decode_{stage}_1_activation"] == (side, side, 64)
        assert shapes[f"decode_{stage}_2_activation"] == (side, side, 64)
    assert original.get_layer("middle").cropping == ((2, 2), (2, 2))
    assert shapes["redrawn"] == (108, 108, 3)
    bends = [layer for layer in original.layers if isinstance(layer, keras.layers.ELU)]
    assert len(bends) == 1 + 4 * 2 + 3 + 4 * 2
    for name in ("code", "spread", "redrawn"):
        assert original.get_layer(name).activation is keras.activations.linear


def test_there_are_two_stages_fewer_than_halvings_to_one_pixel():
    expected = {16: 2, 31: 2, 32: 3, 63: 3, 64: 4, 108: 4, 127: 4, 128: 5, 256: 6}
    assert {size: stages_for(size) for size in expected} == expected


def test_pictures_too_small_for_two_stages_are_refused():
    for size in (0, 1, 15):
        with pytest.raises(ValueError, match=f"size {size}: expected pictures of 16 pixels or"):
            build_autoencoding_critic(size, 2)


def test_what_doubled_too_far_loses_its_border(small):
    # 33 pixels halve to 17 and 9, and 9 double to 36
    assert small.get_layer("middle").cropping == ((1, 2), (1, 2))
    found = array(small(pictures(2, 33)))
    assert found.shape == (2, 33, 33, 3) and found.dtype == np.float32
    exact = build_autoencoding_critic(32, 2, code=5, convolutions=1)
    assert "middle" not in {layer.name for layer in exact.layers}
    assert exact.output_shape == (None, 32, 32, 3)


def test_it_answers_in_float32_under_mixed_precision(half_precision):
    critic = build_autoencoding_critic(16, 2, code=3, convolutions=1)
    assert critic.get_layer("encode_1_1_convolution").compute_dtype == "float16"
    assert array(critic(pictures(1, 16))).dtype == np.float32


def test_what_it_redraws_follows_from_the_code_alone(small):
    code = keras.Model(small.input, small.get_layer("code").output)
    redraw = keras.Model(small.get_layer("code").output, small.output)
    x = pictures(2, 33)
    codes = array(code(x))
    assert codes.shape == (2, 5) and np.ptp(codes, axis=0).min() > 1e-3
    np.testing.assert_allclose(array(redraw(codes)), array(small(x)), atol=1e-6)


def test_what_it_redraws_is_in_no_fixed_range(small):
    far = keras.Model(small.get_layer("code").output, small.output)(np.full((1, 5), 1e4, "float32"))
    assert np.abs(array(far)).max() > 10


def test_the_picture_and_every_weight_feel_how_badly_it_redraws(small):
    def error(x):
        return ops.mean(ops.abs(small(x, training=True) - x))

    at_inputs, at_weights = gradients(error, pictures(2, 33), small)
    assert np.isfinite(at_inputs).all() and (at_inputs != 0).mean() > 0.99
    assert len(at_weights) == 2 * (1 + 5 + 2 + 3 + 1)
    for weight, gradient in zip(small.trainable_weights, at_weights, strict=True):
        assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0, weight.path
