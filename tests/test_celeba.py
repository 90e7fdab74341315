"""CelebA and LFW: the right face under the right name, and text files read to the letter."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from lib import images, portraits
from lib.faces import align, detect, landmarks
from lib.prepare import annotation_files, celeba_files, chips, located, sources
from lib.store import Rejected, StoreError

NAMES = [f"trait_{number}" for number in range(40)]
SIGNS = np.where(np.arange(40) % 3, -1, 1)
ALBUM = ["000001.jpg", "000002.jpg", "000003.jpg", "000004.jpg", "000005.jpg", "000006.jpg"]


def attributes_text(photos, signs=SIGNS):
    rows = [f"{photo} " + " ".join(f"{sign:2d}" for sign in signs) for photo in photos]
    return "\n".join([str(len(photos)), " ".join(NAMES) + " ", *rows, ""])


def face_of(name):
    photo = portraits.read(name)
    return photo, landmarks.landmarks68(photo, detect.one_face(photo))


@pytest.fixture(scope="module")
def portraits68():
    return {name: face_of(name) for name in portraits.PEOPLE}


@pytest.fixture(scope="module")
def celeba(portraits68, tmp_path_factory):
    """Two portraits as CelebA aligns photos, also at half size, and two photos for nothing."""
    folder = tmp_path_factory.mktemp("celeba")
    for number, (photo, points) in enumerate(portraits68.values(), start=1):
        for place, size in ((number, (218, 178)), (number + 2, (109, 89))):
            chip, _ = align.chip(photo, points, size, 0, "celeba")
            images.write(folder / "img_align_celeba" / f"{place:06d}.jpg", chip)
    images.write(folder / "img_align_celeba" / "000005.jpg", chip)
    images.write(folder / "img_align_celeba" / "000006.jpg", chip[:80])
    who = zip(ALBUM, (9, 2, 9, 2, None, 3), strict=True)
    lines = [f"{photo} {number}\r\n" for photo, number in who if number]
    (folder / "identity_CelebA.txt").write_text("".join(lines), newline="")
    (folder / "Anno").mkdir()
    (folder / "Anno" / "list_attr_celeba.txt").write_text(attributes_text(ALBUM))
    parts = "".join(f"{photo} {int(photo[5]) % 3}\n" for photo in ALBUM)
    (folder / "list_eval_partition.txt").write_text(parts)
    return folder


@pytest.fixture(scope="module")
def faces(celeba):
    return sources.celeba(celeba / "out", celeba, 64, workers=1, progress=False)


def test_identities_and_attributes_are_those_of_the_text_files(faces):
    assert faces.samples["id"].tolist() == ALBUM[:4]
    assert faces.samples["identity"].tolist() == ["celeba-9", "celeba-2", "celeba-9", "celeba-2"]
    attributes = faces.read(range(4), ["attributes"])["attributes"]
    assert attributes.dtype == np.float32
    assert (attributes == SIGNS).all()
    assert faces.card["parameters"]["attributes"] == NAMES
    assert "non-commercial" in faces.card["licence"]
    with (faces.path / "rejected.csv").open(newline="") as file:
        reasons = {row["id"]: (row["identity"], row["reason"]) for row in csv.DictReader(file)}
    assert reasons == {
        "000005.jpg": ("celeba-unknown", "not in identity_CelebA.txt"),
        "000006.jpg": ("celeba-3", "89 x 80 pixels; an aligned photo has 178 x 218, or a part"),
    }


def test_landmarks_of_aligned_photos_are_those_that_detection_finds(faces, portraits68):
    """The full and the half-size photo of a person, against landmarks of the whole portrait."""
    stored = faces.read(range(4))
    for index, (photo, points) in enumerate([*portraits68.values()] * 2):
        eyes = landmarks.outer_eye_distance(stored["landmarks"][index])
        _, expected = align.chip(photo, points, 64, 0.5)
        gaps = np.linalg.norm(stored["landmarks"][index] - expected.to_chip(points), axis=1)
        assert gaps.mean() < 0.06 * eyes
        size = (218, 178) if index < 2 else (109, 89)
        _, alignment = align.chip(photo, points, size, 0, "celeba")
        matrix = stored["alignment"][index]
        back = alignment.to_chip(points) @ matrix[:, :2].T + matrix[:, 2]
        assert np.linalg.norm(back - stored["landmarks"][index], axis=1).mean() < 0.06 * eyes


def test_a_dataset_is_opened_again_and_a_changed_text_noticed(faces, celeba):
    options = {"workers": 1, "progress": False}
    assert len(sources.celeba(faces.path, celeba, 64, **options)) == 4
    list_of_traits = celeba / "Anno" / "list_attr_celeba.txt"
    before = list_of_traits.read_text()
    list_of_traits.write_text(attributes_text(ALBUM, -SIGNS))
    with pytest.raises(StoreError, match="annotations"):
        sources.celeba(faces.path, celeba, 64, **options)
    list_of_traits.write_text(before)


@pytest.mark.parametrize(
    ("chosen", "files"),
    [
        ({"limit": 2}, ["000002.jpg", "000004.jpg"]),
        ({"limit": 4}, ["000001.jpg", "000002.jpg", "000004.jpg", "000006.jpg"]),
        ({"part": "train"}, ["000003.jpg", "000006.jpg"]),
        ({"part": "test", "limit": 1}, ["000002.jpg"]),
    ],
)
def test_a_part_is_chosen_by_whole_identities(celeba, chosen, files):
    made, people = celeba_files.maker(celeba, chips.Frame(64, 0.5), 40, **chosen)
    assert made.files.tolist() == files
    assert len(people) == len(files)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("identity_CelebA.txt", "", "line 1: found an empty file"),
        ("identity_CelebA.txt", "1.jpg 7\n2.jpg", "line 2: found 0 numbers in '2.jpg'"),
        ("identity_CelebA.txt", "1.jpg 7\n2.jpg 7 8\n", "line 2: found 2 numbers"),
        ("identity_CelebA.txt", "1.jpg 7\n\n2.jpg 8\n", "line 2: found 0 numbers in ''"),
        ("identity_CelebA.txt", "1.jpg 7\n1.jpg 8\n", "line 2: found '1.jpg' a second time"),
        ("identity_CelebA.txt", "1.jpg seven\n", "line 1: found '1.jpg seven'; expected whole"),
        ("identity_CelebA.txt", "1.jpg 9999999999\n", "line 1: found '1.jpg 9999999999'"),
        ("list_eval_partition.txt", "1.jpg 3\n", r"line 1: .* expected numbers of \[0, 1, 2\]"),
        ("list_attr_celeba.txt", "photo\n1\n", "line 1: found 'photo'; expected the number of"),
        ("list_attr_celeba.txt", attributes_text(["1.jpg"])[:-9], "line 3: found 37 numbers"),
        ("list_attr_celeba.txt", attributes_text(["1.jpg"], SIGNS * 0), r"line 3: .* \[-1, 1\]"),
        (
            "list_attr_celeba.txt",
            attributes_text(["1.jpg", "2.jpg"]).rsplit("\n", 2)[0],
            "line 1: found 1 lines of photos; expected the 2 that it promises",
        ),
        ("list_attr_celeba.txt", "1\na b\n1.jpg 1 1\n", "line 2: found 2 columns"),
        ("list_bbox_celeba.txt", b"1\n\xff\xfe\n", "line 2: found bytes that are no text"),
    ],
)
def test_a_damaged_text_file_is_named_with_its_line(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(StoreError, match=message) as caught:
        annotation_files.read(path)
    assert str(caught.value).startswith(f"{path}: line ")
    assert "\n" not in str(caught.value)


def test_lists_end_their_lines_and_name_their_columns_as_they_like(tmp_path):
    path = tmp_path / "list_bbox_celeba.txt"
    path.write_bytes(b"2\r\nimage_id x_1 y_1 width  height \r\n1.jpg  1 2 3 4\r\n2.jpg 5 6 7 8")
    table = annotation_files.read(path)
    assert table.names == ("x_1", "y_1", "width", "height")
    values, known = table.of(["2.jpg", "3.jpg", "1.jpg"])
    assert values.tolist() == [[5, 6, 7, 8], [0, 0, 0, 0], [1, 2, 3, 4]]
    assert known.tolist() == [True, False, True]


def test_of_two_faces_the_one_goes_in_that_is_meant(portraits68, tmp_path):
    (left, left_points), (right, right_points) = portraits68.values()
    both = np.concatenate([left[:512], right[:512]], axis=1)
    images.write(tmp_path / "img_celeba" / "1.png", both)
    (tmp_path / "identity_CelebA.txt").write_text("1.png 5")
    right_points = right_points + np.array([left.shape[1], 0])
    for points in (left_points, right_points):
        five = landmarks.five_points(points).round().astype(int).ravel()
        text = "1\na b c d e f g h i j\n1.png " + " ".join(map(str, five))
        (tmp_path / "list_landmarks_celeba.txt").write_text(text)
        made, people = celeba_files.maker(tmp_path, chips.Frame(64, 0.5), 40)
        assert people == ["celeba-5"]
        assert not made.aligned
        box = made(0, None)["box"]
        assert box[0] < points[:, 0].mean() < box[2]
    x, y = left_points.min(axis=0)
    width, height = np.ptp(left_points, axis=0)
    (tmp_path / "list_landmarks_celeba.txt").unlink()
    box_text = f"1\nx_1 y_1 width height\n1.png {x:.0f} {y:.0f} {width:.0f} {height:.0f}"
    (tmp_path / "list_bbox_celeba.txt").write_text(box_text)
    made, _ = celeba_files.maker(tmp_path, chips.Frame(64, 0.5), 40)
    assert np.allclose(made.points, [x + width / 2, y + height / 2], atol=1)
    with pytest.raises(Rejected, match=r"none of \d faces lies at \(5, 6\)"):
        located.face_at(both, np.array([5, 6]))
    assert located.face_at(both, np.array([np.nan, 0])) == detect.find_faces(both)[0]


@pytest.mark.parametrize("home", ["", "lfw_funneled", "lfw_home/lfw_funneled"])
def test_lfw_is_found_wherever_its_people_are(portraits68, tmp_path, home):
    photo, points = portraits68["grace_hopper"]
    y = int(points[:, 1].mean())
    images.write(tmp_path / home / "A_Person" / "A_Person_0001.jpg", photo[y - 160 : y + 160])
    images.write(tmp_path / home / "stray.jpg", photo[:50])
    folder = tmp_path / home if home == "" else tmp_path
    out = tmp_path.parent / f"out_{len(home)}"
    faces = sources.lfw(out, folder, 32, workers=1, progress=False)
    assert faces.samples["identity"].tolist() == ["A_Person"]
    assert "attributes" not in faces.fields


def test_what_makes_no_sense_is_refused_in_a_line(celeba, tmp_path):
    out = tmp_path / "out"
    for options, message in [
        ({"limit": 0}, "limit = 0; expected a whole number from 1"),
        ({"part": "all"}, "part = 'all'; expected one of train, validation, test"),
        ({"aligned": False}, "no folder img_celeba; lib.download.fetch"),
        ({"foo": 1}, "the option 'foo'"),
        ({"size": 4}, "size = 4"),
    ]:
        with pytest.raises(StoreError, match=message):
            sources.celeba(out, celeba, **({"size": 64} | options))
    with pytest.raises(StoreError, match=r"nowhere: there is no such folder; lib\.download\.fetch"):
        sources.lfw(out, tmp_path / "nowhere", 64)
    images.write(tmp_path / "flat" / "a.png", np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(StoreError, match="no folders of people"):
        sources.lfw(out, tmp_path / "flat", 64)
    (tmp_path / "img_celeba").mkdir()
    images.write(tmp_path / "img_celeba" / "1.png", np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(StoreError, match=r"identity_CelebA\.txt: there is no such file"):
        sources.celeba(out, tmp_path, 64)
    assert not out.exists()


@pytest.mark.skipif("FACE_LAB_REAL" not in os.environ, reason="FACE_LAB_REAL is not set")
def test_no_face_of_the_real_aligned_photos_is_lost(tmp_path):
    folder = Path(os.environ["FACE_LAB_REAL"]) / "celeba_half"
    faces = sources.celeba(tmp_path / "faces", folder, 64, workers=1, limit=100, progress=False)
    assert len(faces) == 100
    assert len(faces.identities) < 60
    assert set(np.unique(faces.read(range(100), ["attributes"])["attributes"])) == {-1.0, 1.0}
