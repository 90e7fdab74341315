"""Faults that must cost nothing: kills between files, full disks, lost folders, wrong clocks."""

import errno
import os
import shutil
import signal
import stat
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from disturbed import learn, start
from test_store import build as build_store
from test_store import contents
from test_training import PROFILE, Numbers, assert_same, build, values

import lib
from lib import files, training
from lib.store import making
from lib.training import RunFolderError, load, train, weights
from lib.training.backup import Backup, Position

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and locks as POSIX has them")
LEAVE = """
import os, signal, sys, time
from lib.store import making
if os.fork() == 0:
    making._leave_with(os.getppid())
    sys.stdout.write("works\\n")
    sys.stdout.flush()
    time.sleep(30)
    os._exit(0)
sys.stdin.read()
"""
HEX = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The final weights of a training that nothing disturbed."""
    model = build()
    train(model, Numbers(), PROFILE, "run", runs=tmp_path_factory.mktemp("whole"))
    return values(model)


def saved(run):
    model = build()
    load(model, run.folder / "model.weights.h5")
    return values(model)


def no_space(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("dying", ["replace 1", "replace 2", "fsync 1", "write_array 3"])
def test_a_kill_at_any_step_of_a_backup_leaves_one_that_is_whole(tmp_path, monkeypatch, dying):
    model, position = build(), Position()
    model.optimizer.build(model.trainable_variables)
    backup = Backup(model, tmp_path, position, [])
    states = {}
    for position.step in (4, 8):
        model.layers[0].bias.assign_add(np.ones(5))
        states[position.step] = values(model)
        backup.save()
    name, number = dying.split()
    module = np.lib.format if name == "write_array" else os
    real, calls = getattr(module, name), []

    def die(*arguments, **options):
        calls.append(arguments)
        if len(calls) == int(number):
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, die)
    position.step = 12
    model.layers[0].bias.assign_add(np.ones(5))
    with pytest.raises(KeyboardInterrupt):
        backup.save()
    monkeypatch.undo()
    assert backup.restore()
    assert position.step == 8
    assert_same(values(model), states[8])


def test_a_run_cut_off_while_its_last_weights_are_saved_saves_them_next_time(
    tmp_path, monkeypatch, whole
):
    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "save", die)
    with pytest.raises(KeyboardInterrupt):
        learn(tmp_path)
    monkeypatch.undo()
    run, _ = learn(tmp_path)
    assert (run.resumed_from, run.finished) == (8, True)
    assert_same(saved(run), whole)
    (run.folder / "model.weights.h5").unlink()
    run, _ = learn(tmp_path)
    assert run.resumed_from == 10
    assert_same(saved(run), whole)


@pytest.mark.parametrize("full", [(training, "save"), (training.backup, "write_arrays")])
def test_a_full_disk_is_one_line_and_costs_nothing(tmp_path, monkeypatch, whole, full):
    monkeypatch.setattr(*full, no_space)
    expected = r"run: the disk is full; make room and call train again: it goes on from its last"
    with pytest.raises(RunFolderError, match=expected) as error:
        learn(tmp_path)
    assert "\n" not in str(error.value)
    monkeypatch.undo()
    run, model = learn(tmp_path)
    assert_same(values(model), whole)
    assert_same(saved(run), whole)


def test_a_full_disk_is_known_by_hdf5_s_words_too():
    words = "Unable to create file (write failed: file descriptor = 4, errno = 28, error message"
    assert files.is_full(RuntimeError(words))
    assert not files.is_full(RuntimeError(words.replace("28", "5")))
    assert not files.is_full(OSError(errno.EACCES, "Permission denied"))


def test_where_no_run_can_be_kept_a_line_says_what_to_set(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match=r"run: no folder here \(.*\); set LAB_RUNS, or pass"):
        learn(tmp_path / "file")


def test_what_killed_sessions_left_half_written_goes(tmp_path):
    run, _ = learn(tmp_path)
    left = [
        run.folder / "backup" / f".latest.npz.{HEX}.part",
        run.folder / f".model.weights.h5.{HEX}.weights.h5",
    ]
    for path in [*left, run.folder / ".mine.part"]:
        path.write_bytes(b"half")
    learn(tmp_path)
    hidden = [path.name for path in run.folder.rglob(".*")]
    assert hidden == [".mine.part"]


def test_a_build_killed_while_its_recipe_was_written_begins_anew(tmp_path):
    path = tmp_path / "data"
    path.mkdir()
    (path / f".building.json.{HEX}.part").write_text('{"fi')
    whole = build_store(tmp_path / "whole").path
    assert contents(build_store(path).path) == contents(whole)
    assert not list(path.glob(".*"))


def test_a_run_whose_folder_is_deleted_in_mid_way_is_saved_all_the_same(tmp_path, whole):
    def delete(number):
        if number == 1:
            shutil.rmtree(tmp_path / "smoke" / "run")

    run, model = learn(tmp_path, delete)
    assert_same(values(model), whole)
    assert_same(saved(run), whole)
    again, model = learn(tmp_path)
    assert again.resumed_from == 10
    assert_same(values(model), whole)


@pytest.mark.parametrize("clock", [0.0, 5e9])
def test_no_clock_keeps_arrays_from_being_written_or_changes_their_bytes(
    tmp_path, monkeypatch, clock
):
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.array(7)}
    weights.write_arrays(tmp_path / "today.npz", arrays)
    monkeypatch.setattr(time, "time", lambda: clock)
    weights.write_arrays(tmp_path / "then.npz", arrays)
    assert (tmp_path / "then.npz").read_bytes() == (tmp_path / "today.npz").read_bytes()
    with np.load(tmp_path / "then.npz") as found:
        assert {name: found[name].tolist() for name in found} == {
            "a": [[0, 1, 2], [3, 4, 5]],
            "b": 7,
        }


@POSIX
def test_a_worker_does_not_outlive_a_killed_builder():
    with start(LEAVE) as builder:
        builder.send_signal(signal.SIGKILL)
        begun = time.monotonic()
        assert builder.stdout.read() == ""  # the pipe's end: nobody holds it any more
        assert time.monotonic() - begun < 10


def test_workers_are_told_whom_they_work_for(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(making, "_leave_with", told.append)
    build_store(tmp_path / "a")
    assert set(told) == {os.getpid()}


@POSIX
def test_compiled_code_has_a_place_of_its_own_where_nothing_else_can_be_written(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setenv("HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "given")
    (tmp_path / "file").touch()
    lib._find_room_for_compiled_code()
    assert os.environ["NUMBA_CACHE_DIR"] == "given"
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(lib._sys, "modules", {})
    lib._find_room_for_compiled_code()
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    assert folder.parent == tmp_path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    monkeypatch.setattr(os, "getuid", lambda: 12345)  # as if somebody else had made it
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    lib._find_room_for_compiled_code()
    assert os.environ["NUMBA_CACHE_DIR"] != str(folder)
