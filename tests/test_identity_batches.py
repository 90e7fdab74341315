"""Batches of a few pictures of each of a few people: who comes when, and in which light."""

import itertools
import threading

import few_people
import numpy as np
import pytest
from few_people import PICTURES

from lib.store import StoreError
from lib.store.augmentation import Augmentation
from lib.store.identity_batches import IdentityBatches

LIGHT = Augmentation(mirror=False, brightness=0.5)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return few_people.build(tmp_path_factory.mktemp("identity") / "people")


def own(dataset, name):
    """Return the numbers of a person's samples, in the dataset's order."""
    samples = dataset.samples
    return samples.index[samples["identity"] == name].tolist()


def laid_out(batches, epoch, index):
    """Return a batch's sample numbers and persons, each (P, K)."""
    arrays = batches.read(epoch, index)
    shape = (batches.people, batches.pictures)
    return arrays["number"].astype(int).reshape(shape), arrays["person"].reshape(shape)


def stream(batches, rounds):
    """Return sample numbers and persons of some rounds, each (places, K), a person a line."""
    found = [
        laid_out(batches, epoch, index) for epoch in range(rounds) for index in range(len(batches))
    ]
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


def test_a_batch_holds_each_persons_pictures_side_by_side(dataset):
    batches = IdentityBatches(dataset, 3, 2, steps=5)
    assert batches.identities == sorted(PICTURES) and batches.batch_size == 6
    arrays = batches[0]
    assert arrays["person"].dtype == np.int32
    assert {name: len(array) for name, array in arrays.items()} == dict.fromkeys(arrays, 6)
    seen = set()
    for epoch, index in itertools.product(range(4), range(5)):
        numbers, person = laid_out(batches, epoch, index)
        assert (person == person[:, :1]).all()
        for line, who in zip(numbers, person[:, 0], strict=True):
            assert set(line) <= set(own(dataset, batches.identities[who]))
            seen.add(int(who))
    assert seen == set(range(7))


def test_the_array_person_and_the_fields_are_those_of_the_datasets_samples(dataset):
    batches = IdentityBatches(dataset, 2, 3, fields=["number"])
    for index in range(len(batches)):
        arrays, places = batches[index], batches.indices(0, index)
        assert arrays.keys() == {"number", "person"}
        rows = dataset.samples.iloc[places]
        assert arrays["number"].ravel().astype(int).tolist() == rows.index.tolist()
        names = [batches.identities[who] for who in arrays["person"]]
        assert names == rows["identity"].tolist()


@pytest.mark.parametrize("people", [1, 3, 7])
def test_everybody_comes_once_in_each_pass_in_an_order_of_its_own(dataset, people):
    batches = IdentityBatches(dataset, people, 2, steps=7)
    _, person = stream(batches, 2)
    passes = person[:, 0].reshape(2 * people, 7)
    np.testing.assert_array_equal(np.sort(passes), np.tile(np.arange(7), (2 * people, 1)))
    assert len({tuple(order) for order in passes.tolist()}) == 2 * people
    other = stream(IdentityBatches(dataset, people, 2, steps=7, seed=1), 1)[1]
    assert not np.array_equal(other[:, 0], person[: len(other), 0])


def test_a_round_is_a_pass_filled_up_and_the_next_goes_on_there(dataset):
    batches = IdentityBatches(dataset, 3, 2)
    assert [len(IdentityBatches(dataset, number, 2)) for number in (1, 2, 3, 7)] == [7, 4, 3, 1]
    _, person = stream(batches, 7)  # 63 places: nine passes
    passes = person[:, 0].reshape(9, 7)
    np.testing.assert_array_equal(np.sort(passes), np.tile(np.arange(7), (9, 1)))


@pytest.mark.parametrize("pictures", [1, 2, 4])
def test_a_persons_pictures_come_in_turn_and_again(dataset, pictures):
    numbers, person = stream(IdentityBatches(dataset, 7, pictures, steps=6), 1)
    for who, name in enumerate(sorted(PICTURES)):
        found = numbers[person[:, 0] == who].ravel().tolist()
        expected = itertools.islice(itertools.cycle(own(dataset, name)), 6 * pictures)
        assert found == list(expected)


def test_a_batch_depends_on_round_and_index_alone(dataset):
    options = {"steps": 4, "seed": 3, "augment": LIGHT}
    whole = IdentityBatches(dataset, 3, 2, **options)
    expected = [whole.read(2, index) for index in range(4)]
    resumed, found = IdentityBatches(dataset, 3, 2, **options), {}
    resumed.epoch = 2
    threads = [
        threading.Thread(target=lambda index=index: found.update({index: resumed[index]}))
        for index in reversed(range(4))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(4):
        assert expected[index].keys() == found[index].keys()
        for name, array in expected[index].items():
            np.testing.assert_array_equal(found[index][name], array)
    with pytest.raises(IndexError, match="batch 4 of a round of 4"):
        whole[4]
    with pytest.raises(IndexError, match="batch -1 of a round of 4"):
        whole[-1]


def test_each_picture_is_augmented_and_the_person_stays(dataset):
    plain = IdentityBatches(dataset, 7, 3, steps=2)
    changed = IdentityBatches(dataset, 7, 3, steps=2, augment=LIGHT)
    factors = []
    for index in range(2):
        before, after = plain[index], changed[index]
        for name in ("number", "person"):
            np.testing.assert_array_equal(after[name], before[name])
        light = [(batch["photo"] + 1).mean(axis=(1, 2, 3)) for batch in (before, after)]
        factors.append(light[1] / light[0])
    assert np.min(factors) > 0.45 and np.max(factors) < 1.55
    assert len(np.unique(np.round(factors, 3))) > 30  # of 42, one alone for every picture
    twice = own(dataset, "zoe")[0]  # three times in a batch, each in another light
    places = np.flatnonzero(plain[0]["number"].ravel() == twice)
    assert len(places) == 3 and np.ptp(factors[0][places]) > 0.01


def test_fewer_people_than_a_batch_are_refused(dataset):
    with pytest.raises(StoreError, match=r"found 7 people; expected 8 or more for a batch"):
        IdentityBatches(dataset, 8, 2)


def test_a_batch_of_none_is_refused(dataset):
    for people, pictures in ((0, 2), (2, 0), (-1, -1)):
        found = f"people = {people}, pictures = {pictures}; expected both to be at least 1"
        with pytest.raises(ValueError, match=found):
            IdentityBatches(dataset, people, pictures)
