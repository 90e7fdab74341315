"""A folder holds one recipe: another is refused by its most telling difference."""

from __future__ import annotations

import pytest

from lib.store import Field, StoreError
from lib.store.recipe import require_same
from tests.test_store import build

PHOTO, LABELS = Field("photo", (16, 16, 3)), Field("labels", (16, 16), kind="labels")


def recipe(fields=(PHOTO, LABELS), **changes):
    parameters = {"size": 16, "camera": None, "columns": {"lights": ["x", "y"]}}
    return {
        "fields": [field.to_json() for field in fields],
        "seed": 5,
        "code": "",
        "parameters": parameters | changes.pop("parameters", {}),
        "candidates": 9,
        "candidates_sha256": "ab",
    } | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 6, "candidates_sha256": "cd"}, "begun with seed = 5, and 6 is asked for; delete"),
        ({"candidates_sha256": "cd"}, "begun with candidates_sha256 = 'ab', and 'cd' is asked"),
        (
            {"fields": [Field("photo", (17, 17, 3))], "parameters": {"size": 17}, "seed": 6},
            "begun with seed = 5, and 6",
        ),
        (
            {"fields": [Field("photo", (17, 17, 3)), LABELS], "parameters": {"size": 17}},
            "begun with size = 16, and 17 is asked for",
        ),
        (
            {"fields": [PHOTO], "parameters": {"columns": {}}},
            r"begun with field labels = 'uint8 \(16, 16\) labels', and none is asked for",
        ),
        (
            {"fields": [Field("photo", (9, 9, 3)), LABELS]},
            r"begun with field photo = 'uint8 \(16, 16, 3\) picture', and 'uint8 \(9, 9, 3\) pict",
        ),
        ({"parameters": {"camera": {"blur": [0, 1]}}}, r"begun without camera.blur, and \[0, 1\]"),
        ({"parameters": {"renderer": "ab"}}, "begun without renderer, and 'ab' is asked for"),
    ],
)
def test_the_most_telling_difference_is_named_in_both_directions(tmp_path, changes, message):
    with pytest.raises(StoreError, match=message) as caught:
        require_same(recipe(**changes), recipe(), tmp_path)
    assert "\n" not in str(caught.value)
    with pytest.raises(StoreError, match="delete the folder or name another"):
        require_same(recipe(), recipe(**changes), tmp_path)


def test_what_is_empty_makes_no_difference(tmp_path):
    without = recipe()
    del without["parameters"]["camera"], without["code"]
    require_same(without | {"code": None}, recipe(code=None), tmp_path)


@pytest.mark.parametrize("shares", [3, None, {}, {"train": "all"}, {"train": 2, "test": -1}])
def test_bad_shares_are_refused_before_the_work(tmp_path, shares):
    with pytest.raises(StoreError, match=r"shares .*; expected"):
        build(tmp_path / "a", make=None, shares=shares)
    assert not (tmp_path / "a").exists()
