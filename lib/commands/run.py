"""`make run` and `make run-all`: lessons executed by papermill, with a table at the end.

Every lesson runs in a kernel of its own. Under `runs/<profile>/` it leaves its executed copy and a
folder of its name with results.json. A lesson that fails does not stop the others. With `--jobs`
several run at once, each in a process of its own, see `lib.commands.lanes`.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import dataclasses
import functools
import multiprocessing
import os
import pathlib
import shutil
import sys
import time
from collections.abc import Iterator

from lib import checks, env, profiles
from lib.commands import badges, lanes, processes
from lib.commands.compile import compile_renderer
from lib.commands.memory import PeakMemory

NOTEBOOKS = badges.NOTEBOOKS


class RunError(ValueError):
    """The command line asks for a lesson or a parameter that does not exist."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How one lesson's run ended.

    Attributes:
        lesson: the notebook's name without its suffix.
        error: one line on what failed, empty if nothing did.
        minutes: wall-clock time.
        peak: largest resident memory of the kernel and its children, in GiB.
        headline: the lesson's own headline figures, ready to print.
    """

    lesson: str
    error: str
    minutes: float
    peak: float
    headline: str


def lessons(wanted: list[str]) -> list[pathlib.Path]:
    """Return the notebooks whose names begin with the wanted words, all of them for no word.

    Raises:
        RunError: when a word fits no lesson; the message lists them.
    """
    every = badges.lessons(NOTEBOOKS)
    wanted = [pathlib.Path(word).name.zfill(2) for word in wanted]
    for word in wanted:
        if not any(path.name.startswith(word) for path in every):
            names = ", ".join(path.stem for path in every)
            raise RunError(f"no lesson begins with {word!r}: there are {names}")
    return [path for path in every if not wanted or path.name.startswith(tuple(wanted))]


def parse_parameters(pairs: list[str]) -> dict[str, object]:
    """Turn NAME=VALUE words into parameters; a value is a Python literal or else text.

    Raises:
        RunError: for a word without an equals sign.
    """
    parameters = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator:
            raise RunError(f"{pair!r} is no parameter: write NAME=VALUE")
        if name == "PROFILE":
            raise RunError("PROFILE is an option of its own: make run NB=00 PROFILE=laptop")
        try:
            parameters[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            parameters[name] = text
    return parameters


def share_out(
    notebooks: list[pathlib.Path], parameters: dict[str, object]
) -> dict[pathlib.Path, dict[str, object]]:
    """Give each notebook those of the parameters that its parameters cell has.

    Raises:
        RunError: for a name that none of them has; papermill itself would only warn.
    """
    import papermill

    known = {notebook: list(papermill.inspect_notebook(str(notebook))) for notebook in notebooks}
    for name in parameters:
        if not any(name in names for names in known.values()):
            lists = "; ".join(f"{book.stem} has {', '.join(has)}" for book, has in known.items())
            raise RunError(f"no lesson asked for has a parameter {name}: {lists}")
    return {
        notebook: {name: value for name, value in parameters.items() if name in names}
        for notebook, names in known.items()
    }


def _first_line_of(error: Exception) -> str:
    """Papermill's error holds a whole traceback; the cell's own message is one line of it."""
    name, value = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", error)
    cell = getattr(error, "exec_count", None)
    where = f"cell {cell}: " if cell else ""
    return f"{where}{name}: {str(value).strip().splitlines()[0] if str(value).strip() else ''}"


def execute(notebook: pathlib.Path, folder: pathlib.Path, parameters: dict[str, object]) -> str:
    """Run one notebook into a folder.

    Args:
        notebook: the lesson.
        folder: where the executed copy goes, under the same file name.
        parameters: values for names of the notebook's parameters cell.

    Returns:
        One line on what failed, or nothing.
    """
    import papermill

    from lib.commands import engine

    folder.mkdir(parents=True, exist_ok=True)
    try:
        papermill.execute_notebook(
            str(notebook),
            str(folder / notebook.name),
            parameters=parameters,
            kernel_name="python3",
            engine_name=engine.register(),
            cwd=str(notebook.parent),
            # the bars of several lessons at once would tear each other
            progress_bar=sys.stderr.isatty() and multiprocessing.parent_process() is None,
            extra_arguments=["--IPKernelApp.log_level=50"],  # not its advice on transports
        )
    except Exception as error:  # any failure of a lesson is that lesson's row in the table
        return _first_line_of(error)
    return ""


def run_lesson(notebook: pathlib.Path, profile: str, parameters: dict[str, object]) -> Outcome:
    """Run one lesson under a profile and read back what it reports of itself.

    A lesson whose work was cut short goes on from its datasets and backups. One that was complete
    starts anew, so that its figures are this run's own; at the paper profile, where that is hours
    of work, only `make clean` does so.

    Args:
        notebook: the lesson.
        profile: a profile's name, not "auto".
        parameters: further values for the parameters cell.

    Returns:
        The outcome; never raises for a failure inside the lesson.
    """
    folder = env.runs_folder() / profile
    results = folder / notebook.stem / checks.RESULTS
    if profile != "paper" and checks.is_complete(results):
        shutil.rmtree(results.parent)
    results.unlink(missing_ok=True)  # an older run's figures must not pass for this one's
    watch, started = PeakMemory(), time.monotonic()
    watch.start()
    error = execute(notebook, folder, {"PROFILE": profile, **parameters})
    minutes, peak = (time.monotonic() - started) / 60, watch.stop()
    headline = checks.headline(results) if results.exists() else ""
    if not error and not results.exists():
        error = f"no {checks.RESULTS} was written"
    return Outcome(notebook.stem, error, minutes, peak, headline)


def run_lessons(
    shares: dict[pathlib.Path, dict[str, object]], profile: str, jobs: int
) -> Iterator[Outcome]:
    """Run lessons, and say in a line when one begins and when it ends.

    Args:
        shares: the lessons, each with its parameters.
        profile: a profile's name, not "auto".
        jobs: how many run at once. 1: in order, each with all cores.

    Yields:
        The outcomes, as the lessons end.
    """
    begun: dict[str, str] = {}
    works = {
        notebook.stem: functools.partial(run_lesson, notebook, profile, parameters)
        for notebook, parameters in shares.items()
    }

    def _begin(lesson: str) -> None:
        begun[lesson] = f"[{len(begun) + 1}/{len(works)}] {lesson}"
        print(f"{begun[lesson]} ({profile}) ...", flush=True)

    def _one_by_one() -> Iterator[tuple[str, Outcome]]:
        for lesson, work in works.items():
            _begin(lesson)
            yield lesson, work()

    def _at_once() -> Iterator[tuple[str, Outcome | None]]:
        minutes = {book.stem: lanes.expected_minutes(book, profile) for book in shares}
        return processes.run(works, minutes, jobs, _begin)

    with contextlib.closing(_one_by_one() if jobs == 1 else _at_once()) as ended:
        for lesson, outcome in ended:
            outcome = outcome or Outcome(lesson, "the process that ran it was killed", 0, 0, "")
            print(f"{begun[lesson]} {outcome.error or 'ok'}, {outcome.minutes:.1f} min", flush=True)
            yield outcome


def table(outcomes: list[Outcome], minutes: float) -> str:
    """Return the outcomes as plain text, one row a lesson.

    Args:
        outcomes: in the lessons' order.
        minutes: that all took together.
    """
    width = max(len(outcome.lesson) for outcome in outcomes)
    rows = [f"{'lesson':{width}}  status  minutes  GiB   headline"]
    for outcome in outcomes:
        status = "FAILED" if outcome.error else "ok"
        cost = f"{outcome.minutes:7.1f}  {outcome.peak:4.1f}"
        text = outcome.error or outcome.headline
        rows.append(f"{outcome.lesson:{width}}  {status:6}  {cost}  {text}")
    failed = sum(bool(outcome.error) for outcome in outcomes)
    summary = (
        f"{len(outcomes) - failed} of {len(outcomes)} lessons ran, {minutes:.1f} minutes in all"
    )
    return "\n".join([*rows, summary])


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lib run", description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="numbers or names, such as 01")
    parser.add_argument("--all", action="store_true", help="every lesson")
    parser.add_argument("--profile", default="auto", help="auto, smoke, laptop, colab or paper")
    parser.add_argument("--parameters", nargs="+", default=[], metavar="NAME=VALUE")
    parser.add_argument("--jobs", type=int, help="lessons at once; default: as many as fit")
    options = parser.parse_args(arguments)
    if options.jobs is not None and options.jobs < 1:
        parser.error(f"found --jobs {options.jobs}; expected 1 or more")
    if not options.lessons and not options.all:
        parser.error("name a lesson, for example `make run NB=01`, or use run-all")
    return options


def main(arguments: list[str]) -> int:
    """Run the lessons asked for and print the table.

    Args:
        arguments: lesson numbers, `--all`, `--profile`, `--parameters`, `--jobs`.

    Returns:
        0 if every lesson ran, 1 if one failed, 2 if the request makes no sense.
    """
    options = _options(arguments)
    try:
        profile = profiles.choose(options.profile).name
        parameters = parse_parameters(options.parameters)
        notebooks = lessons([] if options.all else options.lessons)
        shares = share_out(notebooks, parameters)
    except ValueError as error:
        print(f"run: {error}", file=sys.stderr)
        return 2
    usual = lanes.usual_jobs_here(profile) if options.all else 1
    jobs = min(options.jobs or usual, len(notebooks))
    os.environ[profiles.VARIABLE] = profile
    compile_renderer()
    started = time.monotonic()
    try:
        outcomes = list(run_lessons(shares, profile, jobs))
    except KeyboardInterrupt:
        print("\ninterrupted: the same command goes on from the last backups")
        return 130
    outcomes.sort(key=lambda outcome: outcome.lesson)
    print("\n" + table(outcomes, (time.monotonic() - started) / 60))
    print(f"Executed copies and results: {env.runs_folder() / profile}")
    return int(any(outcome.error for outcome in outcomes))
