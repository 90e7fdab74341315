"""Datasets of photos: the faces go in, all else is listed with its reason; pairs lie congruent."""

from __future__ import annotations

import csv
import os
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lib import images, portraits, store
from lib.faces import align, detect, landmarks
from lib.prepare import chips, pairs, sources
from lib.scene.render import render
from lib.scene.sampling import sample
from lib.store import StoreError

SIZE = 128
BAD = ("broken.jpg", "empty.png", "landscape.png", "small.png")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two portraits among what a folder of photos holds besides."""
    folder = tmp_path_factory.mktemp("album")
    portrait = portraits.read("astronaut")
    images.write(folder / "eileen.png", portrait)
    (folder / "grace").mkdir()
    shutil.copy(portraits.path("grace_hopper"), folder / "grace" / "1984.jpg")
    whole = portraits.path("grace_hopper").read_bytes()
    (folder / "broken.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").touch()
    images.write(folder / "landscape.png", portrait[300:])
    images.write(folder / "small.png", images.resize(portrait, 96))
    (folder / "notes.txt").write_text("no photo")
    (folder / ".hidden.png").write_bytes(b"no photo")
    return folder


@pytest.fixture(scope="module")
def faces(folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("prepare") / "photos"
    return sources.photos(path, folder, SIZE, workers=1, max_rejected=0.9, progress=False)


def test_faces_go_in_and_all_else_is_listed_with_its_reason(faces):
    assert faces.samples["id"].tolist() == ["eileen.png", "grace/1984.jpg"]
    assert faces.samples["identity"].tolist() == ["eileen", "grace"]
    with (faces.path / "rejected.csv").open(newline="") as file:
        reasons = {row["id"]: row["reason"] for row in csv.DictReader(file)}
    assert tuple(reasons) == BAD
    assert "damaged or cut off" in reasons["broken.jpg"]
    assert "empty" in reasons["empty.png"]
    assert "no face found" in reasons["landscape.png"]
    assert "below 40" in reasons["small.png"]
    assert not any(os.sep in reason for reason in reasons.values()), "no paths of this machine"


def test_a_chip_and_its_landmarks_are_those_of_the_photo(faces):
    photo = portraits.read("astronaut")
    points = landmarks.landmarks68(photo, detect.one_face(photo))
    chip, alignment = align.chip(photo, points, SIZE, 0.5)
    stored = faces[0]
    assert np.array_equal(stored["photo"], chip)
    assert np.allclose(stored["landmarks"], alignment.to_chip(points), atol=1e-4)
    matrix = stored["alignment"]
    assert np.allclose(points @ matrix[:, :2].T + matrix[:, 2], stored["landmarks"], atol=1e-2)
    left, top, right, bottom = stored["box"]
    inside = (points > (left, top - 40)) & (points < (right, bottom + 40))
    assert inside.mean() > 0.9


def test_dlib_sees_the_landmarks_in_the_chip_where_they_are_stored(faces):
    for index in range(len(faces)):
        stored = faces[index]
        seen = landmarks.landmarks68(stored["photo"], detect.one_face(stored["photo"]))
        assert np.linalg.norm(seen - stored["landmarks"], axis=1).mean() < 0.02 * SIZE


def test_a_changed_folder_is_noticed(faces, folder, tmp_path):
    changed = shutil.copytree(folder, tmp_path / folder.name)
    images.write(changed / "small.png", images.resize(portraits.read("astronaut"), 120))
    with pytest.raises(store.StoreError, match="was begun with files = "):
        sources.photos(faces.path, changed, SIZE, max_rejected=0.9)


def test_folders_without_photos_are_refused_in_a_line(tmp_path):
    with pytest.raises(store.StoreError, match="nowhere: there is no such folder"):
        sources.photos(tmp_path / "a", tmp_path / "nowhere", SIZE)
    (tmp_path / "texts").mkdir()
    with pytest.raises(store.StoreError, match=r"found 0 files and no photos; expected \.avif"):
        sources.photos(tmp_path / "a", tmp_path / "texts", SIZE)
    (tmp_path / "texts" / "notes.txt").touch()
    with pytest.raises(store.StoreError, match="found 1 files and no photos"):
        sources.photos(tmp_path / "a", tmp_path / "texts", SIZE)
    with pytest.raises(store.StoreError, match=r"no fitted parameters; expected \.mat"):
        sources.aflw2000(tmp_path / "a", tmp_path / "texts", SIZE)
    assert not (tmp_path / "a").exists()


def test_a_folder_of_landmarks_alone_is_named(tmp_path):
    (tmp_path / "a_0_pts.mat").touch()
    expected = f"{tmp_path.name}: found 1 files of landmarks .* expected a_0.mat"
    with pytest.raises(store.StoreError, match=expected):
        pairs.find_files(tmp_path)


@pytest.mark.parametrize("make", [sources.photos, sources.aflw2000])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": "64"}, "size = '64'; expected a whole number from 8"),
        ({"workers": 1.5}, "workers = 1.5; expected a whole number from 1"),
        ({"foo": 1}, "the option 'foo'; options of building are max_rejected, progress, shares"),
        ({"source": "me"}, "the option 'source'; options of building"),
        ({"padding": "wide"}, "padding = 'wide'; expected a number from -0.4"),
        ({"max_rejected": float("nan")}, "max_rejected = nan; expected a number from 0"),
        ({"shares": 3}, "shares = 3; expected such as"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(folder, tmp_path, make, change, message):
    (folder / "fit.mat").touch()
    arguments = {"size": SIZE, "workers": 1} | change
    with pytest.raises(store.StoreError, match=message):
        make(tmp_path / "none", folder, **arguments)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("file", "identity"),
    [
        ("AFW/AFW_134212_1_0.mat", "AFW_134212_1"),
        ("AFW_Flip/AFW_134212_1_17.mat", "AFW_134212_1"),
        ("image00050.mat", "image00050"),
        ("LFPW/LFPW_image_train_0001.mat", "LFPW_image_train_0001"),
    ],
)
def test_the_turned_copies_of_a_photo_show_one_person(file, identity):
    assert pairs.identity_of(file) == identity


@pytest.mark.parametrize("visible", [False, True])
def test_a_camera_is_found_again_from_the_landmarks_it_sees(visible):
    capture = sample(1, 0, 0)
    other = replace(
        capture.camera,
        roll=capture.camera.roll + 20,
        field=capture.camera.field * 0.8,
        shift=(0.1, -0.05),
    )
    seen = pairs.landmarks_of(replace(capture, camera=other), 64, visible=visible)
    found = pairs.frame(capture, seen, 64, visible=visible).camera
    assert found.roll == pytest.approx(other.roll, abs=1e-3)
    assert found.field == pytest.approx(other.field, rel=1e-5)
    assert found.shift == pytest.approx(other.shift, abs=1e-5)


def turned_head():
    capture = sample(1, 0, 0)
    return replace(capture, camera=replace(capture.camera, yaw=35.0, roll=10.0))


def test_visible_landmarks_are_the_renderers_and_fixed_ones_differ_on_the_jaw():
    capture = turned_head()
    rendered = render(capture, 64)["landmarks"]
    assert np.allclose(pairs.landmarks_of(capture, 64, visible=True), rendered, atol=1e-3)
    gaps = np.linalg.norm(pairs.landmarks_of(capture, 64) - rendered, axis=1)
    assert gaps[:17].max() > 0.5
    assert gaps[17:].max() < 1e-3


@pytest.mark.parametrize("fixed", [True, False])
def test_both_sets_of_landmarks_of_a_pair_follow_one_convention(monkeypatch, tmp_path, fixed):
    capture = turned_head()
    images.write(tmp_path / "a.jpg", portraits.read("astronaut"))
    points = 3 * pairs.landmarks_of(capture, 64, visible=not fixed) + 100
    face = SimpleNamespace(landmarks=points if fixed else None, pose_degrees=(35, 0, 10))
    monkeypatch.setattr(pairs, "_fitted", lambda *_: (face, points))
    monkeypatch.setattr(pairs, "from_fitted", lambda *_: capture)
    pair = pairs.Pairs(tmp_path, ("a.mat",), chips.Frame(64, 0.5), 0)(0, None)
    assert np.allclose(pair["landmarks"], pair["render_landmarks"], atol=0.02)


def test_a_hash_of_the_files_follows_names_and_sizes(tmp_path):
    (tmp_path / "a").write_text("1")
    first = chips.digest(tmp_path, ["a"])
    (tmp_path / "a").write_text("12")
    assert chips.digest(tmp_path, ["a"]) != first


@pytest.mark.skipif("FACE_LAB_REAL" not in os.environ, reason="FACE_LAB_REAL is not set")
def test_real_photos_and_their_renders_lie_congruent(tmp_path):
    real = Path(os.environ["FACE_LAB_REAL"]) / "aflw2000_3d_samples"
    folder = shutil.copytree(real, tmp_path / "AFLW2000")
    (folder / "image00050.jpg").unlink()
    whole = (folder / "image00081.mat").read_bytes()
    (folder / "image00081.mat").write_bytes(whole[: len(whole) // 2])
    dataset = sources.aflw2000(tmp_path / "pairs", folder, SIZE, workers=1, progress=False)
    with (dataset.path / "rejected.csv").open(newline="") as file:
        reasons = {row["id"]: row["reason"] for row in csv.DictReader(file)}
    assert "no such file" in reasons.pop("image00050.mat")
    assert "no whole MATLAB file" in reasons.pop("image00081.mat")
    assert not reasons
    assert len(dataset) == 8
    rows = dataset.read(range(8))
    gaps = np.linalg.norm(rows["landmarks"] - rows["render_landmarks"], axis=2).mean(axis=1)
    assert np.median(gaps) < 0.04 * SIZE
    assert gaps.max() < 0.08 * SIZE
    assert (rows["render"].max(axis=(1, 2, 3)) > 60).all()


def test_photos_are_cut_in_the_frame_of_rendered_faces(tmp_path):
    """Eyes and nose lie where they do in renders, and what lies outside the photo repeats it."""
    folder = tmp_path / "photos"
    folder.mkdir()
    images.write(folder / "one.png", portraits.read("astronaut"))
    made = sources.photos(
        tmp_path / "made", folder, 64, 1, convention="portrait", licence="public", progress=False
    )
    points = made[0]["landmarks"] + 0.5  # from the frame's edge
    five = points[[45, 42, 36, 39, 33]] / 64
    expected = np.array([(0.677, 0.465), (0.572, 0.472), (0.323, 0.465), (0.428, 0.472)])
    assert np.abs(five[:4] - expected).max() < 0.04
    assert made.card["parameters"]["convention"] == "portrait"
    with pytest.raises(StoreError, match="expected one of dlib, portrait"):
        sources.photos(tmp_path / "other", folder, 64, 1, convention="celeba")
