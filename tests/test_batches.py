"""Batches: each a pure function of its place, and an augmentation that keeps fields together."""

from __future__ import annotations

import threading

import keras
import numpy as np
import pytest
from skimage.transform import AffineTransform, warp

from lib import labels, store
from lib.store import Field, StoreError
from lib.store.augmentation import Augmentation, Change
from lib.store.batches import Batches

SIDE = 48
RASTERS = {
    "photo": Field("photo", (SIDE, SIDE, 3)),
    "diffuse": Field("diffuse", (SIDE, SIDE, 3)),
    "mask": Field("mask", (SIDE, SIDE, 1), kind="mask"),
    "labels": Field("labels", (SIDE, SIDE), kind="labels"),
}
FIELDS = [
    *RASTERS.values(),
    Field("landmarks", (68, 2), "float32", "landmarks"),
    Field("number", (1,), "int64", "vector"),
]
NUMBER = 23


def make(index, generator):
    """Give a sample whose fields all show one blob, at landmark 36, on the subject's right eye."""
    points = generator.uniform(18, 30, (68, 2)).astype(np.float32)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    distance = np.hypot(columns - points[36, 0], rows - points[36, 1])
    photo = np.repeat(np.clip(250 - 40 * distance, 0, 255)[..., None], 3, axis=2)
    return {
        "photo": photo.astype(np.uint8),
        "diffuse": (photo / 2).astype(np.uint8),
        "mask": (distance < 4).astype(np.uint8)[..., None],
        "labels": np.where(distance < 4, 5, 1).astype(np.uint8),
        "landmarks": points,
        "number": np.array([index]),
    }


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    samples = [(str(index), str(index)) for index in range(NUMBER)]
    path = tmp_path_factory.mktemp("batches") / "blobs"
    return store.build(path, FIELDS, samples, make, 0, source="", licence="", progress=False)


def centre(picture):
    """Centre of mass, x then y."""
    weights = picture / picture.sum()
    rows, columns = np.indices(picture.shape)
    return np.array([(columns * weights).sum(), (rows * weights).sum()])


def numbers(batches, epochs):
    """Return the sample numbers of all batches of some rounds."""
    return [
        batches.read(epoch, index)["number"].ravel().astype(int).tolist()
        for epoch in epochs
        for index in range(len(batches))
    ]


def one_pass(batches, epoch):
    """Return the sample numbers of one round in a row."""
    return [number for batch in numbers(batches, [epoch]) for number in batch]


def test_a_pass_gives_every_sample_once_each_in_an_order_of_its_own(dataset):
    batches = dataset.batches(5, fields=["number"])
    first, second = one_pass(batches, 0), one_pass(batches, 1)
    assert len(batches) == 5
    assert sorted(first) == sorted(second) == list(range(NUMBER))
    assert first != second
    assert first != one_pass(dataset.batches(5, seed=1), 0)
    unshuffled = dataset.batches(5, fields=["number"], shuffle=False)
    assert one_pass(unshuffled, 3) == list(range(NUMBER))


def test_rounds_of_steps_are_full_and_go_on_where_the_last_one_ended(dataset):
    batches = dataset.batches(8, fields=["number"], steps=2)
    stream = numbers(batches, range(23))  # 368 samples: 16 passes
    assert {len(batch) for batch in stream} == {8}
    drawn = np.array(stream).reshape(16, NUMBER)
    assert (np.sort(drawn) == np.arange(NUMBER)).all()
    more_than_a_pass = numbers(dataset.batches(30, fields=["number"], steps=1), [0])[0]
    assert sorted(more_than_a_pass[:NUMBER]) == list(range(NUMBER))


def test_a_batch_depends_on_its_place_alone(dataset):
    augment = Augmentation(shift=0.1, scale=0.1, rotation=10, brightness=0.2)
    options = {"augment": augment, "seed": 3, "steps": 4}
    whole = dataset.batches(4, **options)
    places = [(epoch, index) for epoch in range(3) for index in range(4)]
    expected = {place: whole.read(*place) for place in places}
    resumed = dataset.batches(4, **options)
    resumed.epoch = 2
    found = {}
    threads = [
        threading.Thread(target=lambda index=index: found.update({index: resumed[index]}))
        for index in reversed(range(4))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(4):
        for name, array in expected[2, index].items():
            assert np.array_equal(array, found[index][name])
    assert not np.array_equal(expected[0, 0]["photo"], expected[1, 0]["photo"])
    with pytest.raises(IndexError, match="batch 4 of a round of 4"):
        whole[4]


def test_arrays_come_in_network_ranges(dataset):
    batch = dataset.batches(4, shuffle=False)[0]
    sample = dataset[2]
    assert np.array_equal(batch["photo"][2], sample["photo"] / np.float32(127.5) - 1)
    assert batch["photo"].dtype == np.float32
    assert (batch["mask"].dtype, batch["labels"].dtype) == (np.float32, np.int32)
    assert set(np.unique(batch["mask"])) == {0, 1}
    assert np.array_equal(batch["labels"][2], sample["labels"])
    assert np.array_equal(batch["landmarks"][2], sample["landmarks"])
    assert batch["number"].dtype == np.float32
    x, y = dataset.batches(4, arrange=lambda arrays: (arrays["photo"], arrays["mask"]))[0]
    assert (x.shape, y.shape) == ((4, SIDE, SIDE, 3), (4, SIDE, SIDE, 1))


@pytest.mark.parametrize("workers", [1, 3])
def test_keras_trains_on_rounds_in_order(dataset, workers):
    """Keras calls on_epoch_end once before the first round, and reads two batches to see shapes."""
    seen = []

    class Spy(keras.layers.Layer):
        def call(self, arrays):
            return keras.ops.sum(arrays["number"], axis=1, keepdims=True)

    class Record(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            seen.append((epoch, batches.epoch))

        def on_train_batch_end(self, batch, logs=None):
            seen.append(round(logs["loss"], 3))

    batches = dataset.batches(
        4,
        fields=["number"],
        steps=3,
        workers=workers,
        arrange=lambda arrays: (arrays, np.zeros((4, 1), np.float32)),
    )
    inputs = {"number": keras.Input((1,), name="number")}
    model = keras.Model(inputs, Spy()(inputs))
    model.compile(loss=keras.losses.MeanAbsoluteError(), optimizer="sgd")
    batches.epoch = 5
    model.fit(batches, initial_epoch=5, epochs=7, shuffle=False, verbose=0, callbacks=[Record()])
    expected = []
    for epoch in (5, 6):
        means = [np.mean(batch) for batch in numbers(batches, [epoch])]
        running = np.cumsum(means) / np.arange(1, 4)  # Keras reports the round's mean so far
        expected += [(epoch, epoch), *(pytest.approx(mean, abs=2e-3) for mean in running)]
    assert seen == expected
    assert batches.epoch == 7


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


def test_what_cannot_be_is_refused(dataset, tmp_path):
    with pytest.raises(ValueError, match=r"shift = 0\.6; expected 0 to 0\.5"):
        Augmentation(shift=0.6)
    with pytest.raises(TypeError):
        Augmentation(blur=1)
    with pytest.raises(ValueError, match="batch_size = 0"):
        Batches(dataset, 0)
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
