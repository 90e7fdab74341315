"""The commands behind make: running lessons, recording their outputs, badges, set-up."""

import base64
import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from lib import checks, env, images, profiles
from lib.commands import badges, bench, render, run

PARAMETERS = {"tags": ["parameters"]}
RESULT = """
from lib import checks, profiles
checkpoint = checks.Checkpoint("90_tiny", profiles.choose(PROFILE))
checkpoint.add("answer", ANSWER, "the answer", headline=True)
checkpoint.close()
"""


def decoded(text):
    return np.array(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"))


STRIPES = np.repeat(np.eye(4, 6, dtype=np.uint8)[..., None] * 200, 3, axis=-1)
DRAWING = base64.b64encode(images.encode_png(STRIPES)).decode()


def write_notebook(path, *sources):
    cells = [
        {"cell_type": "code", "id": f"cell-{n}", "metadata": PARAMETERS if n == 0 else {},
         "execution_count": None, "outputs": [], "source": source}
        for n, source in enumerate(sources)
    ]  # fmt: skip
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(render.stripped({**content, "metadata": {}})))


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Two tiny lessons, the second of which fails, in a folder of their own."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    start = f"PROFILE = 'auto'\nANSWER = 41\nimport sys; sys.path.insert(0, {str(env.ROOT)!r})"
    write_notebook(folder / "90_tiny.ipynb", start, RESULT)
    write_notebook(folder / "91_broken.ipynb", start, "1 / 0")
    monkeypatch.setattr(run, "NOTEBOOKS", folder)
    monkeypatch.setattr(run, "compile_renderer", lambda: False)
    monkeypatch.setenv("LAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv(profiles.VARIABLE, "smoke")
    return tmp_path


def test_run_all_goes_on_after_a_failure_and_ends_with_a_table(lab, capsys):
    # the broken lesson comes first in this order of words, the good one still runs
    (lab / "notebooks" / "91_broken.ipynb").rename(lab / "notebooks" / "89_broken.ipynb")
    assert run.main(["--all", "--profile", "smoke", "--jobs", "2"]) == 1
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert lines[:2] == ["[1/2] 89_broken (smoke) ...", "[2/2] 90_tiny (smoke) ..."], "both at once"
    assert sum(line.startswith("[2/2] 90_tiny ok, 0.") for line in lines) == 1
    table = printed[printed.index("lesson ") :]
    assert table.index("89_broken  FAILED") < table.index("90_tiny    ok")
    assert "ZeroDivisionError: division by zero" in table
    assert "the answer 41" in table
    assert "1 of 2 lessons ran" in table
    assert (lab / "runs" / "smoke" / "90_tiny.ipynb").exists()
    assert (lab / "runs" / "smoke" / "90_tiny" / checks.RESULTS).exists()


def test_parameters_reach_the_lesson(lab):
    outcome = run.run_lesson(lab / "notebooks" / "90_tiny.ipynb", "smoke", {"ANSWER": 42})
    assert (outcome.error, outcome.headline) == ("", "the answer 42")
    assert outcome.peak > 0.01


@pytest.mark.parametrize(
    ("profile", "complete", "kept"),
    [("smoke", True, False), ("smoke", False, True), ("paper", True, True)],
)
def test_complete_work_is_done_anew_and_interrupted_work_goes_on(
    lab, monkeypatch, profile, complete, kept
):
    monkeypatch.setenv(profiles.VARIABLE, profile)
    monkeypatch.setattr(run, "execute", lambda *_: "")
    checkpoint = checks.Checkpoint("90_tiny", profiles.choose(profile))
    checkpoint.close(complete)
    backup = checkpoint.folder / "backup"
    backup.write_text("hours of work")
    outcome = run.run_lesson(lab / "notebooks" / "90_tiny.ipynb", profile, {})
    assert backup.exists() is kept
    assert outcome.error == "no results.json was written", "older figures are gone"


def test_unknown_parameters_are_refused_before_anything_runs(lab, capsys):
    assert run.main(["90", "--parameters", "ANSER=1"]) == 2
    printed = capsys.readouterr().err
    assert "no lesson asked for has a parameter ANSER: 90_tiny has PROFILE, ANSWER" in printed
    assert not (lab / "runs").exists()


def test_a_parameter_goes_to_the_lessons_that_have_it(lab):
    first, second = run.lessons([])
    write_notebook(second, "PROFILE = 'auto'")
    shares = run.share_out([first, second], {"ANSWER": 1, "PROFILE": "smoke"})
    assert shares == {first: {"ANSWER": 1, "PROFILE": "smoke"}, second: {"PROFILE": "smoke"}}


def test_an_unknown_lesson_or_profile_names_the_choices(lab, monkeypatch, capsys):
    assert run.main(["77"]) == 2
    assert "there are 90_tiny, 91_broken" in capsys.readouterr().err
    monkeypatch.delenv(profiles.VARIABLE)
    assert run.main(["90", "--profile", "big"]) == 2
    assert "smoke, laptop, colab, paper" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pair", "value"),
    [("A=3", 3), ("A=0.5", 0.5), ("A=True", True), ("A=laptop", "laptop"), ("A=a=b", "a=b")],
)
def test_parameter_values_are_literals_or_text(pair, value):
    assert run.parse_parameters([pair]) == {"A": value}


def test_a_word_without_an_equals_sign_is_refused():
    with pytest.raises(run.RunError, match="write NAME=VALUE"):
        run.parse_parameters(["STEPS"])


def test_recording_keeps_figures_and_text_but_no_noise():
    figure = {"output_type": "display_data", "metadata": {"x": 1},
              "data": {"image/png": DRAWING, "text/plain": ["<Figure 640x480>"]}}  # fmt: skip
    widget = {"output_type": "display_data", "metadata": {},
              "data": {"application/vnd.jupyter.widget-view+json": {}}}  # fmt: skip
    warning = {"output_type": "stream", "name": "stderr", "text": "careful"}
    text = {"output_type": "stream", "name": "stdout", "text": "42"}
    data = render.kept(figure)["data"]
    assert data["text/plain"] == ["<figure>"]
    assert np.array_equal(decoded(data["image/png"]), decoded(DRAWING))
    assert render.kept(figure)["metadata"] == {}
    assert render.kept(widget) is None
    assert render.kept(warning) is None
    assert render.kept(text) == text


def test_a_large_figure_becomes_a_jpeg_that_looks_the_same():
    ramp = np.linspace(0, 255, 300).astype(np.uint8)
    noise = np.random.default_rng(0).integers(0, 40, (300, 300, 3), dtype=np.uint8)
    picture = np.maximum(ramp[:, None, None], noise)
    data = render.compact(base64.b64encode(images.encode_png(picture)).decode())
    assert np.abs(decoded(data["image/jpeg"]).astype(int) - picture).mean() < 6


def test_only_tagged_cells_keep_their_outputs():
    def cell(name, tags):
        return {"cell_type": "code", "id": name, "metadata": {"tags": tags}, "source": "",
                "execution_count": 3, "outputs": [{"output_type": "stream", "name": "stdout",
                                                   "text": name}]}  # fmt: skip

    cells = [cell("one", ["keep_output"]), cell("two", [])]
    notebook = render.recorded({"cells": cells, "metadata": {"widgets": {}}}, {"cells": [*cells]})
    assert "widgets" not in notebook["metadata"]
    assert [cell["execution_count"] for cell in notebook["cells"]] == [1, None]
    assert notebook["cells"][1]["outputs"] == []


def test_a_path_of_this_machine_may_not_be_committed():
    assert render.complaints('"saved under /home/ada/lab"') != []
    assert render.complaints('"https://example.org/home/page"') == []


def test_badges_follow_the_address(tmp_path, monkeypatch):
    project = tmp_path / "pyproject.toml"
    project.write_text(badges.PROJECT.read_text())
    monkeypatch.setattr(badges, "PROJECT", project)
    badges.set_repository("ada/face-gan-lab")
    address = badges.repository()
    assert address == "https://github.com/ada/face-gan-lab"
    assert f"{address}" in badges.set_up_cell(address)
    row = badges.badge_row(address, "01_x.ipynb")
    assert "/github/ada/face-gan-lab/blob/main/notebooks/01_x.ipynb" in row
    with pytest.raises(ValueError, match="expected owner/name"):
        badges.set_repository("https://example.org/x")


@pytest.fixture
def run_cell(tmp_path):
    """Run a set-up cell in a folder, with a framework that imports at once."""
    stub = tmp_path / "stub"
    stub.mkdir()
    for module in ("jax", "keras"):
        (stub / f"{module}.py").write_text("")
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(stub)}

    def _run(code, folder):
        command = [sys.executable, "-c", code]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)

    return _run


@pytest.mark.parametrize("address", ["", "https://github.com/ada/face-gan-lab"])
def test_the_set_up_cell_runs_from_the_notebooks_folder(address, run_cell):
    answer = run_cell(badges.set_up_cell(address), env.ROOT / "notebooks")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("Face GAN Lab")


def test_the_set_up_cell_unpacks_an_uploaded_zip(tmp_path, run_cell):
    inside = tmp_path / "pack" / "face-gan-lab"
    shutil.copytree(env.ROOT / "lib", inside / "lib")
    elsewhere = tmp_path / "content"
    elsewhere.mkdir()
    shutil.make_archive(str(elsewhere / "face-gan-lab"), "zip", tmp_path / "pack")
    answer = run_cell(badges.set_up_cell("") + "\nprint(root.name)", elsewhere)
    assert answer.stdout.splitlines()[-1] == "face-gan-lab", answer.stderr


def test_the_set_up_cell_alone_says_what_to_do(tmp_path, run_cell):
    answer = run_cell(badges.set_up_cell(""), tmp_path)
    assert "put face-gan-lab.zip beside this notebook" in answer.stderr


def test_an_unknown_command_or_benchmark_names_the_choices(capsys):
    answer = subprocess.run(
        [sys.executable, "-m", "lib", "dance"], cwd=env.ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 2
    assert "run-all" in answer.stderr
    assert bench.main(["nothing"]) == 2
    assert "identity" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "status"), [("--help", 0), ("--dry-run", 2)])
def test_clean_with_an_option_removes_nothing(option, status):
    command = [sys.executable, "-m", "lib", "clean", option]
    answer = subprocess.run(command, cwd=env.ROOT, capture_output=True, text=True)
    assert answer.returncode == status
    assert "takes no options" in answer.stdout


def test_an_interruption_says_that_the_work_is_kept(lab, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "run_lesson", interrupt)
    assert run.main(["--all", "--jobs", "1"]) == 130
    assert "interrupted: the same command goes on" in capsys.readouterr().out


def test_one_job_runs_the_lessons_in_order_in_this_process(lab, monkeypatch, capsys):
    ended = {}

    def run_lesson(notebook, *_):
        ended[notebook.stem] = os.getpid()
        return run.Outcome(notebook.stem, "", 1.5, 0.5, "")

    monkeypatch.setattr(run, "run_lesson", run_lesson)
    assert run.main(["--all", "--jobs", "1"]) == 0
    assert ended == {"90_tiny": os.getpid(), "91_broken": os.getpid()}
    assert capsys.readouterr().out.splitlines()[:4] == [
        "[1/2] 90_tiny (smoke) ...", "[1/2] 90_tiny ok, 1.5 min",
        "[2/2] 91_broken (smoke) ...", "[2/2] 91_broken ok, 1.5 min",
    ]  # fmt: skip


def test_one_lesson_by_name_runs_as_ever_and_a_count_below_one_is_refused(lab, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(run.lanes, "usual_jobs_here", lambda _: 2)
    monkeypatch.setattr(run, "run_lessons", lambda shares, _, jobs: asked.append(jobs) or [])
    monkeypatch.setattr(run, "table", lambda *_: "")
    for words in (["90", "91"], ["--all"], ["90", "91", "--jobs", "5"], ["90", "--jobs", "2"]):
        assert run.main(words) == 0
    assert asked == [1, 2, 2, 1], "never more than there are lessons"
    with pytest.raises(SystemExit):
        run.main(["--all", "--jobs", "0"])
    assert "found --jobs 0; expected 1 or more" in capsys.readouterr().err


def test_copies_are_no_lessons_and_numbers_may_be_short(lab):
    folder = lab / "notebooks"
    (folder / "90_tiny-Copy1.ipynb").write_text((folder / "90_tiny.ipynb").read_text())
    assert [path.name for path in run.lessons([])] == ["90_tiny.ipynb", "91_broken.ipynb"]
    assert run.lessons(["notebooks/91_broken.ipynb"]) == [folder / "91_broken.ipynb"]
    (folder / "05_early.ipynb").write_text("{}")
    assert run.lessons(["5"]) == [folder / "05_early.ipynb"]


def test_the_profile_is_no_parameter():
    with pytest.raises(run.RunError, match="make run NB=00 PROFILE=laptop"):
        run.parse_parameters(["PROFILE=laptop"])
