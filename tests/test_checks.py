"""Checkpoints: bounds, results.json, and what a failure says."""

import json

import pytest

from lib import checks, profiles


@pytest.fixture
def checkpoint(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_RUNS", str(tmp_path))
    monkeypatch.delenv(profiles.VARIABLE, raising=False)
    return checks.Checkpoint("77_a_lesson", profiles.choose("smoke"))


def test_figures_reach_the_results_file_and_the_headline(checkpoint, tmp_path, capsys):
    checkpoint.add("psnr", 21.5, "PSNR in dB", at_least=20, headline=True)
    checkpoint.add("seconds", 3, "seconds")
    checkpoint.close()
    path = tmp_path / "smoke" / "77_a_lesson" / checks.RESULTS
    content = json.loads(path.read_text())
    assert [figure["value"] for figure in content["figures"]] == [21.5, 3]
    assert content["profile"]["size"] == 32
    assert checks.headline(path) == "PSNR in dB 21.5"
    assert "✓ PSNR in dB: 21.5 (at least 20)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "bounds", "holds"),
    [
        (1.0, {"at_least": 1.0}, True),
        (0.99, {"at_least": 1.0}, False),
        (1.0, {"at_most": 1.0}, True),
        (1.01, {"at_most": 1.0}, False),
        (float("nan"), {}, False),
        (float("nan"), {"at_most": 1.0}, False),
    ],
)
def test_bounds_include_their_ends_and_nan_never_holds(value, bounds, holds):
    assert checks.Figure("x", value, "x", **bounds).holds() is holds


def test_a_failure_names_the_figure_and_still_writes_the_file(checkpoint, tmp_path):
    checkpoint.add("psnr", 12, "PSNR in dB", at_least=20)
    with pytest.raises(checks.CheckpointError, match=r"77_a_lesson \(smoke\).*PSNR in dB: 12"):
        checkpoint.close()
    assert (tmp_path / "smoke" / "77_a_lesson" / checks.RESULTS).exists()


def test_a_crashing_answer_is_feedback_not_a_crash(monkeypatch, capsys):
    monkeypatch.setitem(checks.EXERCISES, "divide", lambda answer: answer(0))
    checks.check("divide", lambda x: 1 / x)
    assert capsys.readouterr().out == "✗ divide: ZeroDivisionError: division by zero\n"
