"""`make test`: its stages, and the halves that run at once."""

import os
import subprocess
import time

import pytest

from lib import env
from lib.commands import lanes
from lib.commands import test as testing


def test_every_test_file_is_in_one_half_and_every_name_still_means_one():
    ours = {path.relative_to(env.ROOT).as_posix() for path in env.ROOT.glob("tests/test_*.py")}
    rest, half = ([*words[len(testing.PYTEST) :]] for words in testing.halves())
    half = half[len(testing.WITH_BROWSER) :]
    assert [f"--ignore={path}" for path in half] == rest
    assert set(half) < ours and len(set(half)) == len(half)
    for name in testing.HALF:
        assert list(env.ROOT.glob(f"tests/test_{name}.py")), name


def test_every_lesson_is_in_one_half_and_those_that_share_are_in_the_same():
    halves = [words[len(testing.NBVAL) :] for words in testing.lesson_halves()]
    lessons = sorted(
        path.relative_to(env.ROOT).as_posix() for path in env.ROOT.glob("notebooks/*.ipynb")
    )
    assert sorted(halves[0] + halves[1]) == lessons and all(halves)
    numbers = [{path.split("/")[1][:2] for path in half} for half in halves]
    for together in lanes.SHARED.values():
        assert sum(bool(set(together) & half) for half in numbers) == 1


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """Return a function that makes a module of the text of a script and gives its name."""
    monkeypatch.setattr(env, "ROOT", tmp_path)

    def _write(name, *lines):
        (tmp_path / f"{name}.py").write_text("import pathlib, sys, time\n" + "\n".join(lines))
        return [name]

    return _write


WAIT = "any(pathlib.Path({!r}).exists() or time.sleep(0.01) for _ in range(6000)) or sys.exit(9)"


@pytest.mark.parametrize(("statuses", "expected"), [((0, 0), 0), ((0, 3), 3), ((2, 0), 2)])
def test_two_commands_run_at_once_and_print_one_after_the_other(scripts, capfd, statuses, expected):
    # each waits for the other to have begun
    first, second = (
        scripts(
            f"{mine}_half",
            f"print('{mine} begins', flush=True)",
            f"pathlib.Path('{mine}').touch()",
            WAIT.format(other),
            f"print('{mine} ends', file=sys.stderr)",
            f"sys.exit({status})",
        )
        for mine, other, status in zip("ab", "ba", statuses, strict=True)
    )
    assert testing.run_together([first, second], dict(os.environ)) == expected
    printed = capfd.readouterr()
    assert printed.out.splitlines() == ["a begins", "b begins", "b ends"]
    assert printed.err.splitlines() == ["a ends"]


def test_a_command_that_crashes_is_a_failure(scripts):
    crashes = scripts("crashes", "import os", "os.abort()")
    assert testing.run_together([scripts("fine"), crashes], dict(os.environ)) != 0


def test_an_interruption_ends_both_commands(scripts, tmp_path, monkeypatch):
    goes_on = scripts("goes_on", "pathlib.Path('begun').touch()", "time.sleep(600)")
    begin, begun = subprocess.Popen, []

    def interrupt(*_, **__):
        assert any((tmp_path / "begun").exists() or time.sleep(0.01) for _ in range(6000))
        raise KeyboardInterrupt

    monkeypatch.setattr(
        subprocess, "Popen", lambda *a, **o: begun.append(begin(*a, **o)) or begun[0]
    )
    monkeypatch.setattr(subprocess, "run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        testing.run_together([["first"], goes_on], dict(os.environ))
    (process,) = begun
    assert process.returncode, "it was killed and waited for"


def test_arguments_go_to_the_unit_tests_alone_in_one_process(monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(testing, "compile_renderer", lambda: False)
    monkeypatch.setattr(testing, "run_together", lambda commands, _: ran.append(commands))
    assert testing.main(["-k", "align"]) == 0
    assert ran == [[[*testing.PYTEST, "-k", "align"]]]
    assert capsys.readouterr().out == "--- unit tests\n--- all passed\n"


def test_every_stage_runs_and_a_failure_is_named(monkeypatch, capsys):
    ran = []

    def run_together(commands, _):
        ran.append(commands)
        return commands == testing.halves()

    monkeypatch.setattr(testing, "compile_renderer", lambda: False)
    monkeypatch.setattr(testing, "run_together", run_together)
    assert testing.main([]) == 1
    expected = [[command] for command in testing.STAGES.values()]
    expected[list(testing.STAGES).index(testing.UNIT_TESTS)] = testing.halves()
    expected[list(testing.STAGES).index(testing.LESSONS)] = testing.lesson_halves()
    assert ran == expected
    assert capsys.readouterr().out.endswith("--- failed: unit tests\n")
