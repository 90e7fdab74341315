"""The lessons' skeleton, as DESIGN.md and the README promise it; nothing is executed here."""

import ast
import json
import re
import statistics

import pytest

from lib import env
from lib.commands import badges, render

NOTEBOOKS = sorted((env.ROOT / "notebooks").glob("*.ipynb"))
SECTIONS = [
    "Idea", "Data", "Model", "Losses", "Train", "Checkpoint", "Evaluate", "Explore", "Exercises",
    "Limits and ethics", "Summary", "Next", "References",
]  # fmt: skip


def load(path):
    return json.loads(path.read_text())


def sources(notebook, kind):
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == kind]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return load(path)


def test_there_are_lessons():
    assert [path.stem for path in NOTEBOOKS][:2] == ["00_start_here", "01_faces_and_landmarks"]


def test_title_badges_and_table_come_first(path, notebook):
    first, second, third = ("".join(cell["source"]) for cell in notebook["cells"][:3])
    assert first.startswith(f"# {path.stem[:2]} · ")
    assert len(first.splitlines()) > 2, "a promise follows the title"
    assert "badges" in notebook["cells"][1]["metadata"]["tags"]
    assert "colab-badge" in second
    assert third.startswith("**At a glance**")
    rows = badges.at_a_glance(notebook)
    assert {"You build", "Needs", "Minutes", "Data and licence"} <= set(rows)
    assert all(name in rows["Minutes"] for name in ("smoke", "laptop"))


def test_setup_and_parameters_come_next(notebook):
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    assert code[0]["metadata"]["tags"] == ["setup"]
    assert code[1]["metadata"]["tags"] == ["parameters"]
    assert len(badges.cells_with(notebook, "setup")) == 1
    assert len(badges.cells_with(notebook, "parameters")) == 1


def test_the_setup_cell_is_short():
    lines = badges.set_up_cell("https://github.com/owner/name").splitlines()
    assert len([line for line in lines if line.strip()]) <= 10


def test_parameters_are_literals_in_capitals_with_a_comment(notebook):
    source = "".join(badges.cells_with(notebook, "parameters")[0]["source"])
    for statement in ast.parse(source).body:
        assert isinstance(statement, ast.Assign)
        ast.literal_eval(statement.value)
        assert statement.targets[0].id.isupper()
    assert all("#" in line for line in source.splitlines() if "=" in line)
    assert 'PROFILE = "auto"' in source


def test_the_sections_stand_in_order(notebook):
    headings = re.findall(r"^## (.+)$", "\n".join(sources(notebook, "markdown")), re.MULTILINE)
    assert [heading.split(":")[0] for heading in headings] == SECTIONS


def test_code_cells_are_short(notebook):
    lengths = [len(source.splitlines()) for source in sources(notebook, "code")]
    assert max(lengths) <= 30
    assert statistics.median(lengths) <= 10


def test_there_is_as_much_prose_as_code(notebook):
    assert len(sources(notebook, "markdown")) >= 0.8 * len(sources(notebook, "code"))


def test_no_cell_installs_or_leaves_the_folder(notebook):
    for source in sources(notebook, "code"):
        assert not re.search(r"^[!%]|pip install|os\.chdir|allow_pickle=True", source, re.MULTILINE)


def test_nothing_but_recorded_outputs_is_stored(path, notebook):
    assert "widgets" not in notebook["metadata"]
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(code, 1):
        recorded = render.KEEP in cell["metadata"].get("tags", [])
        assert cell["execution_count"] == (count if recorded else None)
        assert recorded or not cell["outputs"]
    assert render.complaints(path.read_text()) == []


def test_every_recorded_cell_has_its_output(notebook):
    for cell in badges.cells_with(notebook, render.KEEP):
        assert cell["outputs"], f"run `make render`: {''.join(cell['source'])[:60]}"


def test_all_recorded_outputs_together_stay_small():
    assert sum(path.stat().st_size for path in NOTEBOOKS) <= render.ALL_LIMIT


def test_the_file_is_written_as_render_writes_it(path, notebook):
    assert path.read_text() == render.as_text(notebook)


def test_cells_have_readable_names(notebook):
    names = [cell["id"] for cell in notebook["cells"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{1,63}", name) for name in names)


def test_badges_setup_cells_and_index_are_fresh():
    assert [str(path.name) for path in badges.stale()] == [], "run `make badges`"


def test_links_to_files_lead_somewhere(path, notebook):
    for target in re.findall(r"\]\(([^)#\s]+)", "\n".join(sources(notebook, "markdown"))):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_a_checkpoint_a_widget_and_exercises_are_there(notebook):
    assert len(badges.cells_with(notebook, "checkpoint")) == 1
    assert badges.cells_with(notebook, "widget")
    assert 2 <= len(badges.cells_with(notebook, "exercise")) <= 4


def test_no_figure_is_drawn_from_a_restricted_dataset(notebook):
    assert "FACE_LAB_REAL" not in "".join(sources(notebook, "code"))
