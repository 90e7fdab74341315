"""Masked datasets: pairs that agree outside the mask, in the splits of the faces they show."""

from __future__ import annotations

import csv
import pickle

import joblib
import numpy as np
import pytest

from lib import store
from lib.prepare import masks, sources
from lib.prepare.masked import COLUMNS, Masked, Wardrobe
from tests.test_masks_templates import frontal_face, write_mask

SIZE, FACES, PROFILE = 48, 12, 5
SHARES = {"train": 0.5, "test": 0.5}


def make_faces(path, darker=0, split=None):
    """Build a dataset of one face in twelve versions; one has the landmarks of a profile."""

    def _make(index, generator):
        photo, points = frontal_face(SIZE)
        points[:9] += (SIZE / 2, 0) if index == PROFILE else (0, 0)
        photo[index] = index
        labels = np.full((SIZE, SIZE), index, np.uint8)
        return {"photo": photo - np.uint8(darker), "landmarks": points, "labels": labels}

    fields = [
        store.Field("photo", (SIZE, SIZE, 3)),
        store.Field("landmarks", (68, 2), "float32", "landmarks"),
        store.Field("labels", (SIZE, SIZE), kind="labels"),
    ]
    samples = [(f"face {index}", f"person {index // 2}") for index in range(FACES)]
    samples = [(*sample, *(split(index) if split else ())) for index, sample in enumerate(samples)]
    origin = {"source": "rendered", "licence": "CC0", "shares": SHARES, "progress": False}
    return store.build(path, fields, samples, _make, seed=0, **origin)


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    return make_faces(tmp_path_factory.mktemp("masked") / "faces")


def put_masks(path, faces, workers=1, **options):
    return sources.masked(path, faces, 3, workers, **{"progress": False, "variations": 2} | options)


@pytest.fixture(scope="module")
def masked(faces, tmp_path_factory):
    return put_masks(tmp_path_factory.mktemp("masked") / "masked", faces, keep=["labels"])


def contents(dataset):
    files = [*(f"{name}.npy" for name in dataset.fields), "samples.csv", "rejected.csv"]
    return {name: (dataset.path / name).read_bytes() for name in files}


def test_a_pair_agrees_outside_its_mask_and_is_the_face_it_came_from(faces, masked):
    assert list(masked.fields) == ["photo", "landmarks", "labels", "masked", "mask", "kind", "worn"]
    assert masked.fields["mask"].kind == "mask"
    sources_of = dict(zip(faces.samples["id"], range(FACES), strict=True))
    for index, name in enumerate(masked.samples["id"]):
        pair, face = masked[index], faces[sources_of[name.rpartition("-")[0]]]
        for field in faces.fields:
            np.testing.assert_array_equal(pair[field], face[field])
        clear = pair["mask"] == 0
        np.testing.assert_array_equal(pair["masked"][clear], pair["photo"][clear])
        assert (pair["masked"] != pair["photo"]).any(axis=2)[~clear].mean() > 0.9
        assert 0.05 < pair["mask"].mean() < 0.6


def test_no_identity_changes_its_split(faces, masked):
    split_of = dict(zip(faces.samples["identity"], faces.samples["split"], strict=True))
    assert set(split_of.values()) == set(SHARES), "the test needs faces in both"
    assert masked.card["shares"] == SHARES
    for identity, split in zip(masked.samples["identity"], masked.samples["split"], strict=True):
        assert split == split_of[identity]


@pytest.mark.parametrize("mixed", [False, True])
def test_splits_that_were_given_are_passed_on(tmp_path, mixed):
    def split(index):
        given = "train" if index // 2 % 2 else "validation"
        return () if mixed and index >= FACES // 2 else (given,)

    faces = make_faces(tmp_path / "faces", split=split)
    split_of = dict(zip(faces.samples["identity"], faces.samples["split"], strict=True))
    assert (faces.card["shares"] == {}) == (not mixed)
    for view in (faces, faces.split("train")):
        dataset = put_masks(tmp_path / f"masked {len(view)}", view)
        assert dataset.card["shares"] == faces.card["shares"]
        assert set(dataset.identities) == set(view.identities)
        for row in dataset.samples.itertuples():
            assert row.split == split_of[row.identity]


def test_a_face_that_takes_no_mask_is_listed_and_the_others_go_on(faces, masked):
    with open(masked.path / "rejected.csv", newline="") as file:
        refused = list(csv.DictReader(file))
    assert [row["id"] for row in refused] == [f"face {PROFILE}-0", f"face {PROFILE}-1"]
    assert all("in profile" in row["reason"] for row in refused)
    kept = [f"face {index}-{number}" for index in range(FACES) for number in (0, 1)]
    assert list(masked.samples["id"]) == [name for name in kept if f" {PROFILE}-" not in name]


def test_variations_differ_and_the_card_says_what_the_numbers_mean(masked):
    arrays = masked.read(range(len(masked)))
    pairs = arrays["masked"].reshape(-1, 2, SIZE, SIZE, 3)
    assert (pairs[:, 0] != pairs[:, 1]).any(axis=(1, 2, 3)).all()
    assert masked.card["parameters"]["columns"] == {n: list(m) for n, m in COLUMNS.items()}
    assert set(arrays["kind"].ravel()) <= set(range(len(masks.KINDS)))
    assert masked.card["source"].startswith("rendered; masks")
    assert masked.card["licence"] == "CC0"


def test_two_workers_write_the_same_bytes(faces, masked, tmp_path):
    with joblib.parallel_config(backend="threading"):
        again = put_masks(tmp_path / "two", faces, workers=2, keep=["labels"])
    assert contents(again) == contents(masked)


def test_masks_on_a_view_have_its_samples_only(faces, tmp_path):
    view = faces.split("test")
    dataset = put_masks(tmp_path / "view", view, variations=1)
    assert set(dataset.samples["split"]) == {"test"}
    assert set(dataset.identities) <= set(view.identities)
    wanted = view.read([0])["photo"][0]
    np.testing.assert_array_equal(dataset[0]["photo"], wanted)


def test_masks_on_other_faces_of_the_same_names_are_refused(faces, masked, tmp_path):
    assert len(put_masks(masked.path, faces, keep=["labels"])) == len(masked)
    others = make_faces(tmp_path / "others", darker=1)
    with pytest.raises(store.StoreError, match="begun with faces = ") as caught:
        put_masks(masked.path, others, keep=["labels"])
    assert "\n" not in str(caught.value)


def test_faces_built_again_are_the_same_faces(masked, tmp_path):
    again = make_faces(tmp_path / "again")
    assert len(put_masks(masked.path, again, keep=["labels"])) == len(masked)


@pytest.mark.parametrize(
    ("options", "kinds", "worn"),
    [
        ({"occluders": 1.0}, masks.OCCLUDERS, ["well"]),
        ({"loosely": 1.0}, masks.KINDS, masks.WORN[1:]),
        ({"loosely": 0.0, "kind": "cup"}, ["cup"], ["well"]),
    ],
)
def test_what_is_put_on_can_be_chosen(faces, tmp_path, options, kinds, worn):
    dataset = put_masks(tmp_path / "chosen", faces.split("test"), **options)
    arrays = dataset.read(range(len(dataset)), ["kind", "worn"])
    assert {COLUMNS["kind"][number] for number in arrays["kind"].ravel()} <= set(kinds)
    assert {COLUMNS["worn"][number] for number in arrays["worn"].ravel()} <= set(worn)


def test_half_of_the_masks_are_the_users_own(faces, tmp_path):
    write_mask(tmp_path / "own")
    wardrobe = Wardrobe(None, 0.0, 0.0, tmp_path / "own")
    drawn = [wardrobe.draw(np.random.default_rng(seed)) for seed in range(200)]
    assert 80 < sum("template" in options for options in drawn) < 120
    make = Masked.of(faces, wardrobe, 1, ())
    first = {int(make(0, np.random.default_rng(seed))["kind"][0]) for seed in range(12)}
    assert COLUMNS["kind"].index(masks.TEMPLATE) in first and len(first) > 1
    assert "supplied" in make.origin(faces)["licence"]
    before = make.parameters["templates"]
    write_mask(tmp_path / "own", colour=(0, 90, 0))
    assert wardrobe.parameters["templates"] != before


def test_the_maker_travels_light(faces):
    make = Masked.of(faces, Wardrobe(None, 0.1, 0.0, None), 1, ())
    assert len(pickle.dumps(make)) < 2000
    assert pickle.loads(pickle.dumps(make)) == make


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variations": 0}, "whole number from 1"),
        ({"kind": "veil"}, "expected None or one of surgical"),
        ({"loosely": 1.5}, "found loosely = 1.5; expected a share"),
        ({"occluders": -0.1}, "found occluders = -0.1"),
        ({"keep": ["depth"]}, "cannot keep 'depth'; of its fields there are labels"),
        ({"keep": "labels"}, "expected names"),
        ({"faces": "faces64"}, "expected a dataset"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(faces, tmp_path, options, message):
    with pytest.raises(store.StoreError, match=message) as caught:
        put_masks(tmp_path / "none", **{"faces": faces} | options)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "none").exists()


def test_faces_without_landmarks_are_refused(tmp_path):
    field, origin = store.Field("photo", (8, 8, 3)), {"source": "none", "licence": "none"}
    bare = store.build(
        tmp_path, [field], [("a", "b")], lambda i, g: {"photo": np.zeros((8, 8, 3), "uint8")}, 0,
        progress=False, **origin,
    )  # fmt: skip
    with pytest.raises(store.StoreError, match="no landmarks 'landmarks' among photo"):
        put_masks(tmp_path / "masked", bare)
