"""Batches: each a pure function of its place, in network ranges, as Keras takes them."""

from __future__ import annotations

import threading

import blobs
import keras
import numpy as np
import pytest
from blobs import NUMBER, SIDE

from lib.store.augmentation import Augmentation
from lib.store.batches import Batches


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return blobs.build(tmp_path_factory.mktemp("batches") / "blobs")


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


def test_filled_batches_go_through_every_pass_without_a_short_one(dataset):
    batches = dataset.batches(5, fields=["number"])
    assert {len(batch) for batch in numbers(batches, [0])} == {5, NUMBER % 5}
    stream = numbers(batches.filled(), range(4))
    assert {len(batch) for batch in stream} == {5} and len(stream) == 4 * len(batches)
    in_a_row = [number for batch in stream for number in batch]
    for start in range(0, 4 * NUMBER, NUMBER):
        assert in_a_row[start : start + NUMBER] == one_pass(batches, start // NUMBER)
    assert batches.steps is None


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


def test_a_batch_of_none_is_refused(dataset):
    with pytest.raises(ValueError, match="batch_size = 0"):
        Batches(dataset, 0)
