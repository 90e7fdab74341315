"""CelebAMask-HQ's tree where files are broken, missing, or of another kind than usual."""

from __future__ import annotations

import numpy as np
import pytest
from celebamask_trees import (
    BOXES,
    SIDE,
    make_tree,
    mask_of,
    prepare,
    rejected,
    write_face,
    write_mask,
)
from PIL import Image

from lib import images, portraits
from lib.prepare import celebamask_files
from lib.prepare.celebamask_files import ANNOTATIONS, PHOTOS
from lib.prepare.part_pictures import read_mask, read_photo
from lib.store import Rejected


@pytest.fixture
def tree(tmp_path):
    return make_tree(tmp_path)


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
