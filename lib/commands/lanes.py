"""Several lessons at once: which may run beside which, in what order, and on how many threads.

Nothing here starts a lesson: `lib.commands.processes` does what `choose` decides.
"""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Collection, Mapping

from lib import cores, env
from lib.commands import badges

SHARED = {
    "faces with masks": ("02", "10", "11", "12"),
    "S2's painter": ("11", "12"),
    "faces with shine": ("03", "13"),
    "part maps and their parser": ("04", "14"),
}
"""What several lessons use, in the prepared data or the runs: the first of them makes it."""

ALONE = ("22",)
"""Lessons that measure two cores, so that nothing may run beside them. They come last."""

THREADS = (
    cores.WITHIN, cores.BETWEEN, "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM", "LOKY_MAX_CPU_COUNT",
)  # fmt: skip
"""Variables with a number of threads; the last is what joblib then takes for the cores."""

FREE_MEMORY = 6.0
"""GiB for two lessons at once: at the laptop profile the two largest take 2.9 and 2.7."""


def expected_minutes(notebook: pathlib.Path, profile: str) -> float:
    """Return how long a lesson takes, as its "at a glance" table says.

    Args:
        notebook: the lesson.
        profile: a profile's name; one that the table leaves out takes as long as colab.

    Returns:
        Minutes; 1 where the table has none.
    """
    row = badges.at_a_glance(json.loads(notebook.read_text("utf-8"))).get("Minutes", "")
    named = dict(re.findall(r"(\w+) ([\d.]+)", row))
    return float(named.get(profile) or named.get("colab") or 1)


def _sharing(lesson: str, others: Collection[str]) -> dict[str, list[str]]:
    """Return what a lesson shares, and with which of the others, lowest number first."""
    return {
        name: sorted(other for other in others if other[:2] in group)
        for name, group in SHARED.items()
        if lesson[:2] in group
    }


def lengths(minutes: Mapping[str, float]) -> dict[str, float]:
    """Return how long it takes from a lesson's beginning to the end of all that wait for it.

    Args:
        minutes: of each lesson that is to run, by its name.

    Returns:
        Minutes: its own, and those of the longest chain behind it.
    """

    def _length(lesson: str) -> float:
        groups = _sharing(lesson, minutes).values()
        behind = {other for group in groups if group[0] == lesson for other in group[1:]}
        return minutes[lesson] + max(map(_length, behind), default=0)

    return {lesson: _length(lesson) for lesson in minutes}


def choose(
    waiting: Collection[str],
    running: Collection[str],
    ended_well: Collection[str],
    length: Mapping[str, float],
) -> str | None:
    """Return the lesson to begin next, or None where each must wait for one that is running.

    As long as no lesson has made what several share, these run one after the other, lowest number
    first; then they only read it, and may overlap. So another takes over where the first fails.

    Args:
        waiting: names of lessons that have not begun.
        running: names of those that have not ended.
        ended_well: names of those that ended without an error.
        length: of each, see `lengths`; of those that may begin, the longest does.
    """

    def _may_begin(lesson: str) -> bool:
        if lesson[:2] in ALONE:
            return not running and all(other[:2] in ALONE for other in waiting)
        made = {name for one in ended_well for name in _sharing(one, ())}
        unmade = _sharing(lesson, [*running, *waiting]).items()
        return all(name in made or group[0] == lesson for name, group in unmade)

    if any(lesson[:2] in ALONE for lesson in running):
        return None
    return max(filter(_may_begin, sorted(waiting)), key=length.__getitem__, default=None)


def usual_jobs(profile: str, cores: int, free_memory: float, gpu: bool) -> int:
    """Return how many lessons to run at once where nobody says.

    Args:
        profile: a profile's name.
        cores: of this machine.
        free_memory: in GiB.
        gpu: whether lessons compute on a GPU, which one of them fills.
    """
    small = profile in ("smoke", "laptop") and not gpu
    return 2 if small and cores >= 2 and free_memory >= FREE_MEMORY else 1


def usual_jobs_here(profile: str) -> int:
    """Return how many lessons to run at once on this machine, see `usual_jobs`."""
    import joblib
    import psutil

    free = psutil.virtual_memory().available / 2**30
    return usual_jobs(profile, joblib.cpu_count(), free, env.has_gpu())


def threads(cores: int, jobs: int) -> dict[str, str]:
    """Return the environment that keeps a lesson to its share of the cores.

    Args:
        cores: of this machine.
        jobs: lessons that run at once.
    """
    return dict.fromkeys(THREADS, str(max(1, cores // jobs)))


def environment(lesson: str, jobs: int) -> dict[str, str]:
    """Return the variables for a lesson's kernel on this machine: none for one that runs alone.

    Args:
        lesson: its name.
        jobs: lessons that run at once.
    """
    import joblib

    if lesson[:2] in ALONE:
        return {}
    # without the other, the first lesson would take all of a GPU's memory
    return {**threads(joblib.cpu_count(), jobs), "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
