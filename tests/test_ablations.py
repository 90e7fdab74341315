"""Committed results: what is read is what was written, and a fault names the file."""

import json
import math
import re

import pytest

from lib import ablations, env

GOOD = {
    "command": "python -m lib.benchmarks.some_system --times 10",
    "device": "one GPU",
    "date": "2026-11-26",
    "rows": {"with": {"KID": 0.25, "seeds": 3}, "without it": {"AUC": 0.75, "KID": 1}},
}
COMMITTED = sorted(path.stem for path in (env.ROOT / "data" / "ablations").glob("*.json"))


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setattr(ablations, "folder", lambda: tmp_path)

    def write(content, name="some_system"):
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / f"{name}.json").write_text(text, "utf-8")

    return write


def test_rows_columns_and_numbers_are_those_of_the_file(write):
    write(GOOD)
    table = ablations.read("some_system")
    assert list(table.index) == ["with", "without it"]
    assert list(table.columns) == ["KID", "seeds", "AUC"]
    assert table.loc["with", "KID"] == 0.25 and table.loc["without it", "KID"] == 1
    assert table.loc["with", "seeds"] == 3 and table.loc["without it", "AUC"] == 0.75
    assert math.isnan(table.loc["with", "AUC"]), "a figure that a row does not have"


def test_rows_stay_in_the_order_of_the_file(write):
    write(GOOD | {"rows": {label: {"KID": 0.0} for label in ("z", "a", "10", "9")}})
    assert list(ablations.read("some_system").index) == ["z", "a", "10", "9"]


def test_every_figure_is_a_number(write):
    write(GOOD | {"rows": {"one": {"KID": math.nan, "seeds": 1}}})
    table = ablations.read("some_system")
    assert set(table.dtypes) == {ablations.pandas.Series([1.0]).dtype}
    assert math.isnan(table.loc["one", "KID"])


def test_the_source_says_command_device_and_date_in_one_line(write):
    write(GOOD)
    line = ablations.source("some_system")
    assert line == "python -m lib.benchmarks.some_system --times 10 · one GPU · 2026-11-26"


def test_a_missing_file_is_named_with_those_there_are(write):
    write(GOOD, "another")
    write(GOOD, "second")
    for function in (ablations.read, ablations.source):
        with pytest.raises(ablations.AblationError, match=r"some_system\.json.*another, second"):
            function("some_system")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "damaged"),
        ([], "'command'"),
        ({**GOOD, "command": 3}, "'command'"),
        ({key: GOOD[key] for key in GOOD if key != "device"}, "'device'"),
        ({**GOOD, "date": None}, "'date'"),
        ({**GOOD, "rows": {}}, "'rows'"),
        ({**GOOD, "rows": [1, 2]}, "'rows'"),
        ({**GOOD, "rows": {"with": {}}}, "'with' has no figures"),
        ({**GOOD, "rows": {"with": {"KID": "0.2"}}}, "'with': KID is '0.2'"),
        ({**GOOD, "rows": {"with": {"KID": True}}}, "'with': KID is True"),
        ({**GOOD, "rows": {"with": {"KID": None}}}, "'with': KID is None"),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(write, content, complaint):
    write(content)
    for function in (ablations.read, ablations.source):
        with pytest.raises(ablations.AblationError, match=r"^some_system\.json: ") as caught:
            function("some_system")
        assert complaint in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", COMMITTED)
def test_a_committed_table_names_a_command_of_the_lab(name):
    table, line = ablations.read(name), ablations.source(name)
    assert len(table) >= 2
    if line.startswith("make "):
        assert re.search(rf"^{line.split()[1]}:", (env.ROOT / "Makefile").read_text(), re.MULTILINE)
        return
    called = re.match(r"python -m (lib[\w.]*)", line)
    assert called, line
    place = env.ROOT / called[1].replace(".", "/")
    assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()
