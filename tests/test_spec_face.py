"""Spec-Face's folders: pairs by name, splits by folder, and no leak unnoticed."""

from __future__ import annotations

import joblib
import numpy as np
import pytest
from spec_face_folders import SIZE, face, make_set, read, rejected

from lib import images, store
from lib.prepare import sources, spec_face_files
from lib.prepare.spec_face import LICENCE
from lib.prepare.spec_face_pictures import are_alike, difference, fit, foreground

# ---------------------------------------------------------------- pictures


def test_aspect_is_kept_and_the_rest_is_black():
    white = np.full((40, 20, 3), 255, np.uint8)
    square = fit(white, 16)
    assert square.shape == (16, 16, 3)
    assert (square[:, 4:12] == 255).all()
    assert not square[:, :4].any() and not square[:, 12:].any()
    assert fit(np.full((3, 900, 3), 9, np.uint8), 16).any(axis=(1, 2)).sum() == 1


def test_the_foreground_has_no_hole_where_a_pupil_is_black():
    drawn = face()
    inside = foreground(drawn)
    assert inside[13, 20] == 1 and not drawn[13, 20].any()
    assert inside[0, 0] == inside[-1, -1] == 0
    assert not foreground(np.zeros((8, 8, 3), np.uint8)).any()
    assert foreground(np.full((8, 8, 3), 90, np.uint8)).all()
    noisy = np.maximum(drawn, 6)  # as JPEG leaves it
    np.testing.assert_array_equal(foreground(noisy), inside)


def test_the_shine_of_a_pair_is_its_difference_in_linear_light():
    photo = np.full((1, 3, 3), (188, 128, 50), np.uint8).transpose(0, 2, 1).copy()
    below = np.full((1, 3, 3), 100, np.uint8)
    found = difference(photo, below)
    # 0.503 - 0.127 = 0.376 is level 165; 0.216 - 0.127 = 0.089 is 84; the third is darker.
    assert found["specular"][0, :, 0].tolist() == [165, 84, 0]
    assert found["specular_mask"].tolist() == [[1, 1, 0]]
    assert found["matte"][0, :, 0].tolist() == [100, 100, 100]
    near = difference(np.full((1, 1, 3), 104, np.uint8), np.full((1, 1, 3), 100, np.uint8))
    assert near["matte"].max() == 104 and not near["specular_mask"].any(), "a sheen stays"


@pytest.mark.parametrize(
    ("shape", "other", "alike"),
    [((40, 40), (40, 40), True), ((40, 40), (256, 256), True), ((427, 320), (256, 192), True),
     ((40, 40), (40, 30), False)],
)  # fmt: skip
def test_pairs_have_one_aspect(shape, other, alike):
    assert are_alike(np.zeros((*shape, 3)), np.zeros((*other, 3))) == alike


# ---------------------------------------------------------------- folders


@pytest.mark.parametrize(
    ("file", "who"),
    [("trainA/anna_03.png", "anna"), ("anna04.jpg", "anna"), ("0017.png", "0017"),
     ("0017_2.png", "0017"), ("trainA/rendered-5-00002_0031.png", "rendered-5-00002"),
     ("a.b-7.png", "a.b"), ("trainB/st119_left_2.png", "st119"), ("_1.png", "_1"),
     ("two\nlines1.png", "two\\nlines")],
)  # fmt: skip
def test_an_identity_is_the_beginning_of_a_name(file, who):
    assert spec_face_files.identity_of(file) == who


def test_pairs_go_by_name_and_splits_by_folder(tmp_path):
    make_set(tmp_path / "spec2diff")
    dataset = read(tmp_path / "out", tmp_path)  # the folder that holds the set does, too
    assert list(dataset.fields) == [
        "photo", "diffuse", "matte", "specular", "specular_mask", "foreground"
    ]  # fmt: skip
    table = dataset.samples
    assert dict(zip(table["identity"], table["split"], strict=True)) == {
        "ann": "train", "bob": "validation", "cy": "test"
    }  # fmt: skip
    assert table["id"].tolist()[:2] == ["trainA/ann_00.png", "trainA/ann_01.png"]
    assert dataset.card["splits"] == {"train": 2, "validation": 2, "test": 2}
    assert dataset.card["shares"] == {}
    assert dataset.card["licence"] == LICENCE and "spec2diff" in dataset.card["source"]
    for index in range(len(dataset)):
        pair = dataset[index]
        np.testing.assert_array_equal(pair["photo"], fit(face(200 + index % 2), SIZE))
        np.testing.assert_array_equal(pair["diffuse"], fit(face(), SIZE))
        assert 5 < pair["specular_mask"].sum() < 60
        np.testing.assert_array_equal(pair["foreground"], foreground(pair["photo"]))
        outside = pair["specular"].max(axis=2) == 0
        np.testing.assert_array_equal(pair["matte"][outside], pair["diffuse"][outside])


def test_two_workers_write_the_same_bytes(tmp_path):
    folder = make_set(tmp_path / "set")
    first = read(tmp_path / "one", folder)
    with joblib.parallel_config(backend="threading"):
        second = read(tmp_path / "two", folder, workers=2)
    for name in (*(f"{name}.npy" for name in first.fields), "samples.csv"):
        assert (first.path / name).read_bytes() == (second.path / name).read_bytes()


def test_what_has_no_partner_is_listed(tmp_path):
    folder = make_set(tmp_path / "set", number=3)
    (folder / "trainA/ann_00.png").unlink()
    (folder / "valiB/bob_01.png").rename(folder / "valiB/bob_09.png")
    images.write(folder / "testA/cy_00.jpg", face())  # beside cy_00.png
    images.write(folder / "testB/cy_02.png", face(height=20))
    dataset = read(tmp_path / "out", folder, max_rejected=0.9)
    reasons = rejected(dataset)
    assert reasons.pop("testA/cy_02.png").startswith("the two pictures have 40 x 40 and 40 x 20")
    assert reasons == {
        "trainB/ann_00.png": "no picture of this name in trainA",
        "valiA/bob_01.png": "no picture of this name in valiB",
        "valiB/bob_09.png": "no picture of this name in valiA",
        "testA/cy_00.png": "another picture in this folder has the same name",
    }
    assert len(dataset) == 6


@pytest.mark.parametrize("way", spec_face_files.MASK_FOLDERS)
def test_masks_are_found_under_three_names(tmp_path, way):
    folder = make_set(tmp_path / "set")
    white = np.full((40, 40, 3), 255, np.uint8)
    for start, ending in (("train", ""), ("vali", "_mask")):
        for file in (folder / f"{start}A").iterdir():
            images.write(folder / way.format(start) / f"{file.stem}{ending}.png", white)
    (folder / way.format("train") / "ann_01.png").unlink()
    dataset = read(tmp_path / "out", folder)
    found = {start: way.format(start) for start in ("train", "vali")}
    assert dataset.card["parameters"]["masks"] == found
    no_mask = f"no mask of this name in {way.format('train')}"
    assert rejected(dataset) == {"trainA/ann_01.png": no_mask}
    masks = {row: dataset[row]["specular_mask"].mean() for row in range(len(dataset))}
    assert masks[0] == masks[1] == masks[2] == 1.0, "the set's own"
    assert 0 < masks[3] < 0.2, "the test folder has none: from the pair"


def test_unpaired_pictures_are_shuffled_apart_by_the_seed(tmp_path):
    folder = tmp_path / "set"
    for index in range(6):
        images.write(folder / "trainA" / f"a{index:02d}.png", face(shine=200 + index))
    for index in range(4):
        images.write(folder / "trainB" / f"b{index:02d}.png", face(height=40 + 2 * index))
    images.write(folder / "testA" / "own.png", face())
    dataset = read(tmp_path / "out", folder, paired=False, seed=1)
    assert list(dataset.fields) == ["photo", "diffuse", "foreground"]
    ids = [name.split(" + ") for name in dataset.samples["id"]]
    assert sorted(photo for photo, _ in ids) == [f"trainA/a{index:02d}.png" for index in range(6)]
    used = [diffuse for _, diffuse in ids]
    assert len(set(used)) == 4 and used[4:] == used[:2], "the smaller folder is gone through again"
    assert rejected(dataset) == {"testA/own.png": "no picture in testB"}
    again = read(tmp_path / "again", folder, paired=False, seed=1)
    assert again.samples.equals(dataset.samples)
    other = read(tmp_path / "other", folder, paired=False, seed=2)
    assert not other.samples.equals(dataset.samples)


def test_unpaired_pictures_with_masks_have_them(tmp_path):
    folder = make_set(tmp_path / "set")
    for file in [*folder.glob("*A/*")]:
        images.write(folder / f"{file.parent.name[:-1]}M" / file.name, face(255))
    dataset = read(tmp_path / "out", folder, paired=False)
    assert list(dataset.fields) == ["photo", "diffuse", "specular_mask", "foreground"]
    assert len(dataset) == 6


# ---------------------------------------------------------------- leaks and nonsense


def test_an_identity_in_two_splits_is_refused_or_written_down(tmp_path):
    folder = make_set(tmp_path / "set", people=("ann", "bob", "ann"))
    with pytest.raises(
        store.StoreError, match="1 identities in more than one split, such as 'ann'"
    ) as caught:
        read(tmp_path / "out", folder)
    assert "train and test" in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
    dataset = read(tmp_path / "out", folder, allow_leaks=True)
    assert dataset.card["parameters"]["leaks"] == ["ann"]
    assert set(dataset.split("test").samples["identity"]) == {"ann"}


def test_a_changed_set_is_refused(tmp_path):
    folder = make_set(tmp_path / "set")
    read(tmp_path / "out", folder)
    images.write(folder / "trainB" / "ann_00.png", face(90))
    with pytest.raises(store.StoreError, match="begun with files = "):
        read(tmp_path / "out", folder)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"size": 2}, "found size = 2"), ({"seed": -1}, "found seed"), ({"workers": 0}, "workers")],
)
def test_what_makes_no_sense_is_refused_in_a_line(tmp_path, options, message):
    folder = make_set(tmp_path / "set")
    arguments = {"size": SIZE, "progress": False} | options
    with pytest.raises(store.StoreError, match=message):
        sources.spec_face(tmp_path / "out", folder, **arguments)


def test_a_folder_without_the_six_is_refused_in_a_line(tmp_path):
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(store.StoreError, match="found no folders trainA and trainB") as caught:
            read(tmp_path / "out", folder)
        assert "\n" not in str(caught.value)


def test_a_source_may_bring_splits_of_its_own(tmp_path):
    field = store.Field("number", (1,), kind="vector")
    samples = [("a", "ann", "test"), ("b", "bob", "dev")]
    options = {"source": "none", "licence": "none", "progress": False}

    def make(index, generator):
        return {"number": np.array([index], np.uint8)}

    dataset = store.build(tmp_path / "own", [field], samples, make, 0, **options)
    assert dataset.samples["split"].tolist() == ["test", "dev"]
    mixed = store.build(tmp_path / "mixed", [field], [*samples, ("c", "cy")], make, 0, **options)
    assert mixed.samples["split"].tolist() == ["test", "dev", store.split_of("cy")]
    moved = [("a", "ann", "train"), samples[1]]
    with pytest.raises(store.StoreError, match="candidates_sha256"):
        store.build(tmp_path / "own", [field], moved, make, 0, **options)
