"""What decides how a dataset turns out, compared in one line: a folder holds one recipe only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lib.store.rows import StoreError

TELLING = ("seed", "parameters", "candidates", "shares", "fields", "code", "source", "licence")
"""Parts of a recipe, the one that explains a difference best first; the rest come after them."""


def require_same(asked: Mapping[str, Any], found: Mapping[str, Any], path: Path) -> None:
    """Refuse to mix two recipes.

    Args:
        asked: the recipe asked for, as JSON gives it back.
        found: the recipe that the folder was begun with.
        path: the folder, for the error.

    Raises:
        StoreError: naming the most telling difference, with both values.
    """
    mine, theirs = _settings(asked), _settings(found)
    different = [name for name in mine | theirs if mine.get(name) != theirs.get(name)]
    if not different:
        return
    name = min(different, key=lambda name: _rank(name, name in mine and name in theirs))
    label = name.removeprefix("parameters.").replace("fields.", "field ")
    begun = f"with {label} = {theirs[name]!r}" if name in theirs else f"without {label}"
    wanted = repr(mine[name]) if name in mine else "none"
    raise StoreError(
        f"{path}: was begun {begun}, and {wanted} is asked for; delete the folder or name another"
    )


def _settings(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a recipe out flat, without what is empty."""
    fields = {field["name"]: _describe(field) for field in recipe.get("fields") or ()}
    return dict(_flatten({**recipe, "fields": fields}))


def _flatten(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flatten(inner, f"{name}.{key}" if name else key)
    elif value is not None:
        yield name, value


def _describe(field: Mapping[str, Any]) -> str:
    return f"{field['dtype']} {tuple(field['shape'])} {field['kind']}"


def _rank(name: str, on_both_sides: bool) -> float:
    """Tell a field that one side lacks first: parameters may follow from which fields there are."""
    part = name.split(".")[0]
    if part == "fields" and not on_both_sides:
        return 0.5  # after the seed
    return TELLING.index(part) if part in TELLING else len(TELLING)
