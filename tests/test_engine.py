"""Papermill's engine: few saves, and nothing of a lesson lost, whether it ends well or not."""

import nbclient
import nbformat
import papermill
import pytest
from papermill import engines

from lib.commands import engine


@pytest.mark.parametrize(("times", "acted"), [
    ([0, 1, 9, 9.9], [0]),
    ([0, 10, 11, 19.9, 20, 31], [0, 10, 20, 31]),
    ([5, 14, 15], [5, 15]),
])  # fmt: skip
def test_an_action_is_left_out_where_the_last_is_not_long_ago(times, acted):
    now, seen = [], []
    act = engine.at_most_every(
        10, lambda word, end: seen.append((now[-1], word, end)), lambda: now[-1]
    )
    for time in times:
        now.append(time)
        act("a word", end="its end")
    assert seen == [(time, "a word", "its end") for time in acted]


@pytest.fixture
def saves(monkeypatch):
    """Return the list to which each saved notebook's number of executed cells is added."""
    found, write = [], engines.write_ipynb

    def record(notebook, path):
        found.append(sum(bool(cell.get("outputs")) for cell in notebook.cells))
        write(notebook, path)

    monkeypatch.setattr(engines, "write_ipynb", record)
    return found


def execute(folder, sources):
    """Execute code cells through the engine, and return the executed copy's text outputs."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "in.ipynb")
    try:
        papermill.execute_notebook(
            str(folder / "in.ipynb"), str(folder / "out.ipynb"), kernel_name="python3",
            engine_name=engine.register(), progress_bar=False,
        )  # fmt: skip
    except papermill.PapermillExecutionError as error:
        assert error.evalue == "a mistake"
    except nbclient.exceptions.DeadKernelError:
        pass
    executed = nbformat.read(folder / "out.ipynb", 4)
    return [
        out["text"] for cell in executed.cells for out in cell.get("outputs", []) if "text" in out
    ]


def test_the_copy_is_whole_after_few_saves(tmp_path, saves):
    assert execute(tmp_path, [f"print({n})" for n in range(8)]) == [f"{n}\n" for n in range(8)]
    assert len(saves) <= 4
    assert saves[-1] == 8


def test_the_copy_ends_with_the_cell_that_failed(tmp_path):
    sources = ["print(0)", "print(1)\nraise ValueError('a mistake')", "print(2)"]
    assert execute(tmp_path, sources) == ["0\n", "1\n"]


def test_the_copy_is_whole_where_the_kernel_dies(tmp_path, saves):
    sources = ["print(0)", "print(1)", "import os\nos._exit(1)", "print(3)"]
    assert execute(tmp_path, sources) == ["0\n", "1\n"]
    assert saves[-1] == 2
