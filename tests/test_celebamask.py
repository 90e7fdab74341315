"""CelebAMask-HQ's tree: painted as its authors paint, splits as theirs, identities kept."""

from __future__ import annotations

import numpy as np
import pytest
from celebamask_trees import (
    BOXES,
    REAL,
    SIDE,
    SIZE,
    expected_labels,
    make_tree,
    mask_of,
    needs_real,
    prepare,
    rejected,
)

from lib import images, store
from lib.labels import CLASSES, MIRROR, mirror_class
from lib.prepare import celebamask, celebamask_files, semantic, sources
from lib.prepare.celebamask_files import MAPPING, PARTS, PHOTOS
from lib.prepare.part_pictures import read_label_map
from lib.store import StoreError
from lib.store.augmentation import Change


@pytest.fixture
def tree(tmp_path):
    return make_tree(tmp_path)


# ---------------------------------------------------------------- painting


def test_later_parts_lie_over_earlier_ones(tree, tmp_path):
    dataset = prepare(tmp_path / "out", tree, SIDE)
    assert list(dataset.fields) == ["photo", "labels", "parts", "colours", "overlap"]
    assert dataset.samples["id"].tolist() == ["00000", "00007", "02000"]
    for face in dataset.read(range(3))["labels"]:
        np.testing.assert_array_equal(face, expected_labels())
    labels = dataset[0]["labels"]
    assert labels[18, 20] == CLASSES.index("hair"), "hair over skin"
    assert labels[6, 20] == CLASSES.index("hat"), "a hat over hair"
    assert labels[54, 30] == CLASSES.index("neck"), "and the neck over skin: it is later"
    kinds = {name: field.kind for name, field in dataset.fields.items()}
    assert kinds == {"photo": "picture", "labels": "labels", "parts": "mask",
                     "colours": "vector", "overlap": "vector"}  # fmt: skip


def test_parts_keep_the_overlaps_that_a_label_map_loses(tree, tmp_path):
    face = prepare(tmp_path / "out", tree, SIDE)[0]
    groups = list(semantic.GROUPS)
    for part in BOXES:
        group = face["parts"][..., semantic.GROUP_OF[part]]
        assert group[mask_of(part)].all(), part
    both = face["parts"].sum(axis=-1) > 1
    assert both[6, 20] and both[28, 22], "hat and hair; eye and skin"
    stack = np.sum([mask_of(part) for part in BOXES], axis=0)
    assert face["overlap"][0] == pytest.approx((stack > 1).mean())
    expected = semantic.colours_of(face["photo"], face["parts"])
    np.testing.assert_array_equal(face["colours"], expected)
    assert not face["colours"][groups.index("clothes")].any(), "black, as there are none"


def test_maps_are_made_small_with_the_photo(tree, tmp_path):
    face = prepare(tmp_path / "out", tree)[0]
    assert {name: array.shape for name, array in face.items()} == {
        "photo": (32, 32, 3), "labels": (32, 32), "parts": (32, 32, 7), "colours": (7, 3),
        "overlap": (1,)
    }  # fmt: skip
    np.testing.assert_array_equal(face["labels"], expected_labels()[::2, ::2])  # even boxes
    known = semantic.parts_of(face["labels"])
    assert (face["parts"] >= known).all() and (face["parts"] > known).any()
    whole = images.read(tree / PHOTOS / "0.jpg")
    gap = np.abs(images.resize(whole, 32).astype(int) - face["photo"])
    assert gap.mean() < 2.5 and face["photo"].std() > 40, "colours at a JPEG's edges differ"


def test_a_mirrored_map_is_that_of_the_mirrored_annotation():
    masks = {part: mask_of(part).astype(np.uint8) for part in BOXES}
    turned = {mirror_class(part): mask[:, ::-1].copy() for part, mask in masks.items()}
    assert "r_ear" in turned and "l_ear" not in turned
    ordered = {part: turned[part] for part in PARTS if part in turned}
    labels, planes, overlap = celebamask.paint(masks)
    mirrored, mirrored_planes, mirrored_overlap = celebamask.paint(ordered)
    np.testing.assert_array_equal(mirrored, np.array(MIRROR, np.uint8)[labels[:, ::-1]])
    np.testing.assert_array_equal(mirrored_planes, planes[:, :, ::-1])
    assert mirrored_overlap == overlap > 0


def test_the_store_mirrors_parts_with_their_photo(tree, tmp_path):
    dataset = prepare(tmp_path / "out", tree)
    change = Change(mirrored=True)
    face = dataset[0]
    turned = {n: change.apply(dataset.fields[n], face[n], (SIZE, SIZE)) for n in dataset.fields}
    np.testing.assert_array_equal(turned["parts"], face["parts"][:, ::-1])
    assert (turned["labels"] == CLASSES.index("r_ear")).any()
    assert (semantic.parts_of(turned["labels"]) <= turned["parts"]).all()


# ---------------------------------------------------------------- splits and identities


def test_splits_are_the_authors_own(tree, tmp_path):
    dataset = prepare(tmp_path / "out", tree)
    assert dataset.samples["split"].tolist() == ["train", "validation", "test"]
    assert dataset.samples["identity"].tolist() == [f"celebamask-{n:05d}" for n in (0, 7, 2000)]
    bounds = [162_770, 162_771, 182_637, 182_638]
    found = [celebamask_files.split_of(index) for index in bounds]
    assert found == ["train", "validation", "validation", "test"]


def test_who_is_cut_in_two_by_the_bounds_goes_whole_into_one_split(tree, tmp_path):
    (tree / "identity_CelebA.txt").write_text("000006.jpg 9\n162772.jpg 9\n182639.jpg 4\n")
    dataset = prepare(tmp_path / "out", tree)
    assert dataset.samples["identity"].tolist() == ["celeba-9", "celeba-9", "celeba-4"]
    assert dataset.samples["split"].tolist() == ["train", "train", "test"]
    assert "celeba-9" in str(dataset.card["parameters"])
    (tree / "identity_CelebA.txt").write_text("000006.jpg 9\n182639.jpg 4\n")
    dataset = prepare(tmp_path / "other", tree)
    assert rejected(dataset) == {"00007": "not in identity_CelebA.txt"}


def test_without_the_table_the_lab_splits(tree, tmp_path):
    (tree / MAPPING).unlink()
    with pytest.raises(StoreError, match="no such file; splits='lab' does without"):
        prepare(tmp_path / "out", tree)
    dataset = prepare(tmp_path / "out", tree, splits="lab", limit=2)
    assert len(dataset) == 2
    assert dataset.samples["split"].tolist() == [
        store.split_of(who) for who in dataset.samples["identity"]
    ]
    with pytest.raises(StoreError, match="found splits = 'mine'; expected one of authors, lab"):
        prepare(tmp_path / "out", tree, splits="mine")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 5 000006.jpg\n7 x 000001.jpg\n", "line 2: found '7 x 000001.jpg'"),
        ("0 5 000005.jpg\n", "line 1: found '0 5 000005.jpg'"),
        ("0 5\n", "line 1: found '0 5'"),
        ("idx orig_idx orig_file\n0 5 000006.jpg\n", "no line for face 7; fetch"),
    ],
)
def test_a_damaged_table_is_named_with_its_line(tree, tmp_path, text, message):
    (tree / MAPPING).write_text(text)
    with pytest.raises(StoreError, match=message) as caught:
        prepare(tmp_path / "out", tree)
    assert "\n" not in str(caught.value)


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(StoreError, match="found no folder CelebA-HQ-img; expected CelebA-HQ-img"):
        prepare(tmp_path / "out", tmp_path)


# ---------------------------------------------------------------- the real samples


@needs_real
def test_real_maps_are_rebuilt_exactly_from_their_part_masks(tmp_path):
    dataset = prepare(tmp_path / "out", REAL / "derived_dataset_layout", 512)
    assert len(dataset) == 9 and not rejected(dataset)
    given = {
        path.stem: read_label_map(path.parent, path.name) for path in REAL.glob("labels/*.png")
    }
    photos = {(REAL / "images" / f"{stem}.jpg").read_bytes(): stem for stem in given}
    compared = 0
    for place, name in enumerate(dataset.samples["id"]):
        file = REAL / "derived_dataset_layout" / celebamask_files.NAME / PHOTOS / f"{int(name)}.jpg"
        if file.read_bytes() in photos:
            labels = dataset[place]["labels"]
            np.testing.assert_array_equal(labels, given[photos[file.read_bytes()]])
            compared += 1
    assert compared == len(given) == 5
    assert 0.01 < dataset.card["statistics"]["overlap"]["mean"] < 0.2


@needs_real
def test_real_annotations_mirror_as_their_maps(tmp_path):
    tree = celebamask_files.read_tree(REAL / "derived_dataset_layout")
    for place in range(3):
        masks = celebamask.read_masks(tree.folder, tree.masks(place))
        labels = celebamask.paint(masks)[0]
        turned = {mirror_class(part): np.ascontiguousarray(mask[:, ::-1])
                  for part, mask in masks.items()}  # fmt: skip
        mirrored = celebamask.paint({part: turned[part] for part in PARTS if part in turned})[0]
        np.testing.assert_array_equal(mirrored, np.array(MIRROR, np.uint8)[labels[:, ::-1]])
        assert (mirrored != labels[:, ::-1]).any(), "sides change names"


@needs_real
def test_real_ready_maps_are_understood_by_themselves(tmp_path):
    dataset = sources.label_maps(tmp_path / "out", REAL, 64, 1, progress=False)
    assert len(dataset) == 5 and dataset.card["parameters"]["order"] == "authors"
    assert (dataset.read(range(5))["colours"][:, 0].max(axis=1) > 60).all(), "skin is not black"
