"""Augmentation: all fields of a sample change together, in place and in light."""

from __future__ import annotations

import blobs
import numpy as np
import pytest
from blobs import FIELDS, NUMBER, RASTERS, SIDE
from skimage.transform import AffineTransform, warp

from lib import labels, store
from lib.store import Field, StoreError
from lib.store.augmentation import Augmentation, Change


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return blobs.build(tmp_path_factory.mktemp("batches") / "blobs")


def centre(picture):
    """Centre of mass, x then y."""
    weights = picture / picture.sum()
    rows, columns = np.indices(picture.shape)
    return np.array([(columns * weights).sum(), (rows * weights).sum()])


def test_a_mirrored_sample_is_mirrored_in_every_field(dataset):
    sample, change = dataset[0], Change(mirrored=True)
    mirrored = {
        field.name: change.apply(field, sample[field.name], (SIDE, SIDE)) for field in FIELDS
    }
    assert np.array_equal(mirrored["photo"], sample["photo"][:, ::-1])
    assert np.array_equal(mirrored["mask"], sample["mask"][:, ::-1])
    assert np.array_equal(mirrored["labels"] == 4, sample["labels"][:, ::-1] == 5)
    assert not (mirrored["labels"] == 5).any()
    points, original = mirrored["landmarks"], sample["landmarks"]
    assert points[45] == pytest.approx([SIDE - 1 - original[36, 0], original[36, 1]])
    assert np.array_equal(mirrored["number"], sample["number"])
    twice = {
        field.name: change.apply(field, mirrored[field.name], (SIDE, SIDE)) for field in FIELDS
    }
    assert all(np.allclose(twice[name], sample[name], atol=1e-5) for name in sample)


def test_unknown_pixels_stay_unknown_in_a_mirror():
    unknown = np.full((SIDE, SIDE), labels.IGNORE, np.uint8)
    assert np.array_equal(Change(True).apply(RASTERS["labels"], unknown, (SIDE, SIDE)), unknown)


@pytest.mark.parametrize("seed", range(6))
def test_every_field_moves_with_the_landmark_it_shows(dataset, seed):
    generator = np.random.default_rng(seed)
    change = Augmentation(shift=0.15, scale=0.3, rotation=30).draw(generator)
    sample = dataset[seed]
    moved = {field.name: change.apply(field, sample[field.name], (SIDE, SIDE)) for field in FIELDS}
    point = moved["landmarks"][45 if change.mirrored else 36]
    assert np.abs(centre(moved["photo"][:, :, 0].astype(float)) - point).max() < 0.15
    assert np.abs(centre(moved["mask"][:, :, 0]) - point).max() < 0.5
    eye = 4 if change.mirrored else 5
    assert np.array_equal(moved["labels"] == eye, moved["mask"][:, :, 0] == 1)
    assert not np.allclose(moved["landmarks"][36], sample["landmarks"][36], atol=0.5)


def test_the_warp_agrees_with_scikit_image():
    smooth = np.add.outer(np.arange(SIDE) * 2, np.arange(SIDE) * 3).astype(np.uint8)
    picture = np.repeat(smooth[:, :, None], 3, axis=2)
    change = Change(True, shift=(0.07, -0.11), scale=1.2, angle=17)
    ours = change.apply(RASTERS["photo"], picture, (SIDE, SIDE))
    matrix = np.vstack([change.matrix(SIDE, SIDE), [0, 0, 1]])
    inverse = AffineTransform(matrix=np.linalg.inv(matrix))
    theirs = warp(picture.astype(float), inverse, order=1, mode="edge")
    assert np.abs(ours - theirs).max() <= 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change(shift=(0.25, -0.125)), (26 + 12, 20 - 6)),
        (Change(scale=2), (28.5, 16.5)),
        (Change(angle=90), (27, 26)),
        (Change(mirrored=True), (21, 20)),
        (Change(mirrored=True, angle=90), (27, 21)),
    ],
)
def test_a_point_goes_where_a_hand_would_put_it(change, expected):
    """The point (26, 20) lies 2.5 to the right of the centre (23.5, 23.5) and 3.5 above it."""
    moved = change.matrix(SIDE, SIDE) @ [26, 20, 1]
    assert moved == pytest.approx(expected)


def test_fields_of_another_size_keep_step():
    large, small = Change(scale=1.25, shift=(0.1, 0.05), angle=20), np.array([10.0, 20.0])
    fine = large.matrix(96, 96) @ [*(2 * small + 0.5), 1]
    coarse = large.matrix(48, 48) @ [*small, 1]
    assert fine == pytest.approx(2 * coarse + 0.5)


def test_brightness_is_the_same_for_all_pictures_of_a_sample(dataset):
    batch = dataset.batches(NUMBER, augment=Augmentation(mirror=False, brightness=0.4))[0]
    grey = (batch["photo"] + 1) / 2, (batch["diffuse"] + 1) / 2
    inside = (grey[0] > 0.2) & (grey[0] < 0.9)
    assert np.allclose(grey[0][inside] / grey[1][inside], 2, atol=0.1)
    peaks = grey[0].max(axis=(1, 2, 3))
    assert peaks.max() - peaks.min() > 0.2
    assert set(np.unique(batch["mask"])) == {0, 1}


def test_light_by_hand():
    field = Field("photo", (1, 3, 3))
    picture = np.array([[[0, 51, 255], [204, 102, 153], [64, 64, 64]]], np.uint8)
    redder = Change(colour=(1.25, 1.0, 0.5)).apply(field, picture, (1, 3))
    assert redder.tolist() == [[[0, 51, 128], [255, 102, 76], [80, 64, 32]]]  # 76.5 to even
    darker = Change(gamma=2.0).apply(field, picture, (1, 3))
    assert darker[0, 0].tolist() == [0, round(51**2 / 255), 255]
    as_float = Change(gamma=2.0, colour=(1.25, 1.0, 0.5)).apply(
        field, (picture / 255).astype(np.float32), (1, 3)
    )
    expected = (picture / 255) ** 2 * (1.25, 1.0, 0.5)
    np.testing.assert_allclose(as_float, expected, atol=1e-6)


def test_light_is_drawn_within_its_limits():
    generator = np.random.default_rng(0)
    augment = Augmentation(colour=0.2, gamma=0.5)
    drawn = [augment.draw(generator) for _ in range(500)]
    colours, gammas = np.array([c.colour for c in drawn]), np.array([c.gamma for c in drawn])
    assert 0.8 <= colours.min() < 0.82 and 1.18 < colours.max() <= 1.2
    assert 1 / 1.5 <= gammas.min() < 0.68 and 1.48 < gammas.max() <= 1.5
    assert abs(np.corrcoef(colours.T)[0, 1]) < 0.2  # each channel by itself


def test_half_of_the_samples_are_mirrored():
    generator = np.random.default_rng(0)
    mirrored = [Augmentation().draw(generator).mirrored for _ in range(2000)]
    assert np.mean(mirrored) == pytest.approx(0.5, abs=0.04)
    assert not any(Augmentation(mirror=False).draw(generator).mirrored for _ in range(50))


def test_what_cannot_be_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"shift = 0\.6; expected 0 to 0\.5"):
        Augmentation(shift=0.6)
    with pytest.raises(TypeError):
        Augmentation(blur=1)
    five = Field("points", (5, 2), "float32", "landmarks")
    with pytest.raises(StoreError, match="points has 5 points; only the 68"):
        Change(mirrored=True).apply(five, np.zeros((5, 2), np.float32), (SIDE, SIDE))
    only_points = store.build(
        tmp_path / "points",
        [five],
        [("a", "a")],
        lambda index, generator: {"points": np.zeros((5, 2), np.float32)},
        seed=0,
        source="",
        licence="",
        progress=False,
    )
    with pytest.raises(StoreError, match="no picture field, so nothing to augment"):
        only_points.batches(1, augment=Augmentation())[0]
