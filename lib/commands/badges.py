"""`make badges`: what every lesson must say alike is written from one place.

The address in pyproject.toml (`project.urls.Repository`) decides each lesson's badge row and set-up
cell; the lessons' own titles and "at a glance" tables make the index in notebooks/README.md. A test
fails when anything is stale.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import re
import sys
import tomllib

from lib import env

NOTEBOOKS = env.ROOT / "notebooks"
PROJECT = env.ROOT / "pyproject.toml"
COLAB = "https://colab.research.google.com"
LOGO = f"{COLAB}/assets/colab-badge.svg"

SET_UP = """\
import pathlib, shutil, subprocess, sys

here = pathlib.Path.cwd()
for archive in here.glob("face-gan-lab*.zip"):
    shutil.unpack_archive(archive, here)
places = [here, *here.parents, *here.glob("face-gan-lab*"), *here.glob("*/*/face-gan-lab*")]
root = next((p for p in places if (p / "lib" / "env.py").exists()), here / "face-gan-lab")
{fetch}
sys.path.insert(0, str(root))
from lib import env

env.prepare()"""
CLONE = (
    'root.exists() or subprocess.run(["git", "clone", "-q", "--depth=1", "{address}", root],'
    " check=True)  # fmt: skip"
)
NO_HOME = (
    'assert root.exists(), "put face-gan-lab.zip beside this notebook (README: In Google Colab)"'
)
INDEX_HEAD = """\
# The lessons

Made by `make badges` from the lessons' own titles and tables; edit those. Minutes are of a whole
run on two CPU cores.

| lesson | you build | needs | minutes | data and licence |
|---|---|---|---|---|
"""


def repository() -> str:
    """Return the project's public address from pyproject.toml, empty if it has none yet."""
    return tomllib.loads(PROJECT.read_text("utf-8"))["project"]["urls"]["Repository"]


def set_repository(name: str) -> None:
    """Write `owner/name` on GitHub into pyproject.toml as the project's address.

    Raises:
        ValueError: when the name is not of that form.
    """
    name = name.removesuffix(".git")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise ValueError(f"{name!r} is no repository: expected owner/name")
    text = PROJECT.read_text("utf-8")
    line = f'Repository = "https://github.com/{name}"'
    PROJECT.write_text(re.sub(r'^Repository = ".*"$', line, text, flags=re.MULTILINE), "utf-8")


def set_up_cell(address: str) -> str:
    """Return the set-up cell's code for a public address, or for none."""
    fetch = CLONE.format(address=address) if address else NO_HOME
    return SET_UP.format(fetch=fetch)


def badge_row(address: str, notebook: str) -> str:
    """Return a lesson's badge row; without an address it leads to the README's Colab section."""
    place = address.removeprefix("https://github.com/")
    target = f"{COLAB}/github/{place}/blob/main/notebooks/{notebook}"
    if not address:
        target = "../README.md#in-google-colab"
    return f"[![Open in Colab]({LOGO})]({target}) · [all lessons](README.md)"


def lessons(folder: pathlib.Path = NOTEBOOKS) -> list[pathlib.Path]:
    """Return a folder's lessons in order, without the copies that a reader made in JupyterLab."""
    every = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    return [path for path in every if "-Copy" not in path.name]


def cells_with(notebook: dict, tag: str) -> list[dict]:
    """Return the cells that carry a tag."""
    return [c for c in notebook["cells"] if tag in c["metadata"].get("tags", [])]


def as_text(notebook: dict) -> str:
    """Return a notebook as the JSON text that is committed: stable, readable in a diff."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def refreshed(text: str, name: str, address: str) -> str:
    """Return a notebook's JSON text with its badge row and set-up cell written anew.

    Args:
        text: the notebook file.
        name: its file name.
        address: the project's public address, or nothing.
    """
    notebook = json.loads(text)
    for tag, source in (
        ("badges", badge_row(address, name)),
        ("setup", set_up_cell(address)),
    ):
        for cell in cells_with(notebook, tag):
            cell["source"] = source.splitlines(keepends=True)
    return as_text(notebook)


def title(notebook: dict) -> str:
    """Return the lesson's title: the first cell's heading without the hash."""
    return "".join(notebook["cells"][0]["source"]).splitlines()[0].removeprefix("# ").strip()


def at_a_glance(notebook: dict) -> dict[str, str]:
    """Return the rows of the lesson's "at a glance" table: {left column: right column}."""
    cells = ["".join(cell["source"]) for cell in notebook["cells"][:5]]
    table = next((text for text in cells if "At a glance" in text), "")
    rows = re.findall(r"^\| *([^|\n]+?) *\| *([^|\n]+?) *\|$", table, flags=re.MULTILINE)
    return {left.strip("*"): right for left, right in rows if not left.startswith("-")}


def index() -> str:
    """Return the text of notebooks/README.md: a table with one row a lesson."""
    rows = []
    for path in lessons():
        notebook = json.loads(path.read_text("utf-8"))
        glance = at_a_glance(notebook)
        keys = ("You build", "Needs", "Minutes", "Data and licence")
        cells = [f"[{title(notebook)}]({path.name})", *(glance.get(key, "") for key in keys)]
        rows.append("| " + " | ".join(cells) + " |")
    return INDEX_HEAD + "\n".join(rows) + "\n"


def stale() -> dict[pathlib.Path, str]:
    """Return the files that `make badges` would change, each with the text it should have."""
    address = repository()
    wanted = {path: refreshed(path.read_text("utf-8"), path.name, address) for path in lessons()}
    wanted[NOTEBOOKS / "README.md"] = index()
    return {
        path: text
        for path, text in wanted.items()
        if not path.exists() or path.read_text("utf-8") != text
    }


def main(arguments: list[str]) -> int:
    """Rewrite what is stale and name it.

    Args:
        arguments: `--repository owner/name` to set the address first.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="lib badges", description=__doc__.splitlines()[0])
    parser.add_argument("--repository", metavar="owner/name", help="set the public address first")
    options = parser.parse_args(arguments)
    if options.repository:
        try:
            set_repository(options.repository)
        except ValueError as error:
            print(f"badges: {error}", file=sys.stderr)
            return 2
    for path, text in stale().items():
        path.write_text(text, "utf-8")
        print("rewrote", path.relative_to(env.ROOT))
    return 0
