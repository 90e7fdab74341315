"""How much work a lesson does: four sizes from a smoke test to the papers' own settings.

A notebook has one parameter, `PROFILE`. `choose` turns its name into a frozen `Profile`; the
environment variable LAB_PROFILE overrides the name, so that tests and CI need not edit notebooks.

Example:
    profile = profiles.choose("auto")
    profile = profiles.choose("laptop", steps=200)
"""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Mapping
from typing import Any

from lib import env

VARIABLE = "LAB_PROFILE"


class ProfileError(ValueError):
    """A profile or a setting that does not exist, or a value that makes no sense."""


@dataclasses.dataclass(frozen=True)
class Profile:
    """The numbers that a lesson's work depends on.

    Attributes:
        name: smoke, laptop, colab or paper.
        size: side of the square training pictures, in pixels.
        width: filters of a network's first layer; deeper layers are multiples of it.
        batch_size: pictures a step.
        steps: optimizer steps of one training.
        sample_every: steps between two sample sheets.
        identities: people in a rendered dataset.
        captures: pictures a person in a rendered dataset.
        max_minutes: a training stops cleanly after so many minutes (0: no limit).
        mixed_precision: compute in float16 where a GPU makes that faster.
    """

    name: str
    size: int
    width: int
    batch_size: int
    steps: int
    sample_every: int
    identities: int
    captures: int
    max_minutes: float = 0.0
    mixed_precision: bool = False

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            found, expected = getattr(self, field.name), ""
            if field.type == "int" and not (isinstance(found, int) and found >= 1):
                expected = "a whole number, at least 1"
            if field.type == "float" and not (isinstance(found, (int, float)) and found >= 0):
                expected = "minutes, or 0 for no limit"
            if expected:
                where = f"profile {self.name}: {field.name}"
                raise ProfileError(f"{where} is {found!r}, expected {expected}")


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("smoke", 32, 8, 8, 20, 10, identities=12, captures=2),
        Profile("laptop", 64, 32, 16, 600, 100, identities=400, captures=5, max_minutes=4.0),
        Profile("colab", 128, 64, 32, 6000, 500, 2000, 10, max_minutes=20.0, mixed_precision=True),
        Profile("paper", 256, 64, 1, 200_000, 5000, 5000, 20, mixed_precision=True),
    )
}


def _nearest(word: str, choices: list[str]) -> str:
    close = difflib.get_close_matches(word, choices, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def choose(
    name: str = "auto",
    by_profile: Mapping[str, Mapping[str, Any]] | None = None,
    **changes: int | float | bool,
) -> Profile:
    """Return the profile of that name, with single settings changed.

    Args:
        name: auto (colab where there is a GPU, else laptop), smoke, laptop, colab or paper.
            The environment variable LAB_PROFILE, where set, is used instead.
        by_profile: fields to replace in single profiles, {"paper": {"size": 128}}; a system's own
            sizes, schedule and batch are such a table.
        **changes: fields of `Profile` to replace in every one, such as `steps=200`.

    Returns:
        The frozen profile.

    Raises:
        ProfileError: for an unknown profile or setting; the message names the choices.
    """
    name = str(os.environ.get(VARIABLE) or name)
    if name == "auto":
        name = "colab" if env.has_gpu() else "laptop"
    if name not in PROFILES:
        choices = ["auto", *PROFILES]
        hint = _nearest(name, choices)
        raise ProfileError(f"no profile {name!r}{hint}: choose one of {', '.join(choices)}")
    unknown = sorted(set(by_profile or {}) - set(PROFILES))
    if unknown:
        raise ProfileError(f"no profile {unknown[0]!r} to change: there are {', '.join(PROFILES)}")
    return change(PROFILES[name], **(dict((by_profile or {}).get(name, {})) | changes))


def change(profile: Profile, **changes: int | float | bool) -> Profile:
    """Return a copy of the profile with some settings replaced.

    Raises:
        ProfileError: for a setting that a profile does not have; the message names the choices.
    """
    fields = [field.name for field in dataclasses.fields(Profile)]
    for key in changes:
        if key not in fields:
            hint = _nearest(key, fields)
            raise ProfileError(f"no setting {key!r}{hint}: a profile has {', '.join(fields)}")
    return dataclasses.replace(profile, **changes)


def table() -> str:
    """Return the profiles side by side as plain text, one row a setting."""
    rows = [["", *PROFILES]]
    for field in dataclasses.fields(Profile)[1:]:
        rows.append([field.name, *(str(getattr(p, field.name)) for p in PROFILES.values())])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
