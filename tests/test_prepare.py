"""Rendered datasets: exact layers; the same bytes for any workers and after a kill; cameras."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
import textwrap

import joblib
import numpy as np
import pytest

from lib import env, store
from lib.prepare import renders, sources
from lib.prepare.camera import CameraFlaws
from lib.scene.pictures import to_srgb
from lib.scene.render import SPECULAR_THRESHOLD
from lib.scene.sampling import sample, sample_person

SIZE, IDENTITIES, CAPTURES, SEED = 32, 3, 3, 7
EVERY = tuple(field.name for field in renders.fields(SIZE)) + renders.ON_REQUEST


def build(path, workers=1, **options):
    options = {"fields": EVERY, "progress": False} | options
    return sources.rendered(path, IDENTITIES, CAPTURES, SIZE, SEED, workers, **options)


def contents(dataset):
    files = [*(f"{name}.npy" for name in dataset.fields), "samples.csv"]
    return {name: (dataset.path / name).read_bytes() for name in files}


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    return build(tmp_path_factory.mktemp("prepare") / "reference")


@pytest.fixture(scope="module")
def arrays(faces):
    return faces.read(range(len(faces)))


def test_a_photo_is_the_rounded_sum_of_its_layers(arrays):
    diffuse, specular = arrays["diffuse_linear"], arrays["specular_linear"]
    assert np.array_equal(arrays["photo"], to_srgb(diffuse + specular))
    assert np.array_equal(arrays["diffuse"], to_srgb(diffuse))
    assert np.array_equal(arrays["specular"], to_srgb(specular))
    assert arrays["photo"].std() > 30, "pictures show something"


def test_the_mask_is_where_the_specular_layer_exceeds_its_threshold(arrays):
    bright = arrays["specular_linear"] @ np.float32([0.2126, 0.7152, 0.0722]) > SPECULAR_THRESHOLD
    assert np.array_equal(arrays["specular_mask"], bright)
    assert 0 < bright.mean() < 0.5


def test_the_fields_keep_to_the_contracts(faces, arrays):
    assert arrays["labels"].max() <= 18
    assert {0, 1, 17} <= set(np.unique(arrays["labels"])), "background, skin and hair"
    assert set(np.unique(arrays["landmarks_visible"])) <= {0, 1}
    inside = (arrays["landmarks"] > 0) & (arrays["landmarks"] < SIZE - 1)
    assert inside.mean() > 0.98
    eyes = arrays["landmarks"][:, [36, 45], 0]
    assert (eyes[:, 0] < eyes[:, 1]).all(), "the subject's right is on the left"
    assert (arrays["depth"][arrays["labels"] == 1] > 400).mean() > 0.95, "all but outlines"
    assert faces.fields["labels"].kind == "labels"
    assert faces.fields["landmarks"].kind == "landmarks"


def test_the_numbers_are_those_of_the_captures(faces, arrays):
    for index in range(len(faces)):
        capture = sample(SEED, *divmod(index, CAPTURES))
        assert faces.samples["identity"][index] == capture.person.name
        assert np.array_equal(arrays["shape"][index], capture.person.shape)
        assert np.array_equal(arrays["expression"][index], capture.expression)
        assert arrays["camera"][index, 0] == np.float32(capture.camera.yaw)
        assert np.allclose(arrays["lights"][index, 0, :3], capture.lights[0].direction)
        attributes = dict(zip(renders.ATTRIBUTES, arrays["attributes"][index], strict=True))
        assert attributes["sex"] == capture.person.sex
        assert attributes["glasses"] == (capture.look.glasses is not None)
    columns = faces.card["parameters"]["columns"]
    assert {name: arrays[name].shape[-1] for name in columns} == {
        name: len(meanings) for name, meanings in columns.items()
    }


def test_an_identity_is_one_person_in_one_split(faces):
    people = faces.samples.groupby("identity")
    assert people.ngroups == IDENTITIES
    assert (people["split"].nunique() == 1).all()
    assert faces.samples["id"].is_unique
    assert faces.identities[2] == sample_person(SEED, 2).name


def two_processes(folder):
    """Plan a build by two processes."""
    build_anywhere = functools.partial(sources.rendered, fields=EVERY, progress=False)
    return build_anywhere, folder / "two", IDENTITIES, CAPTURES, SIZE, SEED, 2


@pytest.mark.ahead(plan=two_processes)
def test_two_processes_write_the_same_bytes(faces, ahead):
    assert contents(ahead.answer) == contents(faces)


def test_another_joblib_backend_with_five_workers_writes_the_same_bytes(faces, tmp_path):
    with joblib.parallel_config(backend="threading"):
        assert contents(build(tmp_path / "five", workers=5)) == contents(faces)


KILLED = """
    import os, signal, sys
    from lib.prepare import renders
    from tests import test_prepare

    make = renders.Renders.__call__

    def die_at_the_fifth(self, index, generator):
        if index == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return make(self, index, generator)

    renders.Renders.__call__ = die_at_the_fifth
    test_prepare.build(sys.argv[1])
"""


def killed_build(folder):
    """Plan a build that dies in a process of its own."""
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(folder / "killed")]
    return functools.partial(subprocess.run, cwd=env.ROOT, capture_output=True), command


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.ahead(plan=killed_build)
def test_after_a_kill_the_bytes_are_the_same(faces, ahead):
    path = ahead.folder / "killed"
    assert ahead.answer.returncode == -9, ahead.answer.stderr.decode()
    with pytest.raises(store.StoreError, match="4 of 9 samples are made"):
        store.open(path)
    assert contents(build(path)) == contents(faces)


def test_a_second_call_only_opens(faces, monkeypatch):
    monkeypatch.setattr(renders, "render", None)
    before = {path: path.stat().st_mtime_ns for path in faces.path.iterdir()}
    assert len(build(faces.path, workers=2)) == len(faces)
    assert {path: path.stat().st_mtime_ns for path in faces.path.iterdir()} == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reshuffle": True}, "with sampling.reshuffle = False, and True is asked"),
        ({"yaw_limit": 9.0}, "begun without sampling.yaw_limit, and 9.0 is asked"),
        ({"camera": CameraFlaws()}, "begun without camera.blur"),
        ({"fields": ["photo"]}, "begun with field diffuse = .*, and none is asked for"),
        ({"fields": ["photo", "albedo"]}, "found fields albedo; expected some of photo, "),
        ({"fields": []}, "found fields none; expected some of photo, "),
        ({"yaw": 3}, "found the option 'yaw'; options of sampling are accessories, "),
    ],
)
def test_what_differs_or_makes_no_sense_is_refused_in_a_line(faces, change, message):
    with pytest.raises(store.StoreError, match=message) as caught:
        build(faces.path, **change)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"identities": 0}, "identities = 0; expected a whole number from 1"),
        ({"identities": 1.5}, "identities = 1.5; expected a whole number from 1"),
        ({"captures": 0}, "captures = 0; expected a whole number from 1"),
        ({"size": 4}, "size = 4; expected a whole number from 8"),
        ({"size": "64"}, "size = '64'; expected a whole number from 8"),
        ({"size": 64.0}, "size = 64.0; expected a whole number from 8"),
        ({"size": None}, "size = None; expected a whole number from 8"),
        ({"seed": -3}, "seed = -3; expected a whole number from 0"),
        ({"seed": 1.5}, "seed = 1.5; expected a whole number from 0"),
        ({"workers": 0}, "workers = 0; expected a whole number from 1"),
        ({"workers": -1}, "workers = -1; expected a whole number from 1"),
        ({"workers": "2"}, "workers = '2'; expected a whole number from 1"),
        ({"camera": "bad"}, r"camera = 'bad'; expected CameraFlaws\(...\), or None"),
        ({"fields": "photo"}, "fields = 'photo'; expected a list such as"),
        ({"fields": [1]}, r"fields = \[1\]; expected a list such as"),
        ({"shares": 3}, "shares = 3; expected such as {'train': 0.8"),
        ({"shares": {}}, "sum to 0; expected 1"),
        ({"yaw_limit": "a"}, "yaw_limit = 'a'; expected degrees, a number from 0 to 180"),
        ({"yaw_limit": float("nan")}, "yaw_limit = nan; expected degrees"),
        ({"yaw_spread": -5}, "yaw_spread = -5; expected degrees"),
        ({"reshuffle": "no"}, "reshuffle = 'no'; expected True or False"),
        ({"foo": 1}, "found the option 'foo'; options of sampling are accessories, "),
    ],
)
def test_arguments_that_make_no_dataset_are_refused_in_a_line(tmp_path, change, message):
    arguments = {"identities": 1, "captures": 1, "size": 32, "workers": 1} | change
    with pytest.raises(store.StoreError, match=message) as caught:
        sources.rendered(tmp_path / "none", **arguments)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "none").exists()


def test_few_people_are_split_so_that_somebody_is_in_each_part(tmp_path):
    some = {"captures": 1, "size": 16, "seed": 1, "workers": 1, "progress": False}
    several = sources.rendered(tmp_path / "several", 4, **some, fields=("photo",))
    assert all(len(several.split(name)) for name in store.SHARES)
    assert {store.split_of(name) for name in several.identities} < set(store.SHARES)
    alone = sources.rendered(tmp_path / "alone", 1, **some, fields=("photo",))
    assert alone.card["shares"] == store.SHARES


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_place_of_the_folder_is_named(tmp_path, place):
    (tmp_path / "file").touch()
    with pytest.raises(store.StoreError, match=f"{place}: no folder can be made here"):
        build(tmp_path / place)


def test_numbers_of_numpy_are_as_good_as_pythons(faces):
    numbers = map(np.int64, (IDENTITIES, CAPTURES, SIZE, SEED, 1))
    again = sources.rendered(faces.path, *numbers, fields=EVERY, reshuffle=np.False_)
    assert len(again) == len(faces)


@pytest.mark.parametrize("finished", [True, False])
def test_another_renderer_does_not_go_on_with_a_folder(faces, tmp_path, monkeypatch, finished):
    path = faces.path
    if not finished:
        path = tmp_path / "begun"
        path.mkdir()
        shutil.copy(faces.path / "card.json", path / "building.json")
    monkeypatch.setattr("lib.scene.source_digest", lambda: "0123456789abcdef")
    made_by = faces.card["parameters"]["renderer"]
    assert len(made_by) == 16
    message = f"was begun with renderer = '{made_by}', and '0123456789abcdef' is asked for"
    with pytest.raises(store.StoreError, match=message):
        build(path)


def test_the_most_telling_difference_is_named(faces):
    with pytest.raises(store.StoreError, match="was begun with size = 32, and 48 is asked for"):
        sources.rendered(faces.path, IDENTITIES, CAPTURES, 48, SEED, fields=EVERY)
    with pytest.raises(store.StoreError, match="was begun with seed = 7, and 8 is asked for"):
        sources.rendered(faces.path, IDENTITIES, CAPTURES, SIZE, SEED + 1, fields=EVERY)


def test_the_card_says_where_the_faces_come_from(faces):
    card = json.loads((faces.path / "card.json").read_text())
    assert card["source"] == "rendered by Face GAN Lab"
    assert card["licence"].startswith("CC BY 4.0")
    assert card["seed"] == SEED


def test_a_flawed_camera_changes_the_photos_and_nothing_else(faces, arrays, tmp_path):
    flawed = build(tmp_path / "flawed", camera=CameraFlaws())
    mine, theirs = contents(flawed), contents(faces)
    assert [name for name in mine if mine[name] != theirs[name]] == ["photo.npy"]
    photos = flawed.read(range(len(flawed)), ["photo"])["photo"]
    gap = np.sqrt(((photos.astype(float) - arrays["photo"]) ** 2).mean(axis=(1, 2, 3)))
    assert (gap > 0.5).all(), "each photo has flaws"
    assert (gap < 20).all(), "and still shows the same"
    again = build(tmp_path / "again", camera=CameraFlaws())
    assert contents(again) == mine
