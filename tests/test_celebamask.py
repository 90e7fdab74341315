"""CelebAMask-HQ's tree: painted as its authors paint, splits as theirs, and whatever is broken."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib import images, portraits, store
from lib.labels import CLASSES, MIRROR, mirror_class
from lib.prepare import celebamask, celebamask_files, class_orders, semantic, sources
from lib.prepare.celebamask_files import ANNOTATIONS, MAPPING, PARTS, PHOTOS
from lib.prepare.part_pictures import read_label_map, read_mask, read_photo
from lib.store import Rejected, StoreError
from lib.store.augmentation import Change

SIDE, SIZE = 64, 32
REAL = Path(os.environ.get("FACE_LAB_REAL", ""), "celebamask_hq_samples")
needs_real = pytest.mark.skipif("FACE_LAB_REAL" not in os.environ, reason="no real photos here")
BOXES = {  # of a face drawn by hand: top, bottom, left, right
    "skin": (16, 56, 16, 48),
    "nose": (32, 40, 28, 36),
    "l_eye": (26, 30, 36, 44),
    "r_eye": (26, 30, 20, 28),
    "l_ear": (28, 40, 44, 54),
    "hair": (4, 20, 12, 52),
    "hat": (0, 8, 12, 52),
    "neck": (52, 64, 24, 40),
}


def mask_of(part):
    mask = np.zeros((SIDE, SIDE), bool)
    top, bottom, left, right = BOXES[part]
    mask[top:bottom, left:right] = True
    return mask


def write_mask(folder, number, part, mask):
    path = folder / celebamask_files.mask_file(number, part)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.repeat(mask[..., None], 3, 2).astype(np.uint8) * 255).save(path)
    return path


def write_face(folder, number, parts=tuple(BOXES)):
    photo = np.random.default_rng(number).integers(0, 256, (4, 4, 3)).astype(np.uint8)
    photo = images.resize(photo, 2 * SIDE, nearest=True)
    images.write(folder / PHOTOS / f"{number}.jpg", photo)
    for part in parts:
        write_mask(folder, number, part, mask_of(part))


def write_table(folder, originals):
    rows = [f"{number}   {index}  {index + 1:06d}.jpg" for number, index in originals.items()]
    (folder / MAPPING).write_text("\n".join(["idx   orig_idx  orig_file", *rows, ""]))


def expected_labels():
    labels = np.zeros((SIDE, SIDE), np.uint8)
    for value, part in enumerate(CLASSES):
        if part in BOXES:
            labels[mask_of(part)] = value
    return labels


def prepare(path, folder, size=SIZE, **options):
    return sources.celebamask_hq(path, folder, size, **{"workers": 1, "progress": False} | options)


def rejected(dataset):
    with (dataset.path / "rejected.csv").open(newline="") as file:
        return {row["id"]: row["reason"] for row in csv.DictReader(file)}


@pytest.fixture
def tree(tmp_path):
    """Three faces, one of them in the second folder of masks."""
    for number in (0, 7, 2000):
        write_face(tmp_path / "set", number)
    write_table(tmp_path / "set", {0: 5, 7: 162_771, 2000: 182_638})
    return tmp_path / "set"


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


# ---------------------------------------------------------------- what is broken


def test_broken_faces_are_listed_with_the_file_and_the_reason(tree, tmp_path):
    parts = {10: ("skin",), 11: tuple(BOXES), 12: ("skin", "nose"), 13: ("skin", "nose"),
             14: ("nose",), 15: ("skin",), 16: ("skin",), 17: ("skin", "nose")}  # fmt: skip
    for number, some in parts.items():
        write_face(tree, number, some)
    places = {n: tree / celebamask_files.mask_file(n, "nose") for n in (11, 12, 13, 17)}
    places[11].write_bytes(places[11].read_bytes()[:-30])
    write_mask(tree, 12, "nose", np.ones((SIDE, SIDE // 2), bool))
    places[13].write_bytes(b"")
    write_mask(tree, 15, "skin", np.zeros((SIDE, SIDE), bool))
    (tree / PHOTOS / "10.jpg").unlink()
    photo = tree / PHOTOS / "16.jpg"
    photo.write_bytes(photo.read_bytes()[:-100])
    write_mask(tree, 17, "nose", np.ones((SIDE * 2, SIDE * 2), bool))
    images.write(tree / PHOTOS / "18.png", np.zeros((SIDE, SIDE, 3), np.uint8))
    dataset = prepare(tmp_path / "out", tree, splits="lab", max_rejected=0.9)
    assert dataset.samples["id"].tolist() == ["00000", "00007", "02000"]
    reasons = rejected(dataset)
    assert reasons["00010"] == "no photo 10 in CelebA-HQ-img"
    assert reasons["00011"].startswith(f"{ANNOTATIONS}/0/00011_nose.png: the picture is damaged")
    assert reasons["00012"] == (
        f"{ANNOTATIONS}/0/00012_nose.png: found 32 x 64 pixels; expected 64 x 64 as the others have"
    )
    assert reasons["00013"].startswith(f"{ANNOTATIONS}/0/00013_nose.png: the file is empty")
    assert reasons["00014"] == f"no {ANNOTATIONS}/0/00014_skin.png: no face without skin"
    assert reasons["00015"].startswith(f"{ANNOTATIONS}/0/00015_skin.png: the mask is empty")
    assert reasons["00016"].startswith(f"{PHOTOS}/16.jpg: the picture is damaged or cut off")
    assert "found 128 x 128 pixels" in reasons["00017"]
    assert reasons["00018"] == f"no {ANNOTATIONS}/0/00018_skin.png: no face without skin"
    assert len(reasons) == 9


def test_files_that_mean_nothing_are_counted(tree, tmp_path):
    (tree / ANNOTATIONS / "0" / "00000_tail.png").write_bytes(b"")
    (tree / ANNOTATIONS / "1" / "00000_nose.png").write_bytes(b"")
    (tree / ANNOTATIONS / "0" / ".hidden").write_bytes(b"")
    dataset = prepare(tmp_path / "out", tree)
    assert dataset.card["parameters"]["stray files"] == 2 and len(dataset) == 3


def palette(mask, colours):
    picture = Image.fromarray(mask.astype(np.uint8), "P")
    picture.putpalette(colours)
    return picture


MODES = {
    "RGB": lambda mask: Image.fromarray(np.repeat(mask[..., None], 3, 2).astype(np.uint8) * 255),
    "RGB of 0 and 1": lambda mask: Image.fromarray(np.repeat(mask[..., None], 3, 2).astype("u1")),
    "L": lambda mask: Image.fromarray(mask.astype(np.uint8) * 255),
    "L of 0 and 1": lambda mask: Image.fromarray(mask.astype(np.uint8)),
    "P, where white is 225": lambda mask: MODES["RGB"](mask).convert("P"),
    "P, where white is 0": lambda mask: palette(~mask, [255, 255, 255, 0, 0, 0]),
    "P of two blacks": lambda mask: palette(mask * 2, [0, 0, 0, 0, 0, 0, 9, 0, 200]),
    "1": lambda mask: Image.fromarray(mask),
    "LA": lambda mask: MODES["L"](mask).convert("LA"),
    "RGBA": lambda mask: MODES["RGB"](mask).convert("RGBA"),
    "16 bits": lambda mask: Image.fromarray(mask.astype(np.uint16)),
}


@pytest.mark.parametrize("mode", MODES)
def test_masks_of_every_mode_are_read_alike(mode, tmp_path):
    mask = mask_of("skin")
    MODES[mode](mask).save(tmp_path / "mask.png")
    found = read_mask(tmp_path, "mask.png")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found > 0, mask)


def test_photos_are_read_whole_at_any_size(tmp_path):
    photo = images.resize(portraits.read("astronaut")[:480, :480], 1024)
    images.write(tmp_path / "a.jpg", photo, quality=100)
    for size in (512, 256, 100, 64):
        found = read_photo(tmp_path, "a.jpg", size)
        assert found.shape == (size, size, 3)
        assert np.abs(found.astype(int) - images.resize(photo, size)).mean() < 1
    images.write(tmp_path / "b.png", photo[:, :1000])
    with pytest.raises(Rejected, match=r"b\.png: found 1000 x 1024 pixels; expected a square"):
        read_photo(tmp_path, "b.png", 64)
    with pytest.raises(Rejected, match=r"c\.jpg: cannot be read"):
        read_photo(tmp_path, "c.jpg", 64)


# ---------------------------------------------------------------- ready label maps


def write_maps(folder, order="authors", mode="L"):
    labels = expected_labels()
    labels[44:46, 28:36] = CLASSES.index("u_lip")
    table = np.array([class_orders.ORDERS[order].index(name) for name in CLASSES], np.uint8)
    for name in ("ann", "bob"):
        images.write(folder / "images" / f"{name}.jpg", np.full((SIDE, SIDE, 3), 90, np.uint8))
        path = folder / "labels" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        picture = Image.fromarray(table[labels], mode)
        if mode == "P":
            picture.putpalette(list(np.random.default_rng(0).integers(0, 256, 57)))
        picture.save(path)
    return labels


def prepare_maps(path, folder, **options):
    return sources.label_maps(path, folder, SIDE, 1, progress=False, **options)


@pytest.mark.parametrize("order", class_orders.ORDERS)
@pytest.mark.parametrize("mode", ["L", "P"])
def test_ready_maps_of_both_orders_become_the_authors(order, mode, tmp_path):
    labels = write_maps(tmp_path, order, mode)
    for place, asked in enumerate((None, order)):
        dataset = prepare_maps(tmp_path / f"out{place}", tmp_path, order=asked)
        assert dataset.card["parameters"]["order"] == order
        assert dataset.samples["identity"].tolist() == ["ann", "bob"]
        np.testing.assert_array_equal(dataset[0]["labels"], labels)
        np.testing.assert_array_equal(dataset[0]["parts"], semantic.parts_of(labels))
        assert dataset[1]["colours"][0].tolist() == [90, 90, 90]


def test_maps_that_are_none_are_rejected(tmp_path):
    write_maps(tmp_path)
    for name in ("c", "d", "e", "f"):
        images.write(tmp_path / "images" / f"{name}.png", np.zeros((SIDE, SIDE, 3), np.uint8))
    Image.fromarray(np.full((SIDE, SIDE), 77, np.uint8)).save(tmp_path / "labels" / "d.png")
    (tmp_path / "labels" / "e.png").write_bytes(b"no picture")
    images.write(tmp_path / "labels" / "f.png", np.full((SIDE, SIDE, 3), (204, 0, 0), np.uint8))
    dataset = prepare_maps(tmp_path / "out", tmp_path, max_rejected=0.9)
    reasons = rejected(dataset)
    assert reasons["c.png"] == "no label map of this name in labels"
    assert reasons["d.png"].startswith("labels/d.png: found the number 77 in a label map")
    assert reasons["e.png"].startswith("labels/e.png: the label map is damaged")
    assert reasons["f.png"].startswith("labels/f.png: found a picture of mode RGB; expected class")
    assert len(dataset) == 2


def test_maps_whose_order_cannot_be_told_need_it_stated(tmp_path):
    images.write(tmp_path / "images" / "a.png", np.zeros((SIDE, SIDE, 3), np.uint8))
    (tmp_path / "labels").mkdir()
    Image.fromarray(np.ones((SIDE, SIDE), np.uint8)).save(tmp_path / "labels" / "a.png")
    with pytest.raises(StoreError, match="state it: order='authors'"):
        prepare_maps(tmp_path / "out", tmp_path)
    with pytest.raises(StoreError, match="found order = 'rgb'; expected None or one of authors"):
        prepare_maps(tmp_path / "out", tmp_path, order="rgb")
    assert len(prepare_maps(tmp_path / "out", tmp_path, order="bisenet")) == 1


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
