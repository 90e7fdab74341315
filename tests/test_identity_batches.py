"""Batches of a few pictures of each of a few people, and batches of several datasets at once."""

from __future__ import annotations

import itertools
import threading

import keras
import numpy as np
import pytest

from lib import store
from lib.profiles import Profile
from lib.store import Field, StoreError
from lib.store.augmentation import Augmentation
from lib.store.batches import Batches
from lib.store.identity_batches import IdentityBatches
from lib.store.joined import JoinedBatches
from lib.training import ResumeError
from lib.training.options import describe, settle
from lib.training.stream import Stream

SIDE = 6
PICTURES = {"zoe": 1, "10": 3, "9": 4, "ann": 2, "Bob": 5, "ann b": 3, "eve": 2}
"""How many there are of each person."""

LIGHT = Augmentation(mirror=False, brightness=0.5)


def make(index, generator):
    """Give noise, and a number by which the sample is known."""
    picture = generator.integers(0, 128, (SIDE, SIDE, 3), dtype=np.uint8)
    return {"photo": picture, "number": np.array([index])}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Return the seven people of a split, in turns, between people of another one."""
    rounds = itertools.zip_longest(*([name] * number for name, number in PICTURES.items()))
    names = [name for turn in rounds for name in (*filter(None, turn), "other")]
    samples = [
        (f"{number}", name, "test" if name == "other" else "train")
        for number, name in enumerate(names)
    ]
    fields = [Field("photo", (SIDE, SIDE, 3)), Field("number", (1,), "int64", "vector")]
    folder = tmp_path_factory.mktemp("identity") / "people"
    options = {"source": "", "licence": "", "progress": False}
    return store.build(folder, fields, samples, make, 0, **options).split("train")


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


# ---------------------------------------------------------------- people side by side


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


# ---------------------------------------------------------------- side by side with others


def parts(dataset, **options):
    """Return people, and photos at another pace."""
    photos = {"fields": ("photo", "number"), "augment": LIGHT, "steps": 4, **options}
    return {
        "people": IdentityBatches(dataset, 3, 2, steps=4, augment=LIGHT),
        "photos": Batches(dataset, 5, **photos),
    }


def assert_same(first, second):
    assert len(first) == len(second) > 0
    for one, two in zip(keras.tree.flatten(first), keras.tree.flatten(second), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_joined_batch_holds_a_batch_of_each_part_of_the_same_place(dataset):
    joined = JoinedBatches(parts(dataset))
    assert len(joined) == 4
    for epoch, index in ((0, 0), (0, 3), (5, 2), (1, 1)):
        joined.epoch = epoch
        found = joined[index]
        assert list(found) == ["people", "photos"]
        for name, part in parts(dataset).items():
            assert_same(found[name], part.read(epoch, index))
    with pytest.raises(IndexError, match="batch 4 of a round of 4"):
        joined[4]


def test_each_part_goes_through_its_own_samples_at_its_own_pace(dataset):
    joined, photos, people = JoinedBatches(parts(dataset)), [], []
    for epoch in range(7):
        joined.epoch = epoch
        for index in range(4):
            batch = joined[index]
            photos += batch["photos"]["number"].ravel().astype(int).tolist()
            people += batch["people"]["person"][::2].tolist()
    for seen, number in ((photos, len(dataset)), (people, 7)):
        whole = np.array(seen[: len(seen) // number * number]).reshape(-1, number)
        assert len(whole) == {20: 7, 7: 12}[number]
        assert all(len(set(line)) == number for line in whole.tolist())


def test_rounds_that_differ_and_no_part_at_all_are_refused(dataset):
    with pytest.raises(ValueError, match=r"rounds of \{'people': 4, 'photos': 3\} batches"):
        JoinedBatches(parts(dataset, steps=3))
    with pytest.raises(ValueError, match="expected one part or more"):
        JoinedBatches({})


def test_what_the_model_takes_is_arranged_of_all_parts(dataset):
    def arrange(arrays):
        return arrays["people"]["person"], arrays["photos"]["photo"]

    person, photo = JoinedBatches(parts(dataset), arrange)[1]
    expected = {name: part.read(0, 1) for name, part in parts(dataset).items()}
    assert_same((person, photo), (expected["people"]["person"], expected["photos"]["photo"]))


def test_left_to_keras_joined_batches_go_on_from_round_to_round(dataset):
    joined = JoinedBatches(parts(dataset))
    joined.epoch = 5
    joined.on_epoch_end()  # as Keras does before the first round
    seen = []
    for _ in range(2):
        joined.on_epoch_begin()
        seen.append(joined[0]["photos"]["number"])
        joined.on_epoch_end()
    assert joined.epoch == 7
    expected = [parts(dataset)["photos"].read(epoch, 0)["number"] for epoch in (5, 6)]
    assert_same(seen, expected)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_resumed_stream_goes_on_as_the_uninterrupted_one(dataset, workers):
    def batches():
        return JoinedBatches(parts(dataset), workers=workers)

    whole, resumed = Stream(batches(), 0), Stream(batches(), 6)
    try:
        expected = [whole[step] for step in range(11)]
        found = [resumed[step] for step in range(5)]
    finally:
        whole.close()
        resumed.close()
    assert_same(found, expected[6:])
    with pytest.raises(AssertionError):
        assert_same(expected[0], expected[4])  # the next round is another
    assert whole.dataset.epoch == 0


# ---------------------------------------------------------------- what makes a run another run


@pytest.fixture(scope="module")
def model():
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    network.compile("sgd", "mse")
    return network


def options_of(model, batches):
    profile = Profile("smoke", 8, 4, 4, steps=10, sample_every=4, identities=1, captures=1)
    return describe(model, batches, profile, None, None)


def begin(folder, options):
    """Leave the folder of a run that has taken a step."""
    settle(folder, options, resume=True)
    (folder / "metrics.jsonl").write_text("{}\n")


def test_a_part_of_another_seed_or_size_is_another_run(dataset, model, tmp_path):
    begin(tmp_path, options_of(model, JoinedBatches(parts(dataset))))
    settle(tmp_path, options_of(model, JoinedBatches(parts(dataset))), resume=True)
    with pytest.raises(ResumeError, match=r"data\.photos\.seed = 0, and this call has 1"):
        settle(tmp_path, options_of(model, JoinedBatches(parts(dataset, seed=1))), resume=True)
    with pytest.raises(
        ResumeError, match=r"data\.photos\.augment = 'Augm.*, and this call has None"
    ):
        settle(tmp_path, options_of(model, JoinedBatches(parts(dataset, augment=None))), True)
    one = {"people": parts(dataset)["people"]}
    with pytest.raises(ResumeError, match=r"data\.photos\.\w+ = .*, and this call has None"):
        settle(tmp_path, options_of(model, JoinedBatches(one)), resume=True)


def test_as_many_pictures_of_fewer_people_are_another_run(dataset, model, tmp_path):
    begin(tmp_path, options_of(model, IdentityBatches(dataset, 3, 2, steps=4)))
    with pytest.raises(ResumeError, match=r"data\.people = 3, and this call has 2"):
        settle(tmp_path, options_of(model, IdentityBatches(dataset, 2, 3, steps=4)), resume=True)
