"""Reading folders, writing, resizing, cropping, sheets, and the way into a network and back."""

from __future__ import annotations

import csv
import io
import os

import numpy as np
import pytest
from PIL import Image, ImageFile

from lib import images
from lib.images import PictureError

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.integers(0, 256, (12, 18, 3), dtype=np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff", ".PNG"])
def test_a_lossless_format_gives_every_pixel_back(tmp_path, suffix):
    path = tmp_path / "new folder" / f"picture{suffix}"
    images.write(path, NOISE)
    assert np.array_equal(images.read(path), NOISE)


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_a_lossy_format_gives_a_smooth_picture_back_nearly(tmp_path, suffix):
    ramp = np.repeat(np.linspace(0, 255, 64, dtype=np.uint8)[None, :, None], 3, axis=2)
    smooth = np.ascontiguousarray(np.broadcast_to(ramp, (64, 64, 3)))
    images.write(tmp_path / f"ramp{suffix}", smooth)
    assert np.abs(images.read(tmp_path / f"ramp{suffix}").astype(int) - smooth).max() <= 4


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    images.write(tmp_path / "a.png", NOISE)

    def fail(*_):
        raise OSError("no")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no"):
        images.write(tmp_path / "a.png", 255 - NOISE)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert np.array_equal(images.read(tmp_path / "a.png"), NOISE)


@pytest.mark.parametrize(
    ("name", "picture", "message"),
    [
        ("a.xyz", NOISE, "unknown suffix '.xyz'"),
        ("a", NOISE, "unknown suffix ''"),
        ("a.png", NOISE[:, :, 0], r"uint8 \(12, 18\)"),
        ("a.png", NOISE / 255, r"float64 \(12, 18, 3\)"),
        ("a.png", NOISE[:0], r"uint8 \(0, 18, 3\)"),
    ],
)
def test_only_pictures_are_written_and_in_known_formats(tmp_path, name, picture, message):
    with pytest.raises(PictureError, match=message):
        images.write(tmp_path / name, picture)
    assert not list(tmp_path.iterdir())


def test_bytes_are_what_pillow_reads_back():
    decoded = np.asarray(Image.open(io.BytesIO(images.encode_png(NOISE))))
    assert np.array_equal(decoded, NOISE)
    assert images.encode_jpeg(NOISE)[:2] == b"\xff\xd8"


@pytest.mark.parametrize("wrong", [np.full((2, 2, 3), 0.5), np.zeros((2, 2), bool), None])
def test_only_grey_levels_go_into_a_network(wrong):
    with pytest.raises(ValueError, match="expected uint8"):
        images.to_network(wrong)


def test_pillows_own_limit_does_not_stand_in_the_way(tmp_path, monkeypatch):
    images.write(tmp_path / "a.png", np.zeros((12, 18, 3), np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert images.read(tmp_path / "a.png").shape == (12, 18, 3)
    assert Image.MAX_IMAGE_PIXELS == 10


def test_the_pixel_limit_holds_before_anything_is_decoded(tmp_path, monkeypatch):
    images.write(tmp_path / "a.png", NOISE)
    assert images.read(tmp_path / "a.png", max_pixels=12 * 18).shape == (12, 18, 3)

    def decode(self):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decode)
    with pytest.raises(PictureError, match="18 x 12 pixels are more than max_pixels=215"):
        images.read(tmp_path / "a.png", max_pixels=12 * 18 - 1)


def test_halving_takes_the_mean_of_four():
    picture = RANDOM.integers(0, 256, (8, 10, 3), dtype=np.uint8)
    means = picture.reshape(4, 2, 5, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(images.resize(picture, (4, 5)) - means).max() <= 0.5


def test_doubling_follows_the_bicubic_kernel():
    """Keys (1981), equation 4, at the distances 1.25, 0.25, 0.75 and 1.75 from a new pixel."""
    a = -0.75
    weights = [
        a * (distance**3 - 5 * distance**2 + 8 * distance - 4)
        if distance > 1
        else (a + 2) * distance**3 - (a + 3) * distance**2 + 1
        for distance in (1.25, 0.25, 0.75, 1.75)
    ]
    row = RANDOM.random(8).astype(np.float32)
    doubled = images.resize(np.tile(row, (8, 1)), 16)[8]
    assert sum(weights) == pytest.approx(1)
    assert doubled[7] == pytest.approx(np.dot(weights, row[2:6]), abs=1e-5)
    assert doubled[8] == pytest.approx(np.dot(weights[::-1], row[2:6]), abs=1e-5)


def test_an_axis_that_shrinks_is_averaged_while_the_other_grows():
    stripes = np.zeros((64, 4, 3), np.uint8)
    stripes[::2] = 200
    resized = images.resize(stripes, (8, 8))
    assert resized.shape == (8, 8, 3)
    assert (resized == 100).all()


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 1), (6, 8, 3)])
def test_the_nearest_pixel_is_copied_and_the_axes_stay(shape):
    labels = RANDOM.integers(0, 19, shape, dtype=np.uint8)
    enlarged = images.resize(labels, (18, 24), nearest=True)
    assert enlarged.dtype == np.uint8
    assert np.array_equal(enlarged, labels.repeat(3, axis=0).repeat(3, axis=1))


def test_the_same_size_is_a_copy():
    same = images.resize(NOISE, (12, 18))
    assert np.array_equal(same, NOISE)
    assert not np.shares_memory(same, NOISE)


def test_a_box_inside_is_a_slice():
    cut = images.crop(NOISE, (2, 3, 7, 9))
    assert np.array_equal(cut, NOISE[3:9, 2:7])
    assert not np.shares_memory(cut, NOISE)


@pytest.mark.parametrize("box", [(-3, -2, 20, 14), (5, 5, 30, 8), (40, 40, 44, 45)])
def test_a_box_beyond_the_picture_is_filled(box):
    left, top, right, bottom = box
    padded = np.pad(NOISE, ((50, 50), (50, 50), (0, 0)), mode="edge")
    window = np.s_[top + 50 : bottom + 50, left + 50 : right + 50]
    assert np.array_equal(images.crop(NOISE, box), padded[window])
    padded = np.pad(NOISE, ((50, 50), (50, 50), (0, 0)), constant_values=7)
    assert np.array_equal(images.crop(NOISE, box, mode="constant", value=7), padded[window])


def test_an_empty_box_and_an_unknown_mode_are_refused():
    with pytest.raises(ValueError, match="empty"):
        images.crop(NOISE, (5, 5, 5, 9))
    with pytest.raises(ValueError, match="mirror"):
        images.crop(NOISE, (0, 0, 5, 9), mode="mirror")


def test_every_grey_level_survives_the_network_range():
    levels = np.arange(256, dtype=np.uint8)
    scaled = images.to_network(levels)
    assert scaled.dtype == np.float32
    assert (scaled[0], scaled[255]) == (-1, 1)
    assert np.array_equal(images.to_picture(scaled), levels)


def test_values_beyond_the_network_range_are_clipped():
    assert images.to_picture(np.array([-9, 9, np.nan, np.inf, 0.5])).tolist() == [
        0,
        255,
        0,
        255,
        191,
    ]


def test_a_sheet_has_its_pictures_in_rows():
    pictures = RANDOM.integers(0, 256, (5, 4, 6, 3), dtype=np.uint8)
    sheet = images.grid(pictures, columns=3, gap=2, background=9)
    assert sheet.shape == (4 + 2 + 4, 6 + 2 + 6 + 2 + 6, 3)
    assert np.array_equal(sheet[6:10, 8:14], pictures[4])
    assert (sheet[4:6] == 9).all()
    assert (sheet[6:, 14:] == 9).all()
    with pytest.raises(ValueError, match="equal pictures"):
        images.grid([NOISE, NOISE[1:]], columns=2)


def test_a_folder_is_read_in_order_and_what_fails_is_listed(tmp_path, capsys):
    for name in ("b.png", "sub/a.PNG", "a.png", ".hidden/c.png", ".c.png"):
        images.write(tmp_path / name, NOISE)
    (tmp_path / "bad.jpg").write_text("no picture")
    (tmp_path / "notes.txt").write_text("not asked for")
    found = dict(images.read_folder(tmp_path))
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "a.png",
        "b.png",
        "sub/a.PNG",
    ]
    rows = list(csv.reader((tmp_path / "rejected.csv").open()))
    assert rows[0] == ["file", "reason"]
    assert [row[0] for row in rows[1:]] == ["bad.jpg"]
    assert "3 pictures read, 1 rejected" in capsys.readouterr().out

    (tmp_path / "bad.jpg").unlink()
    assert len(list(images.read_folder(tmp_path, recursive=False, progress=False))) == 2
    assert not (tmp_path / "rejected.csv").exists()


def test_a_walk_given_up_early_still_lists_what_failed(tmp_path):
    (tmp_path / "a.jpg").touch()
    images.write(tmp_path / "b.png", NOISE)
    images.write(tmp_path / "c.png", NOISE)
    walk = images.read_folder(tmp_path, rejected=tmp_path / "lists" / "r.csv", progress=False)
    next(walk)
    walk.close()
    assert "a.jpg,the file is empty" in (tmp_path / "lists" / "r.csv").read_text()
    with pytest.raises(PictureError, match="no such folder"):
        next(images.read_folder(tmp_path / "nowhere"))
