"""Scores of separated layers: answers by hand, what must not matter, a second implementation."""

import numpy as np
import pytest
from skimage import color

from lib import metrics
from lib.scene.pictures import to_srgb

GENERATOR = np.random.default_rng(0)
LIGHT = GENERATOR.uniform(0.05, 0.5, (2, 47, 36, 3)).astype(np.float32)
TRUTH = to_srgb(LIGHT)
FOUND = GENERATOR.integers(0, 256, TRUTH.shape, dtype=np.uint8)
MASKS = GENERATOR.integers(0, 2, TRUTH.shape[:3])
EVERYWHERE = np.ones_like(MASKS)


def linear(picture):
    level = picture / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)


def lmse_slowly(found, truth, mask, window=20, step=10):
    """Score one picture window by window, the scale by numpy's least squares."""
    error = energy = 0.0
    height, width = mask.shape
    tops = sorted({*range(0, height - window + 1, step), height - window})
    lefts = sorted({*range(0, width - window + 1, step), width - window})
    for top in tops:
        for left in lefts:
            place = (slice(top, top + window), slice(left, left + window))
            inside = mask[place] == 1
            guess, original = linear(found[place])[inside], linear(truth[place])[inside]
            scale = np.linalg.lstsq(guess.reshape(-1, 1), original.ravel())[0]
            error += ((original - scale * guess) ** 2).sum()
            energy += (original**2).sum()
    return error / energy


@pytest.mark.parametrize("masks", [EVERYWHERE, MASKS])
def test_a_second_implementation_agrees(masks):
    slowly = [lmse_slowly(*one) for one in zip(FOUND, TRUTH, masks, strict=True)]
    np.testing.assert_allclose(metrics.lmse(FOUND, TRUTH, masks), slowly)
    slowly = [lmse_slowly(*one, 7, 5) for one in zip(FOUND, TRUTH, masks, strict=True)]
    np.testing.assert_allclose(metrics.lmse(FOUND, TRUTH, masks, window=7, step=5), slowly)


def test_worked_out_by_hand():
    truth, found = np.zeros((2, 1, 1, 2, 3), np.uint8)
    truth[0, 0, 0], truth[0, 0, 1] = (255, 255, 255), (255, 255, 255)
    found[0, 0, 0] = (255, 255, 255)  # one of two white pixels: half the energy is missing
    assert metrics.lmse(found, truth) == pytest.approx([0.5])
    assert metrics.lmse(found, truth, np.array([[[1, 0]]])) == pytest.approx([0])
    assert metrics.lmse(found, truth, np.array([[[0, 1]]])) == pytest.approx([1])
    tinted = np.zeros_like(truth)
    tinted[..., 0] = 255  # one of three channels: no scale of its own puts the others back
    assert metrics.lmse(tinted, truth) == pytest.approx([2 / 3])
    assert metrics.lmse(tinted, truth, window=1, step=1) == pytest.approx([2 / 3])


def test_brightness_does_not_matter_and_in_each_window_for_itself():
    assert metrics.lmse(TRUTH, TRUTH) == pytest.approx([0, 0])
    for exposure in (0.5, 0.9, 1.9):
        assert metrics.lmse(to_srgb(exposure * LIGHT), TRUTH).max() < 1e-4  # rounding
    halves = np.where(np.arange(36)[:, None] < 18, np.float32(1), np.float32(0.5)) * LIGHT
    apart = metrics.lmse(to_srgb(halves), TRUTH, window=18, step=18)
    assert apart.max() < 1e-4 < metrics.lmse(to_srgb(halves), TRUTH, window=36).min()
    swapped = metrics.lmse(FOUND[..., ::-1], TRUTH[..., ::-1])
    np.testing.assert_allclose(swapped, metrics.lmse(FOUND, TRUTH))


def test_black_is_wholly_wrong_and_nothing_has_no_score():
    black = np.zeros_like(TRUTH)
    np.testing.assert_allclose(metrics.lmse(black, TRUTH), 1)
    assert np.isnan(metrics.lmse(FOUND, black)).all()
    assert np.isnan(metrics.lmse(FOUND, TRUTH, np.zeros_like(MASKS))).all()
    scores = metrics.lmse(FOUND, TRUTH, MASKS)
    assert ((scores > 0) & (scores < 1)).all()


def test_only_pixels_of_the_mask_count():
    other = np.where(MASKS[..., None] == 1, FOUND, np.uint8(0))
    np.testing.assert_array_equal(
        metrics.lmse(other, TRUTH, MASKS), metrics.lmse(FOUND, TRUTH, MASKS)
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (19, 21), (20, 20), (21, 19)])
def test_pictures_smaller_than_a_window_are_one(shape):
    truth, found = GENERATOR.integers(1, 256, (2, 1, *shape, 3), dtype=np.uint8)
    assert 0 <= metrics.lmse(found, truth)[0] < 1
    whole = metrics.lmse(found, truth, window=50)
    energy = (linear(truth) ** 2).sum() * (linear(found) ** 2).sum()
    assert whole == pytest.approx([1 - (linear(truth) * linear(found)).sum() ** 2 / energy])


def test_skin_moves_by_the_distance_in_cielab():
    shifts = metrics.skin_tone_shift(FOUND, TRUTH, MASKS)
    lab = [color.rgb2lab(pictures) for pictures in (FOUND, TRUTH)]
    distance = np.sqrt(((lab[0] - lab[1]) ** 2).sum(axis=-1))
    by_hand = [one[mask == 1].mean() for one, mask in zip(distance, MASKS, strict=True)]
    np.testing.assert_allclose(shifts, by_hand)
    np.testing.assert_allclose(metrics.skin_tone_shift(TRUTH, FOUND, MASKS), shifts)
    np.testing.assert_array_equal(metrics.skin_tone_shift(TRUTH, TRUTH, MASKS), 0)
    assert np.isnan(metrics.skin_tone_shift(FOUND, TRUTH, np.zeros_like(MASKS))).all()
    black, white = np.zeros_like(TRUTH), np.full_like(TRUTH, 255)
    np.testing.assert_allclose(metrics.skin_tone_shift(black, white, MASKS), 100, atol=0.01)


def test_tones_are_thirds_of_melanin():
    melanin = [0, 0.33, 0.34, 0.66, 0.67, 1]
    tones = metrics.tone_groups(melanin).tolist()
    assert tones == ["light", "light", "medium", "medium", "dark", "dark"]
    for wrong in ([1.01], [-0.1], [np.nan], 0.5):
        with pytest.raises(metrics.ScoreError, match="from 0 to 1"):
            metrics.tone_groups(wrong)


@pytest.mark.parametrize("score", [metrics.lmse, metrics.skin_tone_shift])
def test_wrong_arrays_are_refused(score):
    for found, truth, masks in [
        (FOUND / 255, TRUTH, MASKS),
        (FOUND, TRUTH[0], MASKS),
        (FOUND[:1], TRUTH, MASKS),
        (FOUND, TRUTH, MASKS * 255),
        (FOUND, TRUTH, MASKS[..., None]),
    ]:
        with pytest.raises(metrics.ScoreError, match="expected"):
            score(found, truth, masks)
    for wrong in ({"window": 0}, {"step": 0}, {"window": 2.5}):
        with pytest.raises(metrics.ScoreError, match="whole number"):
            metrics.lmse(FOUND, TRUTH, **wrong)
