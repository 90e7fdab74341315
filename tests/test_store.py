"""The prepared dataset: the same bytes for any workers and after a kill, and no identity leaks."""

from __future__ import annotations

import csv
import errno
import json
import shutil
import signal
import subprocess
import sys
import textwrap
from collections import namedtuple
from itertools import pairwise

import numpy as np
import pytest

from lib import store
from lib.store import Field, Rejected, StoreError, building, rows

FIELDS = [
    Field("photo", (6, 5, 3)),
    Field("labels", (6, 5), kind="labels"),
    Field("landmarks", (68, 2), "float32", "landmarks"),
]
SAMPLES = [(f"photo {index}.jpg", f"Person {index // 3}") for index in range(90)]
ORIGIN = {"source": "made up", "licence": "CC0", "progress": False}
FILES = ("photo.npy", "labels.npy", "landmarks.npy", "samples.csv", "rejected.csv")


def make(index, generator):
    if index % 10 == 3:
        raise Rejected("no face\nfound")
    return {
        "photo": generator.integers(0, 256, (6, 5, 3), dtype=np.uint8),
        "labels": generator.integers(0, 19, (6, 5), dtype=np.uint8),
        "landmarks": generator.uniform(0, 5, (68, 2)).astype(np.float32),
    }


def build(path, **changes):
    options = {"samples": SAMPLES, "make": make, "seed": 5, **ORIGIN} | changes
    return store.build(path, options.pop("fields", FIELDS), **options)


def contents(path):
    return {name: (path / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("store") / "reference")


def test_no_identity_is_in_two_splits(built):
    views = [built.split(name) for name in ("train", "validation", "test")]
    identities = [set(view.identities) for view in views]
    assert sum(map(len, views)) == len(built) == 81
    assert all(identities)
    assert sum(map(len, identities)) == len(set.union(*identities)) == 30


def test_a_sample_is_what_its_maker_made(built):
    for place, (name, identity) in enumerate(built.samples[["id", "identity"]].to_numpy()):
        index = int(name.removeprefix("photo ").removesuffix(".jpg"))
        assert SAMPLES[index] == (name, identity)
        expected = make(index, np.random.default_rng(np.random.SeedSequence([5, index])))
        assert all(np.array_equal(built[place][key], expected[key]) for key in expected)


def test_rejected_samples_are_listed_and_left_out(built):
    with (built.path / "rejected.csv").open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert [row["id"] for row in listed] == [f"photo {index}.jpg" for index in range(3, 90, 10)]
    assert {row["reason"] for row in listed} == {"no face\\nfound"}
    assert not set(built.samples["id"]) & {row["id"] for row in listed}


def test_the_files_are_plain_numpy_and_the_card_tells_their_statistics(built):
    card = json.loads((built.path / "card.json").read_text())
    for field in FIELDS:
        array = np.load(built.path / f"{field.name}.npy", allow_pickle=False)
        assert array.shape == (81, *field.shape)
        assert array.dtype == field.dtype
        statistics = card["statistics"][field.name]
        assert statistics["mean"] == pytest.approx(array.mean(dtype=float), rel=1e-6)
        assert statistics["deviation"] == pytest.approx(array.std(dtype=float), rel=1e-6)
        assert (statistics["minimum"], statistics["maximum"]) == (array.min(), array.max())
    assert card["splits"] == built.samples["split"].value_counts().to_dict()
    assert (card["source"], card["licence"], card["seed"]) == ("made up", "CC0", 5)
    assert sorted(path.name for path in built.path.iterdir()) == sorted([*FILES, "card.json"])


def test_two_workers_write_the_same_bytes(built, tmp_path):
    assert contents(build(tmp_path / "two", workers=2).path) == contents(built.path)


KILLED = """
    import os, signal
    from pathlib import Path
    import numpy as np
    from tests import test_store

    def make(index, generator):
        if index == 47:
            os.kill(os.getpid(), signal.SIGKILL)
        return test_store.make(index, generator)

    make.__module__ = "elsewhere"  # as if it were a library's: its code is no part of the recipe
    test_store.build(Path({path!r}), make=make)
"""


def test_a_killed_build_goes_on_and_ends_with_the_same_bytes(built, tmp_path):
    path = tmp_path / "killed"
    script = textwrap.dedent(KILLED.format(path=str(path)))
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    with pytest.raises(StoreError, match=r"unfinished, \d\d of 90 samples .* call build"):
        store.open(path)
    with (path / "journal.jsonl").open("a") as journal:
        journal.write('{"made": [8')  # as if the kill had come in the middle of a line

    calls = []

    def counted(index, generator):
        calls.append(index)
        return make(index, generator)

    with pytest.raises(StoreError, match="seed = 5, and 6 is asked for"):
        build(path, seed=6)
    assert contents(build(path, make=counted).path) == contents(built.path)
    assert min(calls) > 30
    assert 47 in calls


def test_a_line_cut_short_leaves_the_journal(tmp_path):
    journal = tmp_path / "journal.jsonl"
    whole = '{"made": [0, 2], "rejected": [[1, "dark"]]}\n'
    journal.write_text(whole + '{"made": [3')
    assert building.read_journal(journal) == ({0, 2}, {1: "dark"})
    assert journal.read_text() == whole


def test_a_kill_while_closing_the_gaps_is_mended(built, tmp_path, monkeypatch):
    path = tmp_path / "closing"

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lib.store.building.write_csv", fail)
    with pytest.raises(KeyboardInterrupt):
        build(path)
    monkeypatch.undo()
    assert contents(build(path, make=None).path) == contents(built.path)


def test_a_complete_dataset_is_opened_not_rebuilt(built):
    assert len(build(built.path, make=None)) == 81


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 6}, "seed = 5, and 6 is asked for"),
        ({"parameters": {"size": 64}}, "begun without size, and 64 is asked for"),
        ({"fields": FIELDS[:1]}, r"with field labels = 'uint8 \(6, 5\) labels', and none is asked"),
        ({"samples": SAMPLES[:-1]}, "candidates = 90, and 89"),
        ({"samples": SAMPLES[::-1]}, "candidates_sha256 = "),
        ({"shares": {"train": 1.0}}, r"shares\.train = 0\.8, and 1\.0 is"),
    ],
)
def test_other_parameters_are_refused_by_name(built, changes, message):
    with pytest.raises(StoreError, match=message):
        build(built.path, **changes)


def test_too_many_rejections_stop_the_build(tmp_path):
    def refuse(index, generator):
        raise Rejected("too dark")

    expected = r"90 of 90 samples rejected, .* 90 times: too dark"
    with pytest.raises(StoreError, match=expected):
        build(tmp_path / "a", make=refuse)
    with pytest.raises(StoreError, match="90 of 90 samples rejected"):
        build(tmp_path / "b", make=refuse, max_rejected=1.0)
    many = [(str(index), "one") for index in range(2000)]
    with pytest.raises(StoreError, match=r"\b1\d\d of 1\d\d samples rejected"):
        build(tmp_path / "c", make=refuse, samples=many)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"photo": np.zeros((5, 6, 3), np.uint8)}, r"photo: found uint8 \(5, 6, 3\); expected"),
        ({"labels": np.zeros((6, 5), np.int64)}, r"labels: found int64 \(6, 5\); expected uint8"),
        ({"landmarks": np.full((68, 2), np.nan, np.float32)}, "landmarks: holds NaN"),
        ({"extra": np.zeros(1)}, "expected .'labels', 'landmarks', 'photo'."),
    ],
)
def test_arrays_that_are_not_as_announced_are_refused(tmp_path, changed, message):
    with pytest.raises(StoreError, match=message):
        build(tmp_path / "a", make=lambda *place: {**make(*place), **changed})


def test_a_full_disk_is_one_clear_line(built, tmp_path, monkeypatch):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1000))
    with pytest.raises(StoreError, match=r"needs 0\.00 GiB and the disk has 0\.00 left"):
        build(tmp_path / "a")
    monkeypatch.undo()

    def fill_up(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(rows.RowFile, "write", fill_up)
    with pytest.raises(StoreError, match="disk is full; make room and call build again"):
        build(tmp_path / "b")
    monkeypatch.undo()
    assert contents(build(tmp_path / "b").path) == contents(built.path)


@pytest.mark.parametrize("samples", [[], ["abc"], [(1, "a")], [("a",)], [("a", None)]])
def test_samples_are_pairs_of_text(tmp_path, samples):
    field = Field("number", (1,), "float32", "vector")
    with pytest.raises(StoreError, match="expected"):
        store.build(tmp_path, [field], samples, None, 0, source="-", licence="-")


def test_foreign_folders_and_bad_samples_are_refused(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(StoreError, match=r"holds 'holiday\.jpg' but no dataset"):
        build(tmp_path)
    with pytest.raises(StoreError, match="2 samples share 1 ids; make each unique"):
        build(tmp_path / "a", samples=[("x", "a"), ("x", "b")])
    with pytest.raises(StoreError, match="kind 'image' is none of"):
        Field("photo", (4, 4, 3), kind="image")


def test_opening_says_what_is_wrong(built, tmp_path):
    with pytest.raises(StoreError, match="no such folder"):
        store.open(tmp_path / "nowhere")
    with pytest.raises(StoreError, match=r"without card\.json"):
        store.open(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(built.path, copy)
    with (copy / "photo.npy").open("r+b") as file:
        file.truncate(500)
    with pytest.raises(StoreError, match=r"photo\.npy: 500 bytes, and the card promises 81 rows"):
        store.open(copy)
    with (copy / "samples.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(StoreError, match=r"samples\.csv: missing or changed"):
        store.open(copy)


def test_rows_come_in_the_order_asked_for(built):
    array = np.load(built.path / "photo.npy")
    order = [7, 2, 80, 2, 0]
    assert np.array_equal(built.read(order, ["photo"])["photo"], array[order])
    assert np.array_equal(built[-1]["photo"], array[80])
    view = built.split("test")
    places = view.samples.index.to_numpy()
    assert np.array_equal(view.read(np.arange(len(view)))["photo"], array[places])
    assert all(early < late for early, late in pairwise(places))


def test_a_worker_left_behind_cannot_write_into_a_finished_file(built):
    before = contents(built.path)
    stale = rows.RowFile(built.path / "photo.npy", FIELDS[0], len(SAMPLES))
    with pytest.raises(StoreError, match="not a file of 90 rows any more"):
        stale.write([0], [np.zeros((6, 5, 3), np.uint8)])
    assert contents(built.path) == before


def test_what_is_not_there_is_named(built):
    with pytest.raises(IndexError, match="sample 81 of 81"):
        built[81]
    with pytest.raises(StoreError, match="no field 'mask'; there are photo, labels, landmarks"):
        built.read([0], ["mask"])
    with pytest.raises(StoreError, match=r"no sample in split 'night'; there are .*'train'"):
        built.split("night")
