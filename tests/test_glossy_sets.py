"""Glossy pairs to learn from and to be tested on: no person, light or gloss in common."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from lib import store
from lib.prepare import glossy_sets, renders
from lib.prepare.glossy import MADE
from lib.scene.sampling import light
from lib.store import StoreError

PEOPLE, CAPTURES, SIZE, SEED = 12, 2, 16, 11
QUIET = {"workers": 1, "progress": False}


def prepare(folder, identities=PEOPLE, seed=SEED):
    return glossy_sets.prepare(folder, identities, CAPTURES, SIZE, seed, **QUIET)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("glossy_sets")


@pytest.fixture(scope="module")
def pairs(folder):
    return prepare(folder)


def test_the_parts_share_no_person(pairs):
    assert list(pairs) == ["train", "validation", "test"]
    people = {name: set(part.identities) for name, part in pairs.items()}
    for one, other in combinations(people.values(), 2):
        assert one and other and not one & other
    assert len(people["train"] | people["validation"]) == PEOPLE
    assert len(people["train"]) > len(people["validation"])
    assert len(people["test"]) == 2 == max(2, PEOPLE // glossy_sets.TEST_SHARE)
    for name in ("train", "validation"):
        assert set(pairs[name].samples["split"]) == {name}
        assert len(pairs[name]) == len(people[name]) * CAPTURES * 2


def test_the_parts_share_no_picture(pairs):
    photos = {
        name: {photo.tobytes() for photo in part.read(range(len(part)), ["photo"])["photo"]}
        for name, part in pairs.items()
    }
    for name, part in pairs.items():
        assert len(photos[name]) == len(part)
    for one, other in combinations(photos.values(), 2):
        assert not one & other


def test_the_parts_share_no_arrangement_of_light(folder, pairs):
    taught, unseen = (set(seen.arrangements) for seen in (glossy_sets.TAUGHT, glossy_sets.UNSEEN))
    assert not taught & unseen and taught | unseen == set(light.ARRANGEMENTS)
    for name, seen in (("taught", glossy_sets.TAUGHT), ("unseen", glossy_sets.UNSEEN)):
        layers = store.open(folder / f"{name}_layers")
        sampling = layers.card["parameters"]["sampling"]
        assert set(sampling["arrangements"]) == set(seen.arrangements)
        assert sampling["more_lights"] == seen.more_lights
        assert sampling["reshuffle"] is True


def test_the_parts_share_no_level_of_gloss(pairs):
    assert all(
        end <= other_start or other_end <= start
        for start, end in glossy_sets.TAUGHT.gloss
        for other_start, other_end in glossy_sets.UNSEEN.gloss
    )
    for name, part in pairs.items():
        seen = glossy_sets.UNSEEN if name == "test" else glossy_sets.TAUGHT
        gloss = part.read(range(len(part)), ["gloss"])["gloss"].ravel()
        inside = [(low <= gloss) & (gloss <= high) for low, high in seen.gloss]
        assert np.any(inside, axis=0).all()
        if name != "validation":
            assert np.any(inside, axis=1).all(), "the test needs both intervals drawn"


def test_pairs_have_what_models_and_scores_need(pairs):
    for part in pairs.values():
        assert list(part.fields) == [*MADE, "labels", "landmarks", "attributes"]
        assert part.fields["photo"].shape == (SIZE, SIZE, 3)


def test_asked_for_again_they_are_opened_and_nothing_is_rendered(folder, pairs, monkeypatch):
    def fail(*arguments):
        raise AssertionError("rendered again")

    monkeypatch.setattr(renders.Renders, "__call__", fail)
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*.*")}
    again = prepare(folder)
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*.*")} == before
    for name, part in pairs.items():
        assert again[name].samples.equals(part.samples)
    with pytest.raises(StoreError, match="was begun with seed = 11, and 12 is asked for"):
        prepare(folder, seed=SEED + 1)


@pytest.mark.parametrize(
    "identities, found",
    [
        (0, "identities = 0"),
        (1, "1 identities"),
        (1.5, "identities = 1.5"),
        ("many", "identities ="),
    ],
)
def test_people_who_cannot_be_split_are_refused_before_anything_is_rendered(
    tmp_path, identities, found
):
    with pytest.raises(StoreError, match=rf"found {found}.*expected") as caught:
        prepare(tmp_path / "none", identities)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "none").exists()
