"""The lab's own translators of system S5, which know where a face ends and what surrounds it."""

import itertools

import numpy as np
import pytest
import scipy.ndimage
from gradients import array, gradients, trained
from keras import ops

from lib import images
from lib.models.surround import (
    Blackened,
    Face,
    Spread,
    build_baring_unet,
    build_surrounding_unet,
)

SIZE = 32
UNETS = {"surrounding": build_surrounding_unet, "baring": build_baring_unet}


def noise(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def renders(number=3, height=SIZE, width=SIZE, seed=0):
    """Return uint8 pictures of blobs on black, noise with a hole of four pixels."""
    generator = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width]
    found = generator.integers(1, 256, (number, height, width, 3), dtype=np.uint8)
    for picture in found:
        row, column = generator.uniform(0.3, 0.6, 2) * (height, width)
        away = np.hypot((rows - row) / height, (columns - column) / width)
        picture[away > generator.uniform(0.2, 0.35)] = 0
        picture[int(row) : int(row) + 2, int(column) : int(column) + 2] = 0
    return found


def face_by_hand(pictures):
    """Return where the face is, without its outermost pixels, bool (N, H, W)."""
    shape = np.ones((1, 3, 3), bool)
    return scipy.ndimage.binary_erosion(pictures.max(axis=-1) > 0, shape, border_value=1)


def spread(x):
    """Return a face with its colours spread over the ground."""
    return array(Spread()(x, Face()(x)))


@pytest.fixture(scope="module")
def untrained():
    """Return the two U-Nets, for pictures of any size."""
    return {name: build(None, 2) for name, build in UNETS.items()}


@pytest.fixture(params=UNETS)
def changed(untrained, request):
    """Return each U-Net's name, and the U-Net for one test as training would leave it."""
    network = untrained[request.param]
    before = network.get_weights()
    yield request.param, trained(network)
    network.set_weights(before)


# ---------------------------------------------------------------- where the face ends


def test_a_faces_outermost_pixels_count_as_ground_but_not_at_the_border():
    pictures = renders()
    pictures[0, :, :5] = 200  # reaches the picture's border, which is no end of the face
    found = array(Face()(images.to_network(pictures)))
    expected = face_by_hand(pictures)
    np.testing.assert_array_equal(found[..., 0], expected)
    assert expected[0, :, 0].all() and 0.05 < expected[1:].mean() < 0.5


def test_spreading_leaves_the_face_as_it_is():
    pictures = renders()
    face, found = face_by_hand(pictures), spread(images.to_network(pictures))
    np.testing.assert_allclose(found[face], images.to_network(pictures)[face], atol=2e-7)
    np.testing.assert_array_equal(images.to_picture(found)[face], pictures[face])


def test_what_surrounds_a_face_is_a_mixture_of_its_colours():
    pictures = renders(6)
    pictures[0] = 0
    pictures[0, 9:12, 20:23] = (3, 90, 250)  # one pixel of face is left of these nine
    face = face_by_hand(pictures)
    assert face[0].sum() == 1
    found = spread(images.to_network(pictures))
    for picture, where, around in zip(images.to_network(pictures), face, found, strict=True):
        lowest, highest = picture[where].min(axis=0), picture[where].max(axis=0)
        assert (around >= lowest - 1e-6).all() and (around <= highest + 1e-6).all()


def test_a_face_of_one_colour_gives_that_colour_everywhere():
    pictures, colour = renders(4), np.uint8([250, 120, 7])
    pictures[pictures.max(axis=-1) > 0] = colour
    found = spread(images.to_network(pictures))
    expected = np.broadcast_to(images.to_network(colour), found.shape)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("height, width", [(108, 108), (33, 50)])  # system S5's, and any other
def test_sides_that_cannot_be_halved_so_often_will_do(height, width):
    pictures = renders(2, height, width)
    face, found = face_by_hand(pictures), spread(images.to_network(pictures))
    np.testing.assert_array_equal(images.to_picture(found)[face], pictures[face])
    pictures[pictures.max(axis=-1) > 0] = np.uint8([250, 120, 7])
    colour = images.to_network(np.uint8([250, 120, 7]))
    same = spread(images.to_network(pictures))
    np.testing.assert_allclose(same, np.broadcast_to(colour, same.shape), atol=1e-6)


def test_colours_reach_the_ground_beside_them_first():
    picture = np.zeros((1, SIZE, SIZE, 3), np.uint8)
    picture[:, 8:24, 8:16], picture[:, 8:24, 16:24] = (200, 10, 10), (10, 10, 200)
    found = spread(images.to_network(picture))[0, 12:20]
    red, blue = found[..., 0], found[..., 2]
    assert (red - blue)[:, 7].min() > 0.9 and (blue - red)[:, -8].min() > 0.9
    assert (np.diff(red - blue)[:, :7] > 0).all() and (np.diff(red - blue)[:, -7:] > 0).all()


def test_a_mirrored_face_has_mirrored_surroundings():
    x = images.to_network(renders())
    expected = spread(x)
    for mirror in (np.s_[:, :, ::-1], np.s_[:, ::-1]):
        found = spread(x[mirror])
        np.testing.assert_allclose(found, expected[mirror], atol=1e-6)


def test_a_picture_without_a_face_stays_black_and_one_without_ground_as_it_is():
    black = np.full((1, SIZE, SIZE, 3), -1, np.float32)
    np.testing.assert_array_equal(spread(black), black)
    full = noise(1, SIZE, SIZE, 3)
    np.testing.assert_allclose(spread(full), full, atol=2e-7)


def test_the_surroundings_know_no_other_picture_and_no_direction():
    x = images.to_network(renders(2, 32, 48))
    together = spread(x)
    np.testing.assert_allclose(together[1:], spread(x[1:]), atol=1e-6)
    turned = x.transpose(0, 2, 1, 3)
    expected = together.transpose(0, 2, 1, 3)
    np.testing.assert_allclose(spread(turned), expected, atol=1e-6)


# ---------------------------------------------------------------- there and back


def test_an_untrained_surrounding_unet_answers_with_the_face_and_its_colours_spread(untrained):
    x = images.to_network(renders())
    for training in (False, True):
        found = array(untrained["surrounding"](x, training=training))
        np.testing.assert_array_equal(found, spread(x))
        assert found.dtype == np.float32


def test_an_untrained_baring_unet_halves_the_light(untrained):
    x = noise(2, SIZE, SIZE, 3)
    for training in (False, True):
        found = array(untrained["baring"](x, training=training))
        assert found.dtype == np.float32
        np.testing.assert_allclose((found + 1) / 2, (x + 1) / 4, atol=1e-7)


def test_what_is_not_wanted_becomes_black_and_what_is_stays():
    x, logits = noise(1, 2, 2, 3), np.float32([-50, -1, 1, 50]).reshape(1, 2, 2, 1)
    found = array(Blackened()(x, logits))
    np.testing.assert_array_equal(found[0, 0, 0], -1)
    np.testing.assert_allclose(found[0, 1, 1], x[0, 1, 1], atol=1e-6)
    np.testing.assert_allclose(found, (x + 1) / (1 + np.exp(-logits)) - 1, atol=1e-6)


def test_a_trained_unet_does_something_in_every_size(changed):
    name, network = changed
    for height, width in ((32, 32), (32, 48)):
        x = images.to_network(renders(1, height, width))
        begun = {"surrounding": spread(x), "baring": (x - 1) / 2}[name]
        found = array(network(x))
        assert found.shape == x.shape and np.isfinite(found).all()
        assert np.abs(found - begun).mean() > 0.01


def test_sizes_that_cannot_be_halved_four_times_are_refused():
    for build, size in itertools.product(UNETS.values(), (16, 24, 40)):
        with pytest.raises(ValueError, match=f"size {size} with depth 4: expected a depth"):
            build(size, 2)


def test_gradients_are_finite_and_reach_every_weight(changed):
    _, network = changed
    pictures = images.to_network(renders(3))
    pictures[0] = -1  # all black
    toward = noise(3, SIZE, SIZE, 3)

    def error(x):
        return ops.mean(ops.square(network(x, training=True) - toward))

    at_inputs, at_weights = gradients(error, pictures, network)
    assert np.isfinite(at_inputs).all() and np.abs(at_inputs[1:]).max() > 0
    for weight, gradient in zip(network.trainable_weights, at_weights, strict=True):
        assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0, weight.path


def test_the_ground_feels_nothing_and_the_face_all_that_it_colours():
    pictures = renders(2)
    x, face = images.to_network(pictures), face_by_hand(pictures)
    at_inputs, _ = gradients(lambda x: ops.sum(Spread()(x, Face()(x))), x)
    np.testing.assert_array_equal(at_inputs[~face], 0)
    # every number painted is a mixture of the face's, with shares that add up to one
    np.testing.assert_allclose(at_inputs.sum(axis=(1, 2)), SIZE * SIZE, rtol=1e-4)
    assert at_inputs[face].min() >= 1 - 1e-5
