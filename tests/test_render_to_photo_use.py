"""System S5's use on pictures: translations both ways, and how sure it is of each of them."""

import keras
import numpy as np
import pytest
import scipy.ndimage
from render_to_photo_models import SIZE, array, make, photos, renders, shifts, unet

from lib import images
from lib.gans import render_to_photo
from lib.gans.render_to_photo import confidence, translate
from lib.metrics import ScoreError


@pytest.fixture(scope="module")
def untrained():
    return make("ours", translator=unet)


def test_untrained_ours_keeps_the_face_and_spreads_its_colours(untrained):
    shown = renders(3)
    found = translate(untrained, shown)
    face = scipy.ndimage.binary_erosion(shown.any(axis=-1), np.ones((1, 3, 3)), border_value=1)
    assert found.dtype == np.uint8 and found.shape == shown.shape and face.mean() > 0.1
    np.testing.assert_array_equal(found[face], shown[face])
    assert found[~face].min() > 0  # no black is left


def test_untrained_the_way_back_halves_the_light(untrained):
    shown = photos(3)
    found = translate(untrained, shown, backwards=True)
    assert found.dtype == np.uint8
    assert np.abs(found - shown / 2).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("backwards", [False, True])
def test_any_number_of_pictures_at_a_time_makes_the_same(untrained, backwards):
    shown = photos(3)
    whole = translate(untrained, shown, backwards=backwards)
    found = translate(untrained, shown, backwards=backwards, batch_size=2)
    assert np.abs(found.astype(int) - whole).max() <= 1
    assert translate(untrained, shown[:0], backwards=backwards).shape == (0, SIZE, SIZE, 3)


@pytest.mark.parametrize(
    "refused", [images.to_network(photos(2)), photos(1)[0], renders(2)[..., :1]]
)
def test_what_is_no_stack_of_pictures_is_refused(untrained, refused):
    with pytest.raises(ScoreError, match=r"expected uint8 \(N, H, W, 3\)"):
        translate(untrained, refused)
    with pytest.raises(ScoreError, match=r"photos: found .* expected uint8"):
        confidence(untrained, photos(2), refused)


def test_as_many_photos_as_renders_are_judged(untrained):
    with pytest.raises(ScoreError, match=r"renders \(3, 32, 32, 3\) and photos \(1, 32"):
        confidence(untrained, renders(3), photos(1))


def test_a_picture_is_surest_of_its_own_render():
    model, shown = make("ours", translator=shifts()), renders(5)
    own, other = confidence(model, shown, shown), confidence(model, shown[::-1], shown)
    for errors in (own, other):
        assert list(errors) == ["realism", "cycle", "likeness"]
        assert all(one.shape == (5,) and one.dtype == np.float64 for one in errors.values())
    differ = np.arange(5) != 2  # the one in the middle
    for name in ("cycle", "likeness"):
        assert (own[name] == 0).all() and (other[name][differ] > 0).all(), name
    x = images.to_network(shown)
    np.testing.assert_allclose(other["cycle"], np.abs(x - x[::-1]).mean(axis=(1, 2, 3)), rtol=1e-5)
    apart = np.linalg.norm((x - x[::-1]).mean(axis=(1, 2)), axis=1)
    np.testing.assert_allclose(other["likeness"], apart, rtol=1e-4, atol=1e-6)


def test_confidence_is_that_of_each_picture_however_many_at_a_time(untrained):
    shown, made = renders(3), photos(3)
    whole = confidence(untrained, shown, made)
    for name, found in confidence(untrained, shown, made, batch_size=2).items():
        np.testing.assert_allclose(found, whole[name], rtol=1e-4, atol=1e-5)
    assert all(one.shape == (0,) for one in confidence(untrained, shown[:0], made[:0]).values())


def halving_critic(name):
    """Return a critic that answers with half of its input: what it says of a picture is known."""
    inputs = keras.Input((SIZE, SIZE, 3))
    half = keras.layers.Rescaling(0.5, name="half")(inputs)
    return keras.Model(inputs, half, name=name)


def test_realism_of_autoencoding_critics_is_how_badly_they_redraw():
    model, made = make("facegan"), photos(3)
    model.photo_critic = halving_critic("photo_critic")
    found = confidence(model, renders(3), made, batch_size=2)["realism"]
    expected = np.abs(0.5 * images.to_network(made)).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_realism_of_critics_of_patches_is_how_little_they_believe_the_face():
    model, shown, made = make("ours"), renders(3), photos(3)
    model.photo_critic = halving_critic("photo_critic")
    found = confidence(model, shown, made, batch_size=2)["realism"]
    judged = np.where(shown.any(axis=-1, keepdims=True), images.to_network(made), -1)
    np.testing.assert_allclose(found, -0.5 * judged.mean(axis=(1, 2, 3)), rtol=1e-4)
    lighter = np.where(shown.any(axis=-1, keepdims=True), made + np.uint8(9), made)
    assert (confidence(model, shown, lighter)["realism"] < found).all()  # it believes them more
    other = np.where(shown.any(axis=-1, keepdims=True), made, np.uint8(128))
    np.testing.assert_allclose(confidence(model, shown, other)["realism"], found, rtol=1e-5)


def test_the_package_offers_what_a_lesson_needs():
    assert set(render_to_photo.__all__) <= set(dir(render_to_photo))
    assert array(render_to_photo.face_of(np.ones((1, 2, 2, 3)))).shape == (1, 2, 2, 1)
