"""Several lessons at once: what may overlap, the order, the cores, and the processes themselves."""

import functools
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import types

import joblib
import psutil
import pytest

from lib import env
from lib.commands import badges, lanes, processes

LAPTOP = {path.stem: lanes.expected_minutes(path, "laptop") for path in badges.lessons()}


def code_of(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def prepared_by(path):
    """The datasets outside a lesson's own folder that it names, and the other lessons' runs."""
    code = code_of(path)
    datasets = re.findall(r'/ f"(\w+)_\{profile\.name\}"', code)
    runs = re.findall(r'"(\d\d_\w+/\w+)', code)
    if 'LESSON = "' in code:
        runs += [f"{path.stem}/{name}" for name in re.findall(r"\{LESSON\}/(\w+)", code)]
    return {*datasets, *runs}


def simulate(minutes, jobs, failing=()):
    """Let lessons run by the clock; return (begin, end) of each, in the order of beginning."""
    length, waiting, well = lanes.lengths(minutes), set(minutes), set()
    now, times, running = 0.0, {}, {}
    while waiting or running:
        chosen = lanes.choose(waiting, running, well, length) if len(running) < jobs else None
        if chosen:
            waiting.remove(chosen)
            running[chosen] = now + minutes[chosen]
            times[chosen] = now, running[chosen]
            continue
        ended = min(running, key=running.get)
        now = running.pop(ended)
        if ended not in failing:
            well.add(ended)
    return times


def overlap(one, other):
    return one[0] < other[1] and other[0] < one[1]


def test_every_number_in_the_tables_is_a_lesson():
    there = [path.stem[:2] for path in badges.lessons()]
    named = {number for group in lanes.SHARED.values() for number in group}
    assert len(there) == len(set(there))
    assert named <= set(there)
    assert set(lanes.ALONE) <= set(there) - named
    assert all(list(group) == sorted(group) for group in lanes.SHARED.values())


def test_lessons_that_name_the_same_dataset_or_run_are_those_of_the_table():
    things = {path.stem[:2]: prepared_by(path) for path in badges.lessons()}
    pairs = itertools.combinations(sorted(things), 2)
    found = {(one, other) for one, other in pairs if things[one] & things[other]}
    told = {pair for group in lanes.SHARED.values() for pair in itertools.combinations(group, 2)}
    assert found == told


def test_lessons_that_start_their_own_workers_run_alone():
    measuring = [path.stem[:2] for path in badges.lessons() if "supervise(" in code_of(path)]
    assert measuring == list(lanes.ALONE)


def test_a_lessons_length_counts_those_that_wait_for_it():
    minutes = {"02_a": 1.5, "10_b": 2.0, "11_c": 1.5, "12_d": 1.0, "15_e": 7.0}
    # 02 makes the faces of three, and of these 11 trains what 12 loads: 1.5 + 1.5 + 1
    assert lanes.lengths(minutes) == {
        "02_a": 4.0, "10_b": 2.0, "11_c": 2.5, "12_d": 1.0, "15_e": 7.0
    }  # fmt: skip
    del minutes["02_a"]  # then 10 is the first: 2 + 1.5 + 1
    assert lanes.lengths(minutes)["10_b"] == 4.5


@pytest.mark.parametrize(
    ("waiting", "running", "well", "expected"),
    [
        ("00 01", "", "", "01"),  # the longer one
        ("03 13", "", "", "03"),
        ("13", "03", "", None),  # 03 is making what 13 opens
        ("13", "", "", "13"),  # 03 failed: it makes that itself
        ("02 10 11 12", "", "", "02"),
        ("10 11 12", "", "", "10"),  # asked for without 02
        ("11 12", "10", "", None),
        ("11 12", "10", "02", "11"),  # both only read it
        ("12", "11", "02", None),  # but 12 loads what 11 trains
        ("12", "10", "02 11", "12"),
        ("00 22", "", "", "00"),  # 22 although it is longer: last
        ("22", "00", "", None),
        ("22", "", "00", "22"),
        ("00", "22", "", None),
        ("", "00", "", None),
    ],
)
def test_what_begins_next(waiting, running, well, expected):
    minutes = {"00": 1, "01": 2, "02": 3, "03": 1, "10": 2, "11": 2, "12": 1, "13": 3, "22": 9}
    sets = (text.split() for text in (waiting, running, well))
    assert lanes.choose(*sets, lanes.lengths(minutes)) == expected


def test_two_lanes_worked_by_hand():
    minutes = {"00_a": 1, "03_b": 1, "13_c": 3, "15_d": 4, "22_e": 2}
    # 15 and 03 have four minutes before them each; 13 follows 03, 00 fills up, 22 comes last
    assert simulate(minutes, 2) == {
        "03_b": (0, 1), "15_d": (0, 4), "13_c": (1, 4), "00_a": (4, 5), "22_e": (5, 7)
    }  # fmt: skip


@pytest.mark.parametrize("jobs", [1, 2, 3, 8])
@pytest.mark.parametrize("failing", ["", "02_mask_synthesis"])
def test_the_lessons_of_the_lab_never_collide_and_all_run(jobs, failing):
    times = simulate(LAPTOP, jobs, {failing})
    assert times.keys() == LAPTOP.keys()
    for one, other in itertools.combinations(sorted(times), 2):
        for group in lanes.SHARED.values():
            if one[:2] in group and other[:2] in group:
                first = one[:2] == group[0] or (failing[:2], one[:2]) == group[:2]
                assert not (first and times[other][0] < times[one][1]), (one, other)
    alone = times.pop("22_scale_out")
    assert not any(overlap(alone, time) for time in times.values())
    assert alone[0] >= max(end for _, end in times.values())


def test_two_lanes_end_together():
    shared = sum(LAPTOP.values()) - LAPTOP["22_scale_out"]
    least = max(shared / 2, *lanes.lengths(LAPTOP).values())  # no order can end before that
    assert simulate(LAPTOP, 2)["22_scale_out"][0] <= least + 1


def test_minutes_come_from_the_lessons_own_table(tmp_path):
    table = (
        "**At a glance**\n\n| | |\n|---|---|\n| **Minutes** | smoke 0.5 · laptop 4.5 · colab 25 |\n"
    )
    cell = {"cell_type": "markdown", "source": [table]}
    (tmp_path / "one.ipynb").write_text(json.dumps({"cells": [cell]}))
    (tmp_path / "none.ipynb").write_text(json.dumps({"cells": []}))
    names = ("smoke", "laptop", "paper")
    found = {name: lanes.expected_minutes(tmp_path / "one.ipynb", name) for name in names}
    assert found == {"smoke": 0.5, "laptop": 4.5, "paper": 25}
    assert lanes.expected_minutes(tmp_path / "none.ipynb", "smoke") == 1


@pytest.mark.parametrize(
    ("profile", "cores", "memory", "gpu", "jobs"),
    [
        ("smoke", 2, 8, False, 2),
        ("laptop", 16, 64, False, 2),
        ("laptop", 1, 64, False, 1),
        ("laptop", 2, 5.9, False, 1),
        ("laptop", 2, 64, True, 1),  # the first kernel fills the GPU
        ("colab", 16, 64, False, 1),
        ("paper", 16, 64, True, 1),
    ],
)
def test_two_at_once_where_there_is_room(profile, cores, memory, gpu, jobs):
    assert lanes.usual_jobs(profile, cores, memory, gpu) == jobs


@pytest.mark.parametrize(("cores", "jobs", "share"), [(2, 2, "1"), (8, 2, "4"), (2, 3, "1")])
def test_each_lesson_gets_its_share_of_the_cores(cores, jobs, share):
    assert lanes.threads(cores, jobs) == dict.fromkeys(lanes.THREADS, share)
    assert (
        lanes.environment("00_start_here", jobs).items()
        >= lanes.threads(joblib.cpu_count(), jobs).items()
    )
    assert lanes.environment("22_scale_out", jobs) == {}


def test_the_libraries_obey_those_variables():
    code = (
        "import cv2, joblib, numpy, threadpoolctl\n"
        "pools = [pool['num_threads'] for pool in threadpoolctl.threadpool_info()]\n"
        "print({cv2.getNumThreads(), joblib.cpu_count(), *pools})"
    )
    environment = {**os.environ, **lanes.threads(2, 2)}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert answer.stdout.decode().strip() == "{1}", answer.stderr.decode()


# ---------------------------------------------------------------- processes


def until(condition):
    assert any(condition() or time.sleep(0.01) for _ in range(3000)), "waited for half a minute"


def meet(folder, mine, other):
    """Wait until the other lesson is running too; then say what this one was given."""
    (folder / mine).touch()
    until((folder / other).exists)
    name = lanes.THREADS[0]
    return types.SimpleNamespace(error="", said=os.environ.get(name), session=os.getsid(0))


def say(error=""):
    return types.SimpleNamespace(error=error, said=os.environ.get(lanes.THREADS[0]))


def start_a_kernel_and_stay(folder):
    kernel = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "pids.part").write_text(f"{os.getpid()} {kernel.pid}")
    (folder / "pids.part").rename(folder / "pids")
    kernel.wait()


def run(works, jobs=2):
    begun = []
    return begun, processes.run(works, dict.fromkeys(works, 1.0), jobs, begun.append)


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")
    monkeypatch.delenv(lanes.THREADS[0], raising=False)


def test_two_lessons_run_at_once_and_the_measuring_one_alone(tmp_path, two_cores):
    works = {
        "22_c": say,
        "00_a": functools.partial(meet, tmp_path, "a", "b"),
        "01_b": functools.partial(meet, tmp_path, "b", "a"),
    }
    begun, ended = run(works)
    outcomes = dict(ended)
    assert begun == ["00_a", "01_b", "22_c"]
    assert [outcomes[name].said for name in begun] == ["1", "1", None]
    sessions = {outcomes["00_a"].session, outcomes["01_b"].session, os.getsid(0)}
    assert len(sessions) == 3, "Ctrl-C reaches neither of them, but who waits for them"


def test_a_process_that_dies_is_that_lessons_failure_alone(two_cores):
    works = {"03_a": functools.partial(os._exit, 9), "13_b": say}
    begun, ended = run(works)
    outcomes = dict(ended)
    assert begun == ["03_a", "13_b"]
    assert outcomes["03_a"] is None
    assert outcomes["13_b"].error == ""


def test_who_goes_no_further_leaves_no_process_behind(tmp_path, two_cores):
    works = {"00_a": functools.partial(start_a_kernel_and_stay, tmp_path), "01_b": say}
    _, ended = run(works)
    assert next(ended)[0] == "01_b"
    until((tmp_path / "pids").exists)
    pids = [int(text) for text in (tmp_path / "pids").read_text().split()]
    assert all(psutil.pid_exists(pid) for pid in pids)
    ended.close()
    until(lambda: not any(map(alive, pids)))


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_lessons_end_with_a_builder_that_was_killed(tmp_path):
    code = (
        "import functools, pathlib, test_lanes\n"
        "if __name__ == '__main__':\n"
        f"    folder = pathlib.Path({str(tmp_path)!r})\n"
        "    work = functools.partial(test_lanes.start_a_kernel_and_stay, folder)\n"
        "    list(test_lanes.run({'00_a': work})[1])\n"
    )
    path = os.pathsep.join((str(env.ROOT), str(pathlib.Path(__file__).parent)))
    environment = {**os.environ, "PYTHONPATH": path}
    script = tmp_path / "script.py"
    script.write_text(code)
    parent = subprocess.Popen([sys.executable, script], env=environment)
    until((tmp_path / "pids").exists)
    lesson, kernel = (int(text) for text in (tmp_path / "pids").read_text().split())
    parent.kill()
    parent.wait()
    until(lambda: not alive(lesson))
    psutil.Process(kernel).kill()  # a real kernel looks after its parent itself
