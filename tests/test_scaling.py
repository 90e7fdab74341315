"""Supervision, addresses, jobs, and the mean of means; no process here loads TensorFlow twice."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from lib import profiles
from lib.scaling import addresses, supervision, worker
from lib.scaling.job import Job, JobError, read
from lib.scaling.supervision import Command, SupervisionError, supervise

COUNTER = """
    import os, pathlib, sys, time
    folder, name, steps = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    state = folder / name
    while True:
        done = int(state.read_text()) if state.exists() else 0
        with open(folder / f"{name}.log.txt", "a") as log:
            log.write(f"{done} ")
        if done == steps:
            sys.exit(0)
        part = folder / f"{name}.part"
        part.write_text(str(done + 1))
        os.replace(part, state)
        time.sleep(0.02)
"""


@pytest.fixture
def commands(tmp_path):
    """Two workers that count to a number, a step at a time, and go on where they were."""
    program = tmp_path / "count.py"
    program.write_text(textwrap.dedent(COUNTER))

    def make(steps=8, code=None):
        words = [sys.executable, "-S", str(program)]
        if code:
            words = [sys.executable, "-S", "-c", code]
        return lambda session: [
            Command([*words, str(tmp_path), name, str(steps)], tmp_path / f"{name}.log")
            for name in ("zero", "one")
        ]

    return make


def kill_once(tmp_path, name, at):
    def watch(session, processes):
        state = tmp_path / name
        if session == 0 and state.exists() and int(state.read_text()) >= at:
            processes[1].kill()

    return watch


def test_workers_that_finish_are_not_restarted(commands):
    report = supervise(commands(2))
    assert report.restarts == 0
    assert [event.what for event in report.events] == ["started"] * 2 + ["finished"] * 2


def test_a_killed_worker_is_replaced_and_goes_on(commands, tmp_path, capfd):
    report = supervise(commands(30), watch=kill_once(tmp_path, "one", 3))
    happened = [(event.session, event.worker, event.what) for event in report.events]
    assert report.restarts == 1
    assert (0, 1, "killed by SIGKILL") in happened
    assert (0, 0, "stopped") in happened, "one alone cannot go on"
    assert {(1, 0, "finished"), (1, 1, "finished")} <= set(happened)
    seen = [int(word) for word in (tmp_path / "one.log.txt").read_text().split()]
    assert sorted(set(seen)) == list(range(31))
    assert len(seen) <= 31 + 2, "it went on from its state and did not begin at 0"
    assert "worker 1 killed by SIGKILL" in capfd.readouterr().out


def test_a_mistake_is_not_restarted_for_ever(commands, tmp_path):
    broken = commands(code="import sys; print('no such thing'); sys.exit(3)")
    expected = r"worker \d ended with 3 in session 3 of 3.*restarts=2.*: no such thing"
    with pytest.raises(SupervisionError, match=expected):
        supervise(broken, restarts=2, quiet=True)
    assert (tmp_path / "zero.log").read_text().count("no such thing") <= 3


def test_nobody_outlives_a_supervisor_that_is_interrupted(commands):
    seen = []

    def interrupt(session, processes):
        seen.extend(processes)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        supervise(commands(10_000), watch=interrupt)
    assert len(seen) == 2 and all(process.poll() is not None for process in seen)


def test_one_that_ignores_sigterm_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "GRACE", 0.2)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    log = tmp_path / "deaf.log"
    deaf_then_broken = [
        Command([sys.executable, "-S", "-c", deaf], log),
        Command(
            [sys.executable, "-S", "-c", "import sys, time; time.sleep(0.4); sys.exit(1)"],
            tmp_path / "b",
        ),
    ]
    began = time.monotonic()
    with pytest.raises(SupervisionError, match="worker 1 ended with 1"):
        supervise(lambda session: deaf_then_broken, restarts=0, quiet=True)
    assert time.monotonic() - began < 5


def test_a_worker_leaves_with_its_supervisor(tmp_path):
    child = (
        "import time; from lib.scaling.worker import leave_with_supervisor as watch; watch();"
        "print('up', flush=True); time.sleep(60)"
    )
    parent = (
        "import os, subprocess, sys; os.environ['LAB_SUPERVISOR'] = str(os.getpid());"
        "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdout=subprocess.PIPE);"
        "child.stdout.readline(); print(child.pid, flush=True)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", parent, child], capture_output=True, text=True, timeout=30
    )
    orphan = int(ran.stdout)
    until = time.monotonic() + 5
    while time.monotonic() < until and os.path.exists(f"/proc/{orphan}"):
        time.sleep(0.05)
    if os.path.exists(f"/proc/{orphan}"):
        os.kill(orphan, signal.SIGKILL)
        pytest.fail("the worker outlived its supervisor")


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, "finished"), (3, "ended with 3"), (-9, "killed by SIGKILL"), (-77, "killed by signal 77")],
)
def test_ends_are_told_in_words(status, words):
    assert supervision.describe(status) == words


def test_every_worker_is_told_the_cluster_and_its_own_place(monkeypatch):
    texts = addresses.configurations(["one:1", "two:2", "three:3"])
    for index, text in enumerate(texts):
        assert json.loads(text)["cluster"] == {"worker": ["one:1", "two:2", "three:3"]}
        monkeypatch.setenv("TF_CONFIG", text)
        assert worker.place() == (index, 3)
    monkeypatch.delenv("TF_CONFIG")
    assert worker.place() == (0, 1)


@pytest.mark.parametrize(
    "text",
    ["nonsense", "{}", '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
     '{"cluster": {"worker": ["a:1"]}, "task": {"type": "ps", "index": 0}}'],
)  # fmt: skip
def test_a_broken_configuration_shows_a_whole_one(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(worker.WorkerError, match=r"TF_CONFIG.*expected.*first-machine:12345"):
        worker.place()


@pytest.mark.parametrize("wrong", [["machine"], ["a:1", "a:1"], ["a:port"]])
def test_addresses_have_a_port_and_differ(wrong):
    with pytest.raises(ValueError, match="expected host:port"):
        addresses.configurations(wrong)


def test_free_addresses_differ():
    assert len(set(addresses.free_here(5))) == 5


def test_gpus_are_shared_out_or_hidden():
    assert [addresses.visible_gpus(index, 2, 2) for index in range(2)] == ["0", "1"]
    assert [addresses.visible_gpus(index, 2, 1) for index in range(2)] == ["", ""]
    assert addresses.visible_gpus(0, 1, 2) == "0,1"


def job(folder, **changes):
    profile = profiles.change(profiles.PROFILES["smoke"], **changes)
    return Job("lib.scaling.example:plan", profile, 3, str(folder), {"rate": 0.5}, [1, 2])


def test_a_job_survives_its_file(tmp_path):
    written = job(tmp_path)
    found = read(written.write())
    assert (found.plan, found.profile, found.options) == (
        written.plan,
        written.profile,
        {"rate": 0.5},
    )
    assert list(found.keep) == [1, 2]


def test_workers_may_not_stop_by_their_own_clocks(tmp_path):
    with pytest.raises(JobError, match="max_minutes = 2: expected 0"):
        job(tmp_path, max_minutes=2.0)


@pytest.mark.parametrize("plan", ["lib.scaling.addresses:nothing", "lib.nowhere:plan", "nonsense"])
def test_a_plan_that_is_nowhere_is_named(tmp_path, plan):
    with pytest.raises(JobError, match=f"plan '{plan}'"):
        Job(plan, profiles.PROFILES["smoke"], 1, str(tmp_path)).function()


def test_a_job_that_is_missing_or_broken_is_named(tmp_path):
    with pytest.raises(JobError, match="every worker sees"):
        read(tmp_path / "job.json")
    (tmp_path / "job.json").write_text('{"plan": 1}')
    with pytest.raises(JobError, match="no job"):
        read(tmp_path / "job.json")


def told(monkeypatch, answer):
    """Let workers hear `answer(number)` when they tell a number; returns what was told."""
    numbers = []
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setattr(
        worker, "_told_by_all", lambda strategy, number: numbers.append(number) or answer(number)
    )
    return numbers


def test_workers_that_see_other_files_refuse_to_train(tmp_path, monkeypatch):
    told(monkeypatch, lambda number: [number, number + 1])
    with pytest.raises(worker.WorkerError, match=r"worker 0 sees other files.*one folder"):
        worker.require_shared(None, tmp_path, tmp_path / "run")


def test_what_workers_tell_follows_from_chief_and_backup(tmp_path, monkeypatch):
    numbers = told(monkeypatch, lambda number: [number, number])
    backup = tmp_path / "run" / "backup"
    backup.mkdir(parents=True)
    monkeypatch.setattr(worker, "place", lambda: (1, 2))  # not the chief: it writes nothing
    (tmp_path / "chief.txt").write_text("a")
    worker.require_shared(None, tmp_path, tmp_path / "run")
    (backup / ".half.part.npz").write_bytes(b"half")
    worker.require_shared(None, tmp_path, tmp_path / "run")
    (backup / "latest.npz").write_bytes(b"state")
    worker.require_shared(None, tmp_path, tmp_path / "run")
    (tmp_path / "chief.txt").write_text("b")
    worker.require_shared(None, tmp_path, tmp_path / "run")
    first, hidden, backed_up, other_chief = numbers[1::2]
    assert first == hidden and len({first, backed_up, other_chief}) == 3
    assert all(0 <= number < 2**31 for number in numbers)


def test_a_worker_borrows_whole_backups_only(tmp_path):
    backup = tmp_path / "run" / "backup"
    worker.borrow(tmp_path / "run", tmp_path / "own")
    assert not (tmp_path / "own").exists(), "there is none yet"
    backup.mkdir(parents=True)
    (backup / "latest.npz").write_bytes(b"state")
    (backup / ".latest.npz.x.part").write_bytes(b"ha")
    worker.borrow(tmp_path / "run", tmp_path / "own")
    assert [path.name for path in (tmp_path / "own" / "backup").iterdir()] == ["latest.npz"]


def test_each_worker_has_a_core_and_the_first_is_chosen(tmp_path, monkeypatch):
    monkeypatch.setattr(addresses, "on_core", lambda index: [f"core {index}"])
    for first in (0, 1):
        found = supervision.group(tmp_path / "job.json", 2, cores=True, first_core=first)(0)
        assert [one.words[0] for one in found] == [f"core {first}", f"core {first + 1}"]
    free = supervision.group(tmp_path / "job.json", 2)(0)
    assert [one.words[0] for one in free] == [sys.executable] * 2
