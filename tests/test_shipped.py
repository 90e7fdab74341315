"""The shipped weights: cards that fit their files, sizes, refusals in one line, the cards' page."""

import json
import math
import shutil

import keras
import numpy as np
import pytest

from lib import env, shipped
from lib.commands import weights as command
from lib.files import sha256, write_json
from lib.recipes import Place, recipes
from lib.shipped import files

KEYS = {
    "name", "system", "does", "size", "width", "weights", "bytes", "sha256", "data", "seed",
    "before", "steps", "seconds", "device", "scores", "limits", "licence", "created", "versions",
}  # fmt: skip
SMALL = "parser"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder of its own for weights, with one model's files in it."""
    for suffix in (".npz", ".json"):
        shutil.copy(env.ROOT / "data" / "weights" / f"{SMALL}{suffix}", tmp_path)
    monkeypatch.setattr(files, "folder", lambda: tmp_path)
    files.load.cache_clear()
    yield tmp_path
    files.load.cache_clear()


def refusal(function, *arguments):
    with pytest.raises(shipped.ShippedError) as caught:
        function(*arguments)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("name", shipped.NAMES)
def test_every_model_has_its_files_and_they_fit(name):
    path, card = shipped.folder() / f"{name}.npz", shipped.card(name)
    assert set(card) == KEYS
    entry = shipped.ENTRIES[name]
    for key in ("name", "system", "does", "size", "width"):
        assert card[key] == getattr(entry, key)
    assert card["sha256"] == sha256(path)
    assert card["bytes"] == path.stat().st_size <= files.LARGEST == 3 * 2**20
    with np.load(path) as stored:
        arrays = [stored[key] for key in stored.files]
    assert sum(array.size for array in arrays) == card["weights"]
    floats = [array for array in arrays if array.dtype.kind == "f"]
    assert all(array.dtype == np.float16 and np.isfinite(array).all() for array in floats)


@pytest.mark.parametrize("name", shipped.NAMES)
def test_every_card_compares_with_others_and_says_its_limits(name):
    card = shipped.card(name)
    assert len(card["scores"]) >= 2, "a table of one row compares with nothing"
    assert any(row.startswith("this") for row in card["scores"])
    numbers = [value for row in card["scores"].values() for value in row.values()]
    assert all(isinstance(value, (int, float)) and not math.isinf(value) for value in numbers)
    for key in ("data", "limits", "licence", "device"):
        assert len(card[key]) > 8 and "\n" not in card[key]
    assert card["steps"] > 0 and card["seconds"] > 0


def test_all_of_it_stays_small():
    sizes = [path.stat().st_size for path in shipped.folder().iterdir()]
    assert sum(sizes) <= files.LARGEST_OF_ALL == 25 * 2**20


def test_nothing_else_lies_there():
    known = {f"{name}{suffix}" for name in shipped.NAMES for suffix in (".npz", ".json")}
    assert {path.name for path in shipped.folder().iterdir()} <= known | {"README.md"}


def test_a_model_is_loaded_once_and_has_the_files_weights():
    model = shipped.load(SMALL)
    assert shipped.load(SMALL) is model
    with np.load(shipped.folder() / f"{SMALL}.npz") as stored:
        for variable, key in zip(model.weights, stored.files, strict=True):
            assert np.array_equal(keras.ops.convert_to_numpy(variable), stored[key])


@pytest.mark.parametrize("name", ["mask_finder", SMALL])
def test_a_loaded_network_takes_pictures_of_its_size(name):
    size = shipped.ENTRIES[name].size
    answer = shipped.load(name)(np.zeros((1, size, size, 3), np.float32), training=False)
    assert answer.shape[:3] == (1, size, size)
    assert np.isfinite(keras.ops.convert_to_numpy(answer)).all()


@pytest.mark.parametrize("function", [shipped.card, shipped.load])
def test_an_unknown_name_names_those_there_are(function):
    message = refusal(function, "beauty")
    assert "'beauty'" in message and all(name in message for name in shipped.NAMES)


def damage(path, kind):
    if kind == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize(
    ("suffix", "kind", "found"),
    [
        (".npz", "missing", "found no weights"),
        (".npz", "cut off", "found other weights than its card"),
        (".json", "missing", "found no card"),
        (".json", "cut off", "found a damaged card"),
    ],
)
def test_missing_and_damaged_files_say_what_to_do(elsewhere, suffix, kind, found):
    damage(elsewhere / f"{SMALL}{suffix}", kind)
    message = refusal(shipped.load, SMALL)
    assert message.startswith(f"{SMALL}{suffix}: {found}")
    assert "git checkout data/weights" in message and f"make weights ONLY={SMALL}" in message


def test_weights_of_another_digest_are_refused(elsewhere):
    card = json.loads((elsewhere / f"{SMALL}.json").read_text())
    write_json(elsewhere / f"{SMALL}.json", card | {"sha256": "0" * 64})
    assert "other weights than its card tells of" in refusal(shipped.load, SMALL)


@pytest.mark.parametrize("content", ["[]", "{}", "7", '{"name": "parser"}'])
def test_a_card_that_is_none_is_damaged(elsewhere, content):
    (elsewhere / f"{SMALL}.json").write_text(content)
    assert "damaged card" in refusal(shipped.load, SMALL)


def test_whole_weights_of_another_network_are_refused(elsewhere):
    path = elsewhere / f"{SMALL}.npz"
    np.savez(path, np.zeros(3, np.float16))
    card = json.loads((elsewhere / f"{SMALL}.json").read_text())
    write_json(elsewhere / f"{SMALL}.json", card | {"sha256": sha256(path)})
    message = refusal(shipped.load, SMALL)
    assert message.startswith(f"{SMALL}.npz: found 1 arrays") and "make weights" in message


def test_a_failure_is_not_remembered(elsewhere):
    kept = (elsewhere / f"{SMALL}.npz").read_bytes()
    (elsewhere / f"{SMALL}.npz").unlink()
    refusal(shipped.load, SMALL)
    (elsewhere / f"{SMALL}.npz").write_bytes(kept)
    assert shipped.load(SMALL).count_params() == shipped.card(SMALL)["weights"]


def test_weights_survive_saving_but_for_their_rounding(elsewhere):
    keras.utils.set_random_seed(3)
    model = shipped.ENTRIES[SMALL].model()
    drawn = [np.array(array) for array in model.get_weights()]
    path = files.save(SMALL, model, {"data": "none", "steps": 0})
    card = shipped.card(SMALL)
    assert path.stat().st_size == card["bytes"] and card["data"] == "none"
    assert card["weights"] == model.count_params() == sum(array.size for array in drawn)
    loaded = shipped.load(SMALL)
    assert loaded is not model
    for old, new in zip(drawn, loaded.get_weights(), strict=True):
        np.testing.assert_allclose(new, old, rtol=2**-11, atol=2**-25)
        assert np.array_equal(new, old.astype(np.float16))


def test_too_large_a_file_is_refused_and_taken_away(elsewhere, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 1000)
    message = refusal(files.save, SMALL, shipped.ENTRIES[SMALL].model(), {})
    assert "expected at most 1,000" in message
    assert not (elsewhere / f"{SMALL}.npz").exists()


def test_every_model_has_a_recipe_with_limits():
    assert set(recipes()) == set(shipped.NAMES)
    assert all(len(recipe.limits) > 30 for recipe in recipes().values())


def test_a_trial_takes_fewer_people_and_steps(tmp_path):
    place = Place(tmp_path, times=0.01)
    assert place.people(1800) == 60 and Place(tmp_path, times=3.0).people(100) == 100
    plan = place.plan(64, 8, 4, 2000)
    assert (plan.steps, plan.size, plan.width, plan.batch_size) == (20, 64, 8, 4)
    assert plan.sample_every <= plan.steps and plan.max_minutes == 0


def test_the_page_shows_the_cards_there_are(elsewhere):
    page, card = command.cards_page(), shipped.card(SMALL)
    assert page.count("\n## ") == 1 and f"\n## {SMALL}\n" in page
    for text in (card["data"], card["limits"], card["licence"], f"{card['weights']:,} weights"):
        assert text in page
    lines = page.splitlines()
    head = next(line for line in lines if line.startswith("| | "))
    for row, scores in card["scores"].items():
        line = next(line for line in lines if line.startswith(f"| {row} |"))
        assert line.count("|") == head.count("|")
        assert all(f"{value:.3g}" in line for value in scores.values())
    assert command.main(["--cards"]) == 0
    assert (elsewhere / "README.md").read_text("utf-8") == page


def test_rows_with_gaps_keep_their_columns():
    card = shipped.card(SMALL) | {"scores": {"one": {"A": 1.0}, "two": {"A": 0.5, "B": 2.0}}}
    rows = command._section(card)[-3:]
    assert rows[1:] == ["| one | 1 |  |", "| two | 0.5 | 2 |"]


def test_the_command_names_an_unknown_model_before_any_work(tmp_path, capsys):
    assert command.main(["beauty", "--folder", str(tmp_path / "work")]) == 2
    message = capsys.readouterr().err
    assert "'beauty'" in message and len(message.splitlines()) == 1
    assert not (tmp_path / "work").exists()
