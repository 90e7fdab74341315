"""Semantic datasets: identities of aligned faces, labels of a network, S4's files, and resuming."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from lib import store
from lib.benchmarks import semantic as benchmark
from lib.faces import identity
from lib.labels import CLASSES
from lib.prepare import celebamask_files, descriptions, semantic, semantic_sets, sources
from lib.prepare.precomputed import Precomputed
from lib.store import Field, StoreError

SIZE, PEOPLE = 64, 5
FIELDS = ["photo", "labels", "landmarks", "attributes"]
QUIET = {"progress": False}


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    path = tmp_path_factory.mktemp("semantic") / "faces"
    options = {"seed": 8, "workers": 1, "fields": FIELDS, "shares": {"train": 0.5, "test": 0.5}}
    return sources.rendered(path, PEOPLE, 2, SIZE, **options, **QUIET)


@pytest.fixture(scope="module")
def described(faces, tmp_path_factory):
    path = tmp_path_factory.mktemp("semantic") / "described"
    return sources.semantic(path, faces, 0, 1, keep=("landmarks", "attributes"), **QUIET)


def contents(dataset):
    files = [*(f"{name}.npy" for name in dataset.fields), "samples.csv", "rejected.csv"]
    return {name: (dataset.path / name).read_bytes() for name in files}


# ---------------------------------------------------------------- semantic


def test_everything_follows_from_photo_and_labels(faces, described):
    made = ["photo", "labels", "parts", "colours", "identity"]
    assert list(described.fields) == [*made, "landmarks", "attributes"]
    shapes = {name: field.shape for name, field in described.fields.items()}
    assert shapes["parts"] == (SIZE, SIZE, 7) and shapes["colours"] == (7, 3)
    columns = ["id", "identity", "split"]
    assert described.samples[columns].equals(faces.samples[columns])
    assert described.samples["split"].nunique() == 2
    for place in range(len(faces)):
        face, made = faces[place], described[place]
        for name in FIELDS:
            np.testing.assert_array_equal(made[name], face[name])
        np.testing.assert_array_equal(made["parts"], semantic.parts_of(face["labels"]))
        expected = semantic.colours_of(face["photo"], made["parts"])
        np.testing.assert_array_equal(made["colours"], expected)
    assert described.card["licence"] == faces.card["licence"]
    assert described.card["parameters"]["groups"]["hair"] == ["hair", "l_brow", "r_brow"]
    assert described.card["parameters"]["classes"] == list(CLASSES)


def test_identity_is_that_of_the_aligned_face(faces, described):
    rows = described.read(range(len(faces)))["identity"]
    assert rows.dtype == np.float32 and rows.shape == (2 * PEOPLE, 128)
    for place in (0, 3):
        face = faces[place]
        own = identity.describe(face["photo"], face["landmarks"])
        np.testing.assert_allclose(rows[place], own, atol=1e-4)
    assert not any(path.name.startswith(".") for path in described.path.parent.iterdir())


def test_the_whole_frame_describes_somebody_else(faces, described, tmp_path):
    """S4's way: points sought as if the face filled the picture."""
    whole = sources.semantic(tmp_path / "out", faces, 0, 1, whole_frame=True, **QUIET)
    both = [one.read(range(len(faces)))["identity"] for one in (described, whole)]
    assert identity.distance(*both).mean() > 0.1
    points = descriptions.whole_frame_landmarks(faces[0]["photo"])
    assert points.shape == (5, 2)
    np.testing.assert_allclose(both[1][0], identity.describe(faces[0]["photo"], points), atol=1e-4)


def test_without_landmarks_the_error_says_what_to_do(faces, tmp_path):
    bare = sources.semantic(tmp_path / "bare", faces, 0, 1, identity=False, **QUIET)
    assert list(bare.fields) == ["photo", "labels", "parts", "colours"]
    with pytest.raises(StoreError, match="identity needs them to cut the face out") as caught:
        sources.semantic(tmp_path / "out", bare, 0, 1, **QUIET)
    assert "\n" not in str(caught.value) and not (tmp_path / "out").exists()
    again = sources.semantic(tmp_path / "again", bare, 0, 1, identity=False, **QUIET)
    assert len(again) == len(bare)


def test_parts_that_overlap_are_passed_on(faces, tmp_path):
    field = Field("parts", (SIZE, SIZE, 7), kind="mask")
    full = np.ones(field.shape, np.uint8)

    def _make(index, generator):
        face = faces.read([index], ["photo", "labels"])
        return {name: rows[0] for name, rows in face.items()} | {"parts": full}

    given = [faces.fields["photo"], faces.fields["labels"], field]
    samples = [("a", "a"), ("b", "b")]
    origin = {"source": "here", "licence": "none", "progress": False}
    drawn = store.build(tmp_path / "drawn", given, samples, _make, 0, 1, **origin)
    made = sources.semantic(tmp_path / "out", drawn, 0, 1, identity=False, **QUIET)
    assert made[0]["parts"].all()
    assert (made[0]["colours"] == made[0]["colours"][0]).all(), "every group is everywhere"


def test_workers_change_nothing_and_views_do(faces, described, tmp_path):
    options = {"keep": ("landmarks", "attributes")} | QUIET
    two = sources.semantic(tmp_path / "two", faces, 0, 2, **options)
    assert contents(two) == contents(described)
    test = faces.split("test")
    view = sources.semantic(tmp_path / "view", test, 0, 1, **options)
    assert view.samples["id"].tolist() == test.samples["id"].tolist()
    with pytest.raises(StoreError, match="was begun"):
        sources.semantic(two.path, test, 0, 1, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep": "landmarks"}, "found keep = 'landmarks'; expected names"),
        (
            {"keep": ("parts",)},
            "cannot keep 'parts'; of its fields there are attributes, landmarks",
        ),
        ({"keep": ("depth",)}, "cannot keep 'depth'"),
        ({"seed": -1}, "found seed = -1"),
        ({"workers": 0}, "found workers = 0"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(faces, tmp_path, options, message):
    with pytest.raises(StoreError, match=message):
        sources.semantic(tmp_path / "out", faces, **options, **QUIET)
    with pytest.raises(StoreError, match="expected a dataset"):
        sources.semantic(tmp_path / "out", "faces")


def test_opening_a_complete_dataset_describes_nobody(faces, described, monkeypatch):
    monkeypatch.setattr(descriptions.Describe, "__call__", lambda *_: pytest.fail("described"))
    options = {"keep": ("landmarks", "attributes")} | QUIET
    assert len(sources.semantic(described.path, faces, 0, 1, **options)) == len(faces)


# ---------------------------------------------------------------- resuming


def test_interrupted_work_goes_on_where_it_was(tmp_path):
    field = Field("identity", (3,), "float32", "vector")
    asked = []

    def compute(indices):
        asked.append(indices.tolist())
        if len(asked) == 3:
            raise KeyboardInterrupt
        return np.repeat(indices[:, None], 3, axis=1).astype(np.float32)

    ahead = Precomputed.beside(tmp_path / "set", field, 10, "abc")
    with pytest.raises(KeyboardInterrupt):
        ahead.fill(compute, 3, False, "")
    again = Precomputed.beside(tmp_path / "set", field, 10, "abc")
    again.fill(compute, 3, False, "")
    assert asked == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [6, 7, 8], [9]]
    assert [again.row(index)[0] for index in range(10)] == list(range(10))
    other = Precomputed.beside(tmp_path / "set", field, 10, "another recipe")
    assert other.values.path != again.values.path
    again.remove()
    assert not [*tmp_path.iterdir()]


# ---------------------------------------------------------------- parsed


def test_labels_come_from_the_network_in_batches(faces, tmp_path, monkeypatch):
    monkeypatch.setattr(semantic_sets, "BATCH", 4)
    seen = []

    def parse(photos):
        seen.append(photos.shape)
        return (photos[..., 0] // 14).astype(np.int64)

    made = sources.parsed(tmp_path / "out", faces, parse, 1, parser="thresholds", **QUIET)
    assert seen == [(4, SIZE, SIZE, 3), (4, SIZE, SIZE, 3), (2, SIZE, SIZE, 3)]
    assert list(made.fields) == ["photo", "labels", "landmarks"]
    np.testing.assert_array_equal(made[9]["labels"], faces[9]["photo"][..., 0] // 14)
    assert "thresholds" in made.card["source"]
    assert made.card["parameters"]["parser"] == "thresholds"
    further = sources.semantic(tmp_path / "further", made, 0, 1, identity=False, **QUIET)
    assert further[0]["parts"].any()
    with pytest.raises(StoreError, match="parser = 'thresholds', and 'another'"):
        sources.parsed(made.path, faces, parse, 1, parser="another", **QUIET)


@pytest.mark.parametrize(
    ("parse", "message"),
    [
        (lambda photos: photos, "the network returned uint8"),
        (lambda photos: photos[..., 0] / 255, "the network returned float64"),
        (lambda photos: photos[..., 0] * 0 + 40, "found the number 40 in a label map"),
        (None, "expected a function and its name"),
    ],
)
def test_networks_that_return_no_maps_are_refused(faces, tmp_path, parse, message):
    with pytest.raises(ValueError, match=message):
        sources.parsed(tmp_path / "out", faces, parse, 1, parser="broken", **QUIET)


# ---------------------------------------------------------------- S4's files


def test_files_for_s4_and_back(described, tmp_path):
    folder = sources.write_npz(described, tmp_path / "npz", **QUIET)
    assert len([*folder.glob("*.npz")]) == len(described)
    for place in range(len(described)):
        face = described[place]
        with np.load(folder / f"{place}.npz") as file:
            assert sorted(file) == ["Colors", "Image", "Masks"]
            np.testing.assert_array_equal(file["Image"][..., ::-1], face["photo"])
            np.testing.assert_array_equal(file["Colors"][:, ::-1], face["colours"])
            np.testing.assert_array_equal(file["Masks"], face["parts"])
        with np.load(folder / "colored_masks" / f"{place}.npz") as file:
            expected = semantic.colour_map(face["parts"], face["colours"])
            np.testing.assert_array_equal(file["cmask"], expected)
    with (folder / "faces.csv").open(newline="") as file:
        rows = [*csv.DictReader(file)]
    assert [row["id"] for row in rows] == described.samples["id"].tolist()
    assert [row["k"] for row in rows] == [str(place) for place in range(len(described))]
    with pytest.raises(StoreError, match="is there and not empty; name a new folder"):
        sources.write_npz(described, folder, **QUIET)


def test_what_lacks_parts_is_not_written(faces, tmp_path):
    with pytest.raises(StoreError, match="no mask 'parts' among"):
        sources.write_npz(faces, tmp_path / "npz", **QUIET)
    assert not (tmp_path / "npz").exists()


# ---------------------------------------------------------------- the benchmark, and all together


def test_faces_without_a_face_are_rejected_where_landmarks_are_wanted(tmp_path):
    benchmark.write_tree(tmp_path / "set", 2)
    blank = np.full((benchmark.PHOTO, benchmark.PHOTO, 3), 90, np.uint8)
    labels = np.ones((benchmark.MASK, benchmark.MASK), np.uint8)
    benchmark.write_face(tmp_path / "set", 2, blank, labels)
    table = tmp_path / "set" / celebamask_files.MAPPING
    table.write_text(table.read_text() + "\n2 2 000003.jpg")
    made = sources.celebamask_hq(
        tmp_path / "out", tmp_path / "set", SIZE, 1, identity=True, **QUIET
    )
    first = store.open(tmp_path / "out-found")
    assert made.samples["id"].tolist() == first.samples["id"].tolist() == ["00000", "00001"]
    with (first.path / "rejected.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["id"] == "00002" and row["reason"].startswith("no face found")
    names = ["photo", "labels", "parts", "colours", "identity", "overlap", "landmarks"]
    assert list(made.fields) == names
    face = made[0]
    own = identity.describe(face["photo"], face["landmarks"])
    np.testing.assert_allclose(face["identity"], own, atol=1e-4)


def test_the_benchmark_measures_every_step(tmp_path):
    masks = benchmark.write_tree(tmp_path / "set", 1)
    assert masks > 8
    rows = benchmark.measure_steps(tmp_path / "set", rounds=1)
    assert len(rows) == 6 and all(row["ms"] > 0 for row in rows)
    row = benchmark.measure_speed(tmp_path / "set", tmp_path / "out", 1)
    assert row["faces"] == 1 and row["faces/s"] > 0
