"""Batches of several datasets at once, and which other batches make a run another run."""

import few_people
import keras
import numpy as np
import pytest

from lib.profiles import Profile
from lib.store.augmentation import Augmentation
from lib.store.batches import Batches
from lib.store.identity_batches import IdentityBatches
from lib.store.joined import JoinedBatches
from lib.training import ResumeError
from lib.training.options import describe, settle
from lib.training.stream import Stream

LIGHT = Augmentation(mirror=False, brightness=0.5)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return few_people.build(tmp_path_factory.mktemp("identity") / "people")


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


def test_filled_every_part_is_full(dataset):
    joined = JoinedBatches({"photos": dataset.batches(len(dataset) - 1)})
    sizes = [[len(one[index]["photos"]["number"]) for index in (0, 1)]
             for one in (joined, joined.filled())]  # fmt: skip
    assert sizes == [[len(dataset) - 1, 1], [len(dataset) - 1] * 2]


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
