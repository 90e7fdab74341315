"""Profiles: the automatic choice, the override, and errors that name the choices."""

import dataclasses

import pytest

from lib import profiles


@pytest.fixture(autouse=True)
def no_override(monkeypatch):
    monkeypatch.delenv(profiles.VARIABLE, raising=False)


def test_auto_is_colab_with_a_gpu_and_laptop_without(monkeypatch):
    monkeypatch.setattr(profiles.env, "has_gpu", lambda: True)
    assert profiles.choose("auto").name == "colab"
    monkeypatch.setattr(profiles.env, "has_gpu", lambda: False)
    assert profiles.choose("auto").name == "laptop"


def test_the_environment_variable_beats_the_notebook_parameter(monkeypatch):
    monkeypatch.setenv(profiles.VARIABLE, "smoke")
    assert profiles.choose("paper").name == "smoke"


def test_an_unknown_profile_names_the_choices_and_the_nearest():
    with pytest.raises(profiles.ProfileError, match=r"did you mean 'laptop'.*smoke, laptop, colab"):
        profiles.choose("labtop")


def test_an_unknown_setting_names_the_choices():
    with pytest.raises(profiles.ProfileError, match=r"did you mean 'steps'.*a profile has name"):
        profiles.choose("smoke", step=3)


def test_a_change_leaves_the_original_alone():
    assert profiles.choose("smoke", steps=3).steps == 3
    assert profiles.choose("smoke").steps == 20


def test_a_profile_cannot_be_written_to():
    with pytest.raises(dataclasses.FrozenInstanceError):
        profiles.choose("smoke").steps = 1


def test_a_size_of_zero_is_refused():
    with pytest.raises(profiles.ProfileError, match="size is 0, expected a whole number"):
        profiles.choose("smoke", size=0)


@pytest.mark.parametrize(
    ("setting", "value"), [("steps", "3"), ("steps", 3.5), ("captures", 0), ("max_minutes", -1)]
)
def test_a_setting_of_the_wrong_kind_is_refused(setting, value):
    with pytest.raises(profiles.ProfileError, match=f"{setting} is .*expected"):
        profiles.choose("smoke", **{setting: value})


def test_the_table_has_a_column_for_every_profile():
    header, *rows = profiles.table().splitlines()
    assert header.split() == list(profiles.PROFILES)
    assert all(len(row.split()) == 5 for row in rows)
