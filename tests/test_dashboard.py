"""The dashboard without a browser: a run's files in every state, the picture, the answers."""

import json

import numpy as np
import pytest

from lib import images, widgets
from lib.widgets import run_figure, run_files, stills
from lib.widgets.run_dashboard import RunDashboard

ROUNDS = [
    {"step": 10, "seconds": 1.5, "critic": 0.7, "loss": 2.0},
    {"step": 20, "seconds": 3.0, "critic": 0.6, "loss": 1.5},
    {"step": 30, "seconds": 4.5, "critic": 0.5, "loss": 1.25},
]


def write(folder, rounds, tail=""):
    text = "".join(json.dumps(row) + "\n" for row in rounds) + tail
    (folder / "metrics.jsonl").write_text(text)


@pytest.fixture
def folder(tmp_path):
    """A run of three rounds and two sheets, of 40 steps."""
    made = tmp_path / "lesson" / "first"
    made.mkdir(parents=True)
    (made / "options.json").write_text(json.dumps({"profile": {"steps": 40}}))
    write(made, ROUNDS)
    for step, level in ((10, 10), (1_000_020, 99)):
        sheet = np.full((20, 60, 3), level, np.uint8)
        images.write(made / "samples" / f"step_{step:06d}.png", sheet)
    return made


def test_a_run_is_read_as_it_was_written(folder):
    run = run_files.read(folder)
    assert run.rows == ROUNDS
    assert (run.name, run.terms, run.steps) == ("lesson/first", ("loss", "critic"), 40)
    assert list(run.sheets) == [10, 1_000_020], "by step, not by name"
    assert run_files.read(str(folder)) == run


@pytest.mark.parametrize("tail", ["{", '{"step": 40, "sec', json.dumps(ROUNDS[2]), "\x00\x00"])
def test_half_a_last_line_is_left_out(folder, tail):
    write(folder, ROUNDS, tail)
    assert run_files.read(folder).rows == ROUNDS


@pytest.mark.parametrize("line", ["{", "[1, 2]", "7", '{"loss": 1.0}', '{"step": 1, "loss": "a"}'])
def test_a_whole_line_that_is_no_round_is_named(folder, line):
    write(folder, ROUNDS[:1], f"{line}\n{json.dumps(ROUNDS[1])}\n")
    with pytest.raises(ValueError, match="found no round in line 2; expected a round such") as why:
        run_files.read(folder)
    assert "\n" not in str(why.value)


def test_a_run_that_has_only_begun_is_one_too(folder):
    (folder / "metrics.jsonl").unlink()
    assert run_files.read(folder).rows == []
    write(folder, [])
    run = run_files.read(folder)
    assert (run.rows, run.terms) == ([], ())
    assert run_figure.alternative(run).startswith("The run lesson/first has no round yet.")
    texts = [text.get_text() for axes in run_figure.draw(run).axes for text in axes.texts]
    assert "no round yet" in texts


def test_numbers_that_are_not_finite_become_gaps(folder):
    write(folder, [ROUNDS[0], ROUNDS[1] | {"loss": float("nan")}, ROUNDS[2] | {"critic": np.inf}])
    run = run_files.read(folder)
    assert [row["loss"] for row in run.rows] == [2.0, None, 1.25]
    steps, values = run_figure.curve(run, "loss")
    assert (steps.tolist(), values.tolist()) == ([10, 30], [2.0, 1.25])
    assert run_figure.curve(run, "critic")[1].tolist() == [0.7, 0.6]
    json.dumps(run.rows, allow_nan=False)


def test_a_term_that_comes_later_begins_later(folder):
    write(folder, [*ROUNDS[:2], ROUNDS[2] | {"late": 3.0}])
    run = run_files.read(folder)
    assert run.terms == ("loss", "critic", "late")
    assert run_figure.curve(run, "late")[0].tolist() == [30]


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda path: None, "found no folder"),
        (lambda path: path.mkdir(), "found a folder without options.json"),
        (lambda path: path.write_text("x"), "found no folder"),
    ],
)
def test_a_folder_that_is_no_run_is_refused_in_one_line(tmp_path, make, found):
    make(tmp_path / "elsewhere")
    expected = rf"elsewhere: {found}; expected a run's, as train\(\.\.\.\)\.folder names it$"
    with pytest.raises(ValueError, match=expected) as why:
        widgets.dashboard(tmp_path / "elsewhere")
    assert "\n" not in str(why.value)


def test_the_static_picture_comes_first_with_its_text(folder, monkeypatch):
    shown = []
    monkeypatch.setattr(stills, "display", shown.append)
    assert widgets.dashboard(folder, every=2) is None
    static, live = shown
    assert static.text == (
        "Loss terms of lesson/first up to step 30: loss from 2 to 1.25; critic from 0.7 to 0.5. "
        "Beside them the samples of step 1000020."
    )
    assert isinstance(live, RunDashboard)
    assert live.every == 2
    assert len(static.picture) <= stills.LARGEST_FILE


def test_every_term_has_its_panel_with_its_numbers(folder):
    rounds = [{"step": 5 * n, "loss": n, **{f"term_{k}": k * n for k in range(9)}} for n in (1, 2)]
    write(folder, rounds)
    axes = {
        panel.get_title("left"): panel for panel in run_figure.draw(run_files.read(folder)).axes
    }
    assert [name for name in axes if name] == ["loss", *(f"term_{k}" for k in range(9))]
    assert axes["term_7"].lines[0].get_xydata().tolist() == [[5, 7], [10, 14]]


class Asked:
    """A dashboard's browser: what was answered."""

    def __init__(self, folder, monkeypatch):
        self.answers = []
        self.board = RunDashboard(folder, 5.0)
        monkeypatch.setattr(self.board, "send", lambda *answer: self.answers.append(answer))

    def __call__(self, **content):
        self.board._handle_custom_msg({"view": "a", "number": 1, **content}, [])
        return self.answers[-1]


@pytest.fixture
def ask(folder, monkeypatch):
    return Asked(folder, monkeypatch)


def test_a_view_begins_with_all_there_is(ask):
    content, buffers = ask(kind="hello")
    assert (content["kind"], content["view"], content["every"]) == ("start", "a", 5.0)
    assert (content["first"], content["rows"], content["steps"]) == (0, ROUNDS, 40)
    assert [step for step, _ in content["sheets"]] == [10, 1_000_020]
    assert buffers == []


def test_only_new_rounds_are_sent(ask, folder):
    assert ask(kind="news", rows=3, step=30)[0]["rows"] == []
    write(folder, [*ROUNDS, ROUNDS[2] | {"step": 40}])
    content, _ = ask(kind="news", rows=3, step=30)
    assert (content["kind"], content["first"]) == ("news", 3)
    assert [row["step"] for row in content["rows"]] == [40]


def test_a_run_that_began_anew_is_sent_as_a_whole(ask, folder):
    write(folder, ROUNDS[:1])
    content, _ = ask(kind="news", rows=3, step=30)
    assert (content["first"], content["rows"]) == (0, ROUNDS[:1])
    write(folder, [row | {"step": row["step"] + 5} for row in ROUNDS])
    content, _ = ask(kind="news", rows=3, step=30)
    assert (content["first"], len(content["rows"])) == (0, 3)


def test_a_sheet_is_sent_as_its_file(ask, folder):
    content, (sent,) = ask(kind="sheet", step=10)
    assert (content["kind"], content["step"]) == ("sheet", 10)
    assert sent == (folder / "samples" / "step_000010.png").read_bytes()
    content, buffers = ask(kind="sheet", step=11)
    assert content["why"].startswith("ValueError: found no sample sheet of step 11")
    assert buffers == []


def test_a_sheet_that_is_written_over_is_another_one(ask, folder):
    before = dict(ask(kind="hello")[0]["sheets"])
    images.write(folder / "samples" / "step_000010.png", np.zeros((4, 4, 3), np.uint8))
    after = dict(ask(kind="news", rows=3, step=30)[0]["sheets"])
    assert after[10] != before[10]
    assert after[1_000_020] == before[1_000_020]
