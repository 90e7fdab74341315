"""Scores: answers worked out by hand, scikit-image, invariances, and closed forms of KID."""

import numpy as np
import pytest
from skimage import metrics as reference

from lib import metrics

GENERATOR = np.random.default_rng(0)
PICTURES = GENERATOR.integers(0, 256, (3, 24, 20, 3), dtype=np.uint8)
NOISE = GENERATOR.integers(-30, 31, PICTURES.shape)
NOISY = (PICTURES + NOISE).clip(0, 255).astype(np.uint8)
TRUE_MAP = np.array([[[1, 1, 1, 0, 0, 0]]], np.uint8)
MAP = np.array([[[0, 1, 1, 1, 1, 0]]], np.uint8)


def half_masks():
    """Cover the lower half of the first picture, all of the second, nothing of the third."""
    masks = np.zeros(PICTURES.shape[:3], np.uint8)
    masks[0, 12:], masks[1] = 1, 1
    return masks


def normal(number, mean=0.0, size=1):
    return GENERATOR.normal(mean, 1, (number, size))


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (metrics.intersection_over_union, 2 / 5),
        (metrics.dice, 4 / 7),
        (metrics.pixel_accuracy, 3 / 6),
    ],
)
def test_maps_worked_out_by_hand(score, expected):
    assert score(MAP, TRUE_MAP) == pytest.approx([expected])
    assert score(TRUE_MAP, MAP) == pytest.approx([expected])
    assert score(MAP.astype(bool), TRUE_MAP.astype(float)) == pytest.approx([expected])
    assert score(MAP, MAP) == [1]
    assert score(MAP, 1 - MAP) == [0]


def test_the_empty_map_is_nearly_right_by_accuracy_and_wholly_wrong_by_iou():
    truth = np.zeros((1, 10, 10), np.uint8)
    truth[0, 0] = 1
    empty = np.zeros_like(truth)
    assert metrics.pixel_accuracy(empty, truth) == [0.9]
    assert metrics.intersection_over_union(empty, truth) == [0]
    assert np.isnan(metrics.intersection_over_union(empty, empty)).all()
    assert np.isnan(metrics.dice(empty, empty)).all()


def test_dice_follows_from_iou():
    found, truth = GENERATOR.integers(0, 2, (2, 50, 4, 4))
    overlap = metrics.intersection_over_union(found, truth)
    np.testing.assert_allclose(metrics.dice(found, truth), 2 * overlap / (1 + overlap))


def test_the_mean_leaves_out_what_has_no_score():
    assert metrics.mean([1, np.nan, 3]) == 2
    assert np.isnan(metrics.mean([np.nan])) and np.isnan(metrics.mean([]))
    assert metrics.mean([np.inf, 1]) == np.inf


def test_l1_and_psnr_worked_out_by_hand():
    truth = np.full((1, 2, 2, 3), 100, np.uint8)
    found = truth.copy()
    found[0, 0, 0], found[0, 0, 1] = 110, 90  # differences of 10 must not wrap around at 0
    top = np.array([[[1, 1], [0, 0]]])
    assert metrics.l1(found, truth) == pytest.approx([5])
    assert metrics.l1(found, truth, top) == pytest.approx([10])
    assert metrics.psnr(found, truth, top) == pytest.approx([20 * np.log10(255 / 10)])
    assert metrics.psnr(found, truth) == pytest.approx([10 * np.log10(255**2 / 50)])
    assert metrics.l1(found, truth, 1 - top) == [0]
    assert metrics.psnr(found, truth, 1 - top) == [np.inf]


def test_whole_pictures_are_scored_as_scikit_image_does():
    pairs = list(zip(PICTURES, NOISY, strict=True))
    expected = [reference.peak_signal_noise_ratio(a, b, data_range=255) for a, b in pairs]
    np.testing.assert_allclose(metrics.psnr(NOISY, PICTURES), expected)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    expected = [
        reference.structural_similarity(a, b, data_range=255, channel_axis=-1, **options)
        for a, b in pairs
    ]
    np.testing.assert_allclose(metrics.ssim(NOISY, PICTURES), expected, rtol=1e-6)


def test_similarity_in_a_region_is_that_of_each_picture_by_itself(monkeypatch):
    monkeypatch.setattr(metrics.pictures, "STACKED_PIXELS", 2 * PICTURES[0, ..., 0].size)
    masks = np.zeros((3, 24, 20), np.uint8)
    masks[0, 3:9, 7:12], masks[1, 15:22], masks[2, 10:12, 4:6] = 1, 1, 1
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    expected = []
    for found, truth, mask in zip(NOISY, PICTURES, masks, strict=True):
        _, similarity = reference.structural_similarity(
            found, truth, data_range=255, channel_axis=-1, full=True, **options
        )
        expected.append(similarity[5:-5, 5:-5][mask[5:-5, 5:-5] == 1].mean())
    np.testing.assert_allclose(metrics.ssim(NOISY, PICTURES, masks), expected, rtol=1e-12)


@pytest.mark.parametrize("score", [metrics.l1, metrics.psnr, metrics.ssim])
def test_regions(score):
    masks, overall = half_masks(), score(NOISY, PICTURES)
    inside, outside = score(NOISY, PICTURES, masks), score(NOISY, PICTURES, 1 - masks)
    assert inside[1] == pytest.approx(overall[1]) and outside[2] == pytest.approx(overall[2])
    assert np.isnan([inside[2], outside[1]]).all()
    assert min(inside[0], outside[0]) < overall[0] < max(inside[0], outside[0])


@pytest.mark.parametrize("score", [metrics.l1, metrics.psnr])
def test_pixels_outside_the_region_do_not_matter(score):
    masks, other = half_masks(), NOISY.copy()
    other[0, :12] = 0
    np.testing.assert_array_equal(
        score(other, PICTURES, masks)[0], score(NOISY, PICTURES, masks)[0]
    )


def test_a_row_of_a_table_averages_the_pictures_that_have_a_score():
    masks = half_masks()
    row = metrics.picture_scores(NOISY, PICTURES, masks)
    assert list(row)[:3] == ["PSNR inside", "SSIM inside", "L1 inside"] and len(row) == 9
    assert all(isinstance(value, float) and np.isfinite(value) for value in row.values())
    assert row["L1 inside"] == pytest.approx(metrics.l1(NOISY, PICTURES, masks)[:2].mean())
    assert row["PSNR overall"] == pytest.approx(metrics.psnr(NOISY, PICTURES).mean())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.l1(PICTURES / 255, PICTURES), "float64"),
        (lambda: metrics.l1(PICTURES[0], PICTURES[0]), "(N, H, W, 3)"),
        (lambda: metrics.psnr(PICTURES[:2], PICTURES), "as the true ones"),
        (lambda: metrics.l1(PICTURES, PICTURES, half_masks()[..., None]), "masks"),
        (lambda: metrics.l1(PICTURES, PICTURES, half_masks() * 255), "to 255"),
        (lambda: metrics.dice(MAP * 0.5, TRUE_MAP), "threshold"),
        (lambda: metrics.dice(MAP, TRUE_MAP[:, :, 1:]), "maps found"),
        (lambda: metrics.ssim(PICTURES[:, :10], PICTURES[:, :10]), "11 x 11"),
        (lambda: metrics.identity_distance(normal(2), normal(3)), "expected 3"),
        (lambda: metrics.kernel_distance(normal(2), normal(9)), "2 and 9 rows"),
        (lambda: metrics.kernel_distance(normal(9) * np.nan, normal(9)), "finite"),
        (lambda: metrics.kernel_distance(normal(9), normal(9, size=2)), "(N, D) and (M, D)"),
        (lambda: metrics.kernel_distance(normal(9), normal(9), confidence=95), "0.95"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_one_line(call, message):
    with pytest.raises(metrics.ScoreError) as refused:
        call()
    assert message in str(refused.value) and "\n" not in str(refused.value)


def test_identity_distance_and_verification_rate_by_hand():
    found = np.array([[3, 4], [0, 0], [0.6, 0], [np.nan, 0]])
    distances = metrics.identity_distance(found, np.zeros((4, 2)))
    np.testing.assert_allclose(distances, [5, 0, 0.6, np.nan])
    assert metrics.verification_rate(distances, 0.6) == 2 / 4  # the face not found is refused
    assert metrics.verification_rate(distances, 0.5) == 1 / 4
    assert metrics.mean(distances) == pytest.approx(5.6 / 3)


def test_kernel_distance_worked_out_by_hand():
    # k(x, y) = (x y + 1)^3: within 0 it is 1, within 1 it is 8, across 1: 1 + 8 - 2.
    distance = metrics.kernel_distance(np.zeros((3, 1)), np.ones((4, 1)))
    assert (distance.value, distance.low, distance.high) == pytest.approx((7, 7, 7))


def test_kernel_distance_of_two_gaussians_is_the_closed_form():
    # (x y + 1)^3 compares the first three moments: 3 (m1 - n1)^2 + 3 (m2 - n2)^2 + (m3 - n3)^2,
    # which are 0, 1, 0 around 0, and 0.5, 1.25, 1.625 around 0.5.
    expected = 3 * 0.5**2 + 3 * 0.25**2 + 1.625**2
    distances = [metrics.kernel_distance(normal(150), normal(200, 0.5)) for _ in range(200)]
    values = np.array([distance.value for distance in distances])
    assert abs(values.mean() - expected) < 3 * values.std() / np.sqrt(len(values))
    covered = np.mean([each.low <= expected <= each.high for each in distances])
    assert 0.88 < covered < 0.99
    spread = np.mean([each.high - each.low for each in distances]) / (2 * 1.96)
    assert spread == pytest.approx(values.std(), rel=0.2)


def test_kernel_distance_of_one_kind_is_about_zero():
    distances = [metrics.kernel_distance(normal(60, size=8), normal(60, size=8)) for _ in range(99)]
    values = np.array([distance.value for distance in distances])
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(len(values))
    assert np.mean([each.low <= 0 <= each.high for each in distances]) >= 0.95


def test_kernel_distance_of_a_set_with_itself_is_known():
    # Each row meets itself across but not within: 2 / N times (mean of the others - of its own).
    rows = normal(40, size=5)
    kernel = (rows @ rows.T / 5 + 1) ** 3
    own = np.trace(kernel) / 40
    others = (kernel.sum() - np.trace(kernel)) / (40 * 39)
    assert metrics.kernel_distance(rows, rows).value == pytest.approx((others - own) * 2 / 40)


def test_the_jackknife_is_the_estimate_with_each_row_left_out():
    first, second = normal(7, size=2), normal(9, 0.5, size=2)
    distance = metrics.kernel_distance(first, second, gamma=1)
    variance = 0
    for side, rows in enumerate([first, second]):
        left = [[first, second] for _ in rows]
        for index, pair in enumerate(left):
            pair[side] = np.delete(rows, index, axis=0)
        values = [metrics.kernel_distance(*pair, gamma=1).value for pair in left]
        variance += (len(rows) - 1) * np.var(values)
    assert distance.high - distance.value == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-5)


def test_kernel_distance_does_not_depend_on_order_sides_or_rotation(monkeypatch):
    first, second = normal(30, size=3), normal(40, 0.3, size=3)
    expected = metrics.kernel_distance(first, second)
    rotation, _ = np.linalg.qr(normal(3, size=3))
    monkeypatch.setattr("lib.metrics.kernel.ROWS", 7)
    for pair in ((first[::-1], second), (second, first), (first @ rotation, second @ rotation)):
        found = metrics.kernel_distance(*pair)
        assert (found.value, found.low) == pytest.approx((expected.value, expected.low))
