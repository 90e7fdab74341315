"""How soft photographs are beside renders, and the blur that makes translations as soft."""

import cv2
import numpy as np
import pytest
import scipy.ndimage
from gradients import array
from render_to_photo_models import SIZE

from lib import filters
from lib.gans.render_to_photo.softness import WIDEST, fine_share, measure_softness
from lib.metrics.arrays import ScoreError
from lib.models.surround import Soften, build_surrounding_unet


def blobs(number=6, side=64, seed=0):
    """Return uint8 pictures with detail of every size."""
    noise = np.random.default_rng(seed).normal(size=(number, side, side, 3))
    layers = [
        scipy.ndimage.gaussian_filter(noise, (0, sigma, sigma, 0)) * sigma for sigma in (0.5, 2, 8)
    ]
    return np.uint8((128 + 40 * sum(layers)).clip(0, 255))


def blurred(pictures, sigma):
    return np.stack([cv2.GaussianBlur(one, (0, 0), sigma) for one in pictures])


@pytest.mark.parametrize("sigma", [0.4, 0.8, 1.5])
def test_the_blur_that_others_went_through_is_found(sigma):
    others = blurred(blobs(40, seed=1), sigma)
    assert measure_softness(blobs(40), others) == pytest.approx(sigma, rel=0.1)


def test_sharper_photographs_ask_for_no_blur():
    assert measure_softness(blurred(blobs(), 1.0), blobs()) == 0.0


def test_photographs_without_any_detail_ask_for_the_widest_blur():
    flat = np.full((2, 64, 64, 3), 90, np.uint8)
    assert measure_softness(blobs(), flat) == pytest.approx(WIDEST, abs=1e-3)


def test_the_share_of_detail_is_one_for_a_chessboard_and_nothing_for_a_flat_picture():
    rows, columns = np.mgrid[:64, :64]
    chessboard = np.uint8(255 * ((rows + columns) % 2))[None, ..., None].repeat(3, -1)
    assert fine_share(chessboard) == pytest.approx(1.0, abs=0.01)
    assert fine_share(np.full_like(chessboard, 90)) == 0.0


def test_the_share_does_not_change_with_the_light():
    pictures = blobs()
    assert fine_share(pictures // 2) == pytest.approx(fine_share(pictures), rel=0.02)


def test_what_are_no_pictures_is_refused():
    with pytest.raises(ScoreError):
        measure_softness(blobs(), blobs()[..., 0])


def test_a_gaussian_adds_up_to_one_and_falls_as_it_should():
    weights = filters.gaussian(2.0, 11)
    assert sum(weights) == pytest.approx(1.0)
    assert weights[5] / weights[7] == pytest.approx(np.exp(0.5))  # one deviation away


@pytest.mark.parametrize("sigma", [0.6, 1.4])
def test_softening_is_scipys_gaussian(sigma):
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 20, 24, 3)).astype(np.float32)
    reach = int(np.ceil(2.5 * sigma))
    wanted = scipy.ndimage.gaussian_filter(
        pictures, (0, sigma, sigma, 0), mode="mirror", radius=(0, reach, reach, 0)
    )
    np.testing.assert_allclose(array(Soften(sigma)(pictures)), wanted, atol=1e-5)


def test_a_soft_translator_is_the_sharp_one_blurred_and_has_the_same_weights():
    sharp, soft = (build_surrounding_unet(None, 2, softness=sigma) for sigma in (0.0, 0.8))
    soft.set_weights(sharp.get_weights())
    render = np.random.default_rng(0).uniform(-1, 1, (1, SIZE, SIZE, 3)).astype(np.float32)
    np.testing.assert_allclose(
        array(soft(render)), array(Soften(0.8)(array(sharp(render)))), atol=1e-6
    )
