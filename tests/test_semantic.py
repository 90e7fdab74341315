"""Groups, colours and colour maps on answers worked out by hand; class orders told apart."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from lib import images
from lib.labels import CLASSES, IGNORE, MIRROR
from lib.prepare import class_orders, plain_png, semantic
from lib.prepare.class_orders import BISENET, OrderError, guess_order, to_authors_order
from lib.scene.render import render
from lib.scene.sampling import sample

GROUPS = list(semantic.GROUPS)
REAL = Path(os.environ.get("FACE_LAB_REAL", ""), "celebamask_hq_samples")
needs_real = pytest.mark.skipif("FACE_LAB_REAL" not in os.environ, reason="no real photos here")


def number(name):
    return CLASSES.index(name)


def in_bisenet(labels):
    """Renumber a map of the authors' order as zllrunning's network does."""
    table = np.arange(256, dtype=np.uint8)
    table[:19] = [BISENET.index(name) for name in CLASSES]
    return table[labels]


@pytest.fixture(scope="module")
def rendered():
    return [render(sample(4, person, 0), 48) for person in range(5)]


# ---------------------------------------------------------------- groups and colours


def test_every_class_but_the_background_is_in_one_group():
    assert GROUPS == ["skin", "eyes", "mouth", "hair", "nose", "clothes", "accessories"]
    parts = semantic.parts_of(np.arange(19, dtype=np.uint8)[None])
    assert parts.dtype == np.uint8 and parts.shape == (1, 19, 7)
    assert parts[0].sum(axis=1).tolist() == [0] + [1] * 18
    groups = dict(zip(CLASSES[1:], np.array(GROUPS)[parts[0, 1:].argmax(axis=1)], strict=True))
    assert groups["neck"] == groups["r_ear"] == groups["skin"] == "skin"
    assert groups["l_brow"] == groups["hair"] == "hair", "as in S4"
    assert groups["ear_r"] == groups["neck_l"] == groups["hat"] == groups["eye_g"] == "accessories"
    assert groups["u_lip"] == groups["mouth"] == "mouth" and groups["cloth"] == "clothes"
    assert not semantic.parts_of(np.full((1, 1), IGNORE, np.uint8)).any()


def test_colours_are_means_red_first_and_black_where_there_is_nothing():
    picture = np.zeros((1, 4, 3), np.uint8)
    picture[0] = [(200, 10, 0), (101, 20, 4), (7, 8, 9), (255, 255, 255)]
    labels = np.array([[number("skin"), number("neck"), number("hair"), 0]], np.uint8)
    colours = semantic.colours_of(picture, semantic.parts_of(labels))
    assert colours.dtype == np.uint8 and colours.shape == (7, 3)
    assert colours[GROUPS.index("skin")].tolist() == [150, 15, 2]  # 150.5 rounds to even
    assert colours[GROUPS.index("hair")].tolist() == [7, 8, 9]
    assert colours.any(axis=1).sum() == 2


def test_where_groups_overlap_the_map_has_their_average():
    parts = np.zeros((1, 3, 7), np.uint8)
    parts[0, 0, [0, 3]] = 1
    parts[0, 1, 3] = 1
    colours = np.zeros((7, 3), np.uint8)
    colours[0], colours[3] = (200, 100, 50), (100, 0, 0)
    painted = semantic.colour_map(parts, colours)
    assert painted.tolist() == [[[150, 50, 25], [100, 0, 0], [0, 0, 0]]]


def test_batches_give_what_single_faces_give(rendered):
    photos, labels = (np.stack([face[name] for face in rendered]) for name in ("photo", "labels"))
    parts = semantic.parts_of(labels)
    colours = semantic.colours_of(photos, parts)
    painted = semantic.colour_map(parts, colours)
    assert painted.shape == photos.shape and colours.shape == (5, 7, 3)
    for place, face in enumerate(rendered):
        own = semantic.parts_of(face["labels"])
        np.testing.assert_array_equal(own, parts[place])
        np.testing.assert_array_equal(semantic.colours_of(face["photo"], own), colours[place])
        np.testing.assert_array_equal(semantic.colour_map(own, colours[place]), painted[place])
    # Another person's parts in this person's colours: S4's manipulation.
    swapped = semantic.colour_map(parts[::-1], colours)
    np.testing.assert_array_equal(swapped[2], painted[2])
    assert {tuple(c) for c in swapped[0].reshape(-1, 3)} <= {(0, 0, 0), *map(tuple, colours[0])}


def test_flat_faces_come_back_from_their_colours(rendered):
    parts = semantic.parts_of(rendered[0]["labels"])
    colours = semantic.colours_of(rendered[0]["photo"], parts)
    painted = semantic.colour_map(parts, colours)
    np.testing.assert_array_equal(semantic.colours_of(painted, parts), colours)


def test_wrong_shapes_are_refused_in_one_line():
    with pytest.raises(ValueError, match=r"found picture \(4, 4, 3\) and parts \(4, 4, 6\)"):
        semantic.colours_of(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 6), np.uint8))
    with pytest.raises(ValueError, match=r"found parts \(4, 4, 7\) and colours \(3, 7\)"):
        semantic.colour_map(np.zeros((4, 4, 7), np.uint8), np.zeros((3, 7), np.uint8))


# ---------------------------------------------------------------- sizes


def test_labels_are_made_small_by_vote_and_ties_go_to_the_uppermost():
    skin, brow, hair = number("skin"), number("l_brow"), number("hair")
    labels = np.array([[skin, skin, skin, skin], [skin, brow, brow, brow],
                       [hair, skin, hair, skin], [skin, hair, skin, hair]], np.uint8)  # fmt: skip
    assert semantic.shrink_labels(labels, 2).tolist() == [[skin, brow], [hair, hair]]
    flat = np.full((9, 9), 13, np.uint8)
    assert (semantic.shrink_labels(flat, 4) == 13).all()
    np.testing.assert_array_equal(semantic.shrink_labels(labels, 4), labels)
    np.testing.assert_array_equal(
        semantic.shrink_labels(labels, 8), labels.repeat(2, 0).repeat(2, 1)
    )


@pytest.mark.parametrize("size", [24, 20])
def test_a_mirrored_map_is_made_small_to_the_mirrored_map(rendered, size):
    swap = np.array(MIRROR, np.uint8)
    for face in rendered:
        labels = face["labels"]
        assert len(np.unique(labels)) > 8
        mirrored = semantic.shrink_labels(np.ascontiguousarray(swap[labels[:, ::-1]]), size)
        same = mirrored == swap[semantic.shrink_labels(labels, size)[:, ::-1]]
        assert same.all()


def test_a_thin_line_stays_whatever_pixel_it_is_on():
    glasses = number("eye_g")
    for row in (4, 5):
        labels = np.full((12, 12), number("skin"), np.uint8)
        labels[row] = glasses
        assert (semantic.shrink_labels(labels, 6)[2] == glasses).all()
        assert (semantic.shrink_labels(labels, 4) == glasses).sum() == 0, "a third loses"


def test_half_a_pixel_covered_is_a_part_and_less_is_none():
    planes = np.zeros((7, 4, 4), np.uint8)
    planes[0, 0, :2] = 255  # half of the first pixel
    planes[3, 0, 0] = 255  # a quarter
    planes[6, 2:, 2:] = 255
    parts = semantic.shrink_parts(planes, 2)
    assert parts.dtype == np.uint8 and parts.shape == (2, 2, 7)
    assert np.argwhere(parts).tolist() == [[0, 0, 0], [1, 1, 6]]
    np.testing.assert_array_equal(
        semantic.shrink_parts(planes, 4), planes.transpose(1, 2, 0) // 255
    )


# ---------------------------------------------------------------- class orders


def test_both_orders_hold_the_same_classes():
    assert sorted(BISENET) == sorted(CLASSES) and BISENET != CLASSES
    labels = np.arange(19, dtype=np.uint8)
    assert [CLASSES[new] for new in to_authors_order(labels, "bisenet")] == list(BISENET)
    np.testing.assert_array_equal(to_authors_order(labels, "authors"), labels)
    assert (
        to_authors_order(np.full((2, 2), IGNORE, np.uint8), "bisenet").tolist() == [[255] * 2] * 2
    )


def test_the_order_of_rendered_faces_is_told(rendered):
    maps = [face["labels"] for face in rendered]
    assert guess_order(maps) == "authors"
    assert guess_order([in_bisenet(labels) for labels in maps]) == "bisenet"
    for labels in maps:
        np.testing.assert_array_equal(to_authors_order(in_bisenet(labels), "bisenet"), labels)


@needs_real
def test_the_order_of_every_real_map_is_told_by_itself():
    files = sorted([*REAL.glob("labels/*.png"), *REAL.glob("labels_only/*.png")])
    assert len(files) == 10
    for file in files:
        labels = np.asarray(Image.open(file))
        assert guess_order([labels]) == "authors"
        assert guess_order([in_bisenet(labels)]) == "bisenet"


def test_what_cannot_be_told_must_be_stated(rendered):
    maps = [face["labels"] for face in rendered[:2]]
    mixed = [maps[0], in_bisenet(maps[1])]
    with pytest.raises(OrderError, match="of 2 maps 1 speak for 'authors', 1 speak for 'bisenet'"):
        guess_order(mixed)
    flat = [np.ones((8, 8), np.uint8)]
    with pytest.raises(OrderError, match="state it: order='authors' or order='bisenet'") as caught:
        guess_order(flat)
    assert "\n" not in str(caught.value)
    with pytest.raises(OrderError, match="of 0 maps"):
        guess_order([])


@pytest.mark.parametrize(
    ("labels", "order", "message"),
    [
        (np.full((2, 2), 19, np.uint8), "authors", "found the number 19 in a label map"),
        (np.full((2, 2), 254, np.uint8), "bisenet", "found the number 254"),
        (np.zeros((2, 2), np.int64), "authors", "found labels of int64"),
        (np.zeros((2, 2), np.uint8), "rgb", "found order = 'rgb'; expected one of authors"),
    ],
)
def test_numbers_that_mean_no_class_are_refused(labels, order, message):
    with pytest.raises(OrderError, match=message):
        class_orders.to_authors_order(labels, order)


# ---------------------------------------------------------------- the fast reader of PNG


def as_png(array, **options):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "png", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("level", [0, 1, 6, 9])
@pytest.mark.parametrize("channels", [1, 3])
def test_plain_files_are_read_to_the_pixel(level, channels, rendered):
    generator = np.random.default_rng(0)
    noise = generator.integers(0, 256, (37, 53)).astype(np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)  # filters of every kind
    mask = (rendered[0]["labels"] == 1).astype(np.uint8) * np.uint8(255)
    for grey in (noise, smooth, mask, mask[:1], mask[:, :1], np.zeros((9, 9), np.uint8)):
        stored = grey if channels == 1 else np.repeat(grey[..., None], 3, axis=2)
        np.testing.assert_array_equal(plain_png.decode(as_png(stored, compress_level=level)), grey)
        by_opencv = cv2.imencode(".png", stored)[1].tobytes()
        np.testing.assert_array_equal(plain_png.decode(by_opencv), grey)


def test_files_of_other_kinds_are_left_to_others(rendered):
    photo = rendered[0]["photo"]
    assert plain_png.decode(images.encode_png(photo)) is None, "colours are no greys"
    assert plain_png.decode(as_png(photo[..., 0].astype(np.uint16))) is None
    assert plain_png.decode(images.encode_jpeg(photo)) is None
    assert plain_png.decode(b"") is None


def test_no_damaged_file_is_taken_for_a_whole_one():
    grey = np.kron(np.eye(4, dtype=np.uint8), np.full((9, 9), 255, np.uint8))
    data = as_png(grey)
    generator = np.random.default_rng(1)
    assert not any(plain_png.decode(data[:cut]) is not None for cut in range(len(data)))
    for _ in range(300):
        place, bit = generator.integers(len(data)), generator.integers(8)
        broken = bytearray(data)
        broken[place] ^= 1 << bit
        assert plain_png.decode(bytes(broken)) is None


def test_forged_contents_end_in_none_and_nothing_worse():
    """Checksums may be right and the packed bytes nonsense."""
    generator = np.random.default_rng(2)
    header = as_png(np.zeros((32, 32), np.uint8))[16:29]
    packed = bytearray(
        zlib.compress(generator.integers(0, 3, 33 * 32).astype(np.uint8).tobytes(), 9)
    )
    read = 0
    for _ in range(500):
        forged = bytearray(packed)
        for _ in range(generator.integers(1, 4)):
            forged[generator.integers(2, len(forged) - 4)] = generator.integers(256)
        found = plain_png.decode(file_of(header, bytes(forged)))
        assert found is None or found.shape == (32, 32)
        read += found is not None
    assert read < 400, "most are nonsense"
    assert plain_png.decode(file_of(header, bytes(packed))).shape == (32, 32)


def file_of(header, packed):
    """Put a PNG file together, with right checksums."""
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return plain_png.SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + name + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )  # fmt: skip
