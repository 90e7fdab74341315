"""Every exercise of every lesson: the stub is 'not attempted', the folded solution is 'right'."""

import itertools
import json
import re

import numpy as np
import pytest

from lib import checks, env
from lib.commands import badges


def exercises():
    for path in sorted((env.ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        for cell, following in itertools.pairwise(cells):
            if "exercise" in cell["metadata"].get("tags", []):
                stub, answer = "".join(cell["source"]), "".join(following["source"])
                name = re.search(r'checks\.check\("([^"]+)", (\w+)\)', stub)
                yield pytest.param(stub, answer, *name.groups(), id=name.group(1))


ALL = list(exercises())


def define(source):
    """Run an exercise's definitions, without its call of the check."""
    space = {"np": np, "checks": checks}
    exec(re.sub(r"^checks\.check\(.*$", "", source, flags=re.MULTILINE), space)
    return space


def solution(answer):
    assert answer.lstrip().startswith("<details>"), "the folded solution follows the stub"
    return re.search(r"```python\n(.*?)```", answer, re.DOTALL).group(1)


@pytest.mark.parametrize(("stub", "answer", "name", "function"), ALL)
def test_a_stub_is_not_attempted(stub, answer, name, function):
    assert "raise NotImplementedError" in stub
    assert checks.judge(name, define(stub)[function])[0] == "not attempted"


@pytest.mark.parametrize(("stub", "answer", "name", "function"), ALL)
def test_the_solution_is_right(stub, answer, name, function):
    assert checks.judge(name, define(solution(answer))[function]) == ("right", "right")


@pytest.mark.parametrize(("stub", "answer", "name", "function"), ALL)
def test_an_answer_of_nothing_is_wrong(stub, answer, name, function):
    assert checks.judge(name, lambda *arguments, **named: None)[0] == "wrong"


def test_every_checker_belongs_to_a_lesson():
    checks._load_checkers()
    assert sorted(checks.EXERCISES) == sorted(param.id for param in ALL)


def test_an_unknown_exercise_names_those_there_are():
    with pytest.raises(KeyError, match="there are"):
        checks.judge("no such thing", lambda: None)


def test_lessons_name_their_exercises_in_tagged_cells_only():
    for path in sorted((env.ROOT / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text())
        tagged = len(badges.cells_with(notebook, "exercise"))
        assert path.read_text().count("checks.check(") == tagged
