"""A folder of photos with all that can go wrong: each goes in rightly, or is listed in a line."""

from __future__ import annotations

import csv
import os

import cv2
import numpy as np
import pytest
from PIL import Image

from lib import images, portraits
from lib.benchmarks import pictures
from lib.prepare import sources

CASES = {case.name: case.make for case in pictures.cases()}
FACE = np.ascontiguousarray(portraits.read("astronaut")[20:220, 120:320])
TURNED = Image.fromarray(np.ascontiguousarray(np.rot90(FACE)))


def rotated(path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright, its picture lies on its left side
    TURNED.save(path, exif=exif, quality=95)


def transparent(path):
    alpha = np.full((*FACE.shape[:2], 1), 255, np.uint8)
    alpha[:20] = 0
    Image.fromarray(np.concatenate([FACE, alpha], axis=2)).save(path)


def animated(path):
    frames = [Image.fromarray(FACE), Image.fromarray(FACE[::-1].copy())]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)


def sixteen_bits(path):
    cv2.imwrite(str(path), FACE[:, :, ::-1].astype(np.uint16) * 257)


def linked(path):
    outside = path.parent.parent / "outside.png"
    images.write(outside, FACE)
    path.symlink_to(outside)


def truncated(path):
    images.write(path, FACE)
    path.write_bytes(path.read_bytes()[:3000])


GOOD = {
    "good.png": lambda path: images.write(path, FACE),
    "alpha.png": transparent,
    "animated.gif": animated,
    "cmyk.jpg": lambda path: Image.fromarray(FACE).convert("CMYK").save(path, quality=95),
    "grey.jpg": lambda path: Image.fromarray(FACE).convert("L").save(path, quality=95),
    "link.png": linked,
    "rotated.jpg": rotated,
    "sixteen_bits.png": sixteen_bits,
    "two\nlines.png": lambda path: images.write(path, FACE),
}
BAD = {
    "bomb.png": (CASES["huge_header.png"], "60000 x 60000 pixels are more than"),
    "dangling.jpg": (lambda path: path.symlink_to("nowhere.jpg"), "no such file"),
    "empty.png": (lambda path: path.touch(), "empty"),
    "loop.jpg": (lambda path: path.symlink_to(path.name), "loop"),
    "page.png": (lambda path: path.write_text("<html>gone</html>"), "no picture format"),
    "pixel.png": (lambda path: images.write(path, FACE[:1, :1]), "no face found"),
    "text.jpg": (lambda path: path.write_text("a" * 999), "no picture format"),
    "truncated.jpg": (truncated, "damaged or cut off"),
    "zeros.jpg": (lambda path: path.write_bytes(bytes(999)), "no picture format"),
}
if hasattr(os, "mkfifo"):
    BAD["pipe.jpg"] = (os.mkfifo, "a pipe or a device")


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / "album"
    folder.mkdir()
    for name, make in GOOD.items():
        make(folder / name)
    for name, (make, _) in BAD.items():
        make(folder / name)
    path = folder.parent / "faces"
    options = {"workers": 1, "max_rejected": 0.9, "progress": False}
    return sources.photos(path, folder, 64, **options)


def test_every_readable_photo_shows_the_same_face(faces):
    names = [name.replace("\n", "\\n") for name in sorted(GOOD)]
    assert faces.samples["id"].tolist() == names
    rows = faces.read(range(len(names)))
    good = names.index("good.png")
    gaps = np.linalg.norm(rows["landmarks"] - rows["landmarks"][good], axis=2).mean(axis=1)
    assert dict(zip(names, gaps > 1.5, strict=True)) == dict.fromkeys(names, False)
    coloured = [place for place, name in enumerate(names) if name != "grey.jpg"]
    difference = np.abs(rows["photo"][coloured] - rows["photo"][good].astype(float))
    assert difference.mean(axis=(1, 2, 3)).max() < 10


def test_all_others_are_listed_with_one_line(faces):
    with (faces.path / "rejected.csv").open(newline="") as file:
        reasons = {row["id"]: row["reason"] for row in csv.DictReader(file)}
    assert list(reasons) == sorted(BAD)
    for name, (_, message) in BAD.items():
        assert message in reasons[name]
        assert "\n" not in reasons[name]
