"""Locks: of two at once the second is refused and told by whom, and lost locks bar nobody."""

import errno
import os
import signal
import threading

import pytest
from disturbed import learn, start
from test_store import build as build_store
from test_training import PROFILE, Numbers, assert_same, build, values

from lib import files
from lib.files import InUseError, claimed
from lib.training import train

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and locks as POSIX has them")
HOLD = """
import sys
from lib.files import claimed
with claimed(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The final weights of a training that nothing disturbed."""
    model = build()
    train(model, Numbers(), PROFILE, "run", runs=tmp_path_factory.mktemp("whole"))
    return values(model)


@POSIX
def test_another_process_is_named_and_its_kill_leaves_nothing_in_the_way(tmp_path):
    place = tmp_path / "run"
    with start(HOLD, str(place)) as other:
        expected = (
            rf"run: in use by process {other.pid} on \S+ since 2\d\d\d-\d\d-\d\d \d\d:\d\d; wait"
        )
        with pytest.raises(InUseError, match=expected) as refusal, claimed(place):
            pass
        assert "\n" not in str(refusal.value)
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert list(tmp_path.iterdir()) == [tmp_path / ".run.lock"]
        with claimed(place):
            assert f"process {os.getpid()} on" in (tmp_path / ".run.lock").read_text()
    assert not list(tmp_path.iterdir())


def test_many_that_come_and_go_are_never_inside_together(tmp_path):
    inside, worst, entered = [], [], []

    def work():
        for _ in range(60):
            try:
                with claimed(tmp_path / "a"):
                    inside.append(1)
                    worst.append(len(inside))
                    inside.pop()
                    entered.append(1)
            except InUseError:
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(worst) == 1
    assert len(entered) > 4
    assert not list(tmp_path.iterdir())


def test_a_lock_that_cannot_be_had_keeps_nobody_from_working(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with claimed(tmp_path / "file" / "below"):
        pass

    def know_no_locks(file):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(files, "_take", know_no_locks)
    with claimed(tmp_path / "a"), claimed(tmp_path / "a"):
        pass


def test_a_lock_deleted_by_hand_and_taken_by_another_is_theirs(tmp_path):
    first, second = claimed(tmp_path / "a"), claimed(tmp_path / "a")
    with first:
        (tmp_path / ".a.lock").unlink()
        second.__enter__()
    with pytest.raises(InUseError), claimed(tmp_path / "a"):
        pass
    second.__exit__(None, None, None)


def test_training_a_run_twice_at_once_is_refused_and_does_no_harm(tmp_path, whole):
    refused = []

    def again(number):
        if not number:
            with pytest.raises(InUseError, match="in use by process") as refusal:
                learn(tmp_path)
            refused.append(refusal)

    _, model = learn(tmp_path, again)
    assert len(refused) == 1
    assert_same(values(model), whole)


def test_building_a_dataset_twice_at_once_is_refused(tmp_path):
    with claimed(tmp_path / "a"), pytest.raises(InUseError, match="in use by process"):
        build_store(tmp_path / "a")
    assert not (tmp_path / "a").exists()
