"""`make book`: every lesson as a web page, for reading without Python and without the network.

The pages show the outputs that the lessons are committed with, or, with `--executed runs/laptop`,
those of your own run. Nothing is executed, and a page loads nothing from elsewhere.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import pathlib
import shutil
import sys

import jinja2
import markupsafe
from pygments.formatters import HtmlFormatter

from lib import env
from lib.commands import badges
from lib.commands.book import equations, pages

TARGET = env.ROOT / "book"
HERE = pathlib.Path(__file__).parent
TEXTS = {"README.md": ("readme.html", "About"), "data/README.md": ("data.html", "Data")}
"""Markdown files that have a page: {path in the project: (page, what links to it say)}."""
PICTURES = "pictures"
MADE, MARK = "index.html", "equations-licence.txt"


class BookError(ValueError):
    """A book that cannot be made as asked for."""


class Book:
    """A folder of pages in the making.

    Args:
        folder: where they go; it is there and empty.
        notebooks: each lesson's name and content, in order.
        address: the project's public address, or nothing.
    """

    def __init__(self, folder: pathlib.Path, notebooks: dict[str, dict], address: str) -> None:
        self.folder, self.notebooks, self.address = folder, notebooks, address
        pages_of = {f"notebooks/{name}": _page(name) for name in notebooks}
        self.pages = {**pages_of, **{path: page for path, (page, _) in TEXTS.items()}}
        self.pages["notebooks/README.md"] = MADE
        loader = jinja2.FileSystemLoader(HERE)
        self.template = jinja2.Environment(loader=loader, autoescape=True).get_template("page.html")

    def resolve(self, path: str) -> str | None:
        """Return where a file of the project is for a reader: see `pages.Resolve`."""
        if path in self.pages:
            return self.pages[path]
        source = env.ROOT / path
        is_inside = not path.startswith("..") and source.is_file()
        if is_inside and source.suffix.lower() in {".png", ".jpg", ".jpeg", ".gif", ".svg"}:
            copied = self.folder / PICTURES / path.replace("/", "-")
            copied.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, copied)
            return f"{PICTURES}/{copied.name}"
        return f"{self.address}/blob/main/{path}" if self.address and is_inside else None

    def write(self) -> None:
        """Write every page and what the pages share."""
        names = list(self.notebooks)
        for number, (name, notebook) in enumerate(self.notebooks.items()):
            body = pages.lesson(notebook, f"notebooks/{name}", self.resolve)
            before = names[number - 1] if number else None
            after = names[number + 1] if number + 1 < len(names) else None
            self._page(_page(name), badges.title(notebook), body, self._way(name, before, after))
        for path, (page, title) in TEXTS.items():
            body = pages.text((env.ROOT / path).read_text("utf-8"), path, self.resolve)
            links = [{"target": MADE, "text": "All lessons"}]
            self._page(page, f"{title}: Face GAN Lab", body, links)
        self._page(MADE, "Face GAN Lab", self._index(), [])
        shutil.copyfile(HERE / "OFL.txt", self.folder / MARK)
        (self.folder / "style.css").write_text(style(), "utf-8")

    def _page(self, page: str, title: str, body: str, links: list[dict[str, str]]) -> None:
        footer = f"Made from commit {env.commit()}."
        content = {"title": title, "body": markupsafe.Markup(body), "links": links}
        (self.folder / page).write_text(self.template.render(content, footer=footer), "utf-8")

    def _way(self, name: str, before: str | None, after: str | None) -> list[dict[str, str]]:
        """Return a lesson's links: the one before, all, the one after, and Colab's where it has."""
        links = [{"target": MADE, "text": "All lessons"}]
        if before:
            text = f"← {badges.title(self.notebooks[before])}"
            links.insert(0, {"target": _page(before), "text": text, "relation": "prev"})
        if after:
            text = f"{badges.title(self.notebooks[after])} →"
            links.append({"target": _page(after), "text": text, "relation": "next"})
        if self.address:
            place = self.address.removeprefix("https://github.com/")
            target = f"{badges.COLAB}/github/{place}/blob/main/notebooks/{name}"
            links.append({"target": target, "text": "Open in Colab"})
        return links

    def _index(self) -> str:
        """Return the first page: how the README begins, and the lessons."""
        readme = (env.ROOT / "README.md").read_text("utf-8")
        beginning = pages.text(readme.split("\n## ")[0], "README.md", self.resolve)
        rows = [_row(name, notebook) for name, notebook in self.notebooks.items()]
        more = [f'<a href="{page}">{title}</a>' for page, title in TEXTS.values()]
        lessons = f'<ul class="lessons">\n{"".join(rows)}</ul>\n'
        return f"{beginning}\n{lessons}<p>{' · '.join(more)}</p>"


def _page(name: str) -> str:
    return pathlib.PurePath(name).with_suffix(".html").name


def promise(notebook: dict) -> str:
    """Return what a lesson promises: the paragraph under its title, in Markdown."""
    paragraphs = "".join(notebook["cells"][0]["source"]).split("\n\n")
    return paragraphs[1].strip() if len(paragraphs) > 1 else ""


def _row(name: str, notebook: dict) -> str:
    """Return a lesson's place in the index."""
    title = markupsafe.escape(badges.title(notebook))
    minutes = markupsafe.escape(badges.at_a_glance(notebook).get("Minutes", ""))
    took = f'<p class="minutes">Minutes: {minutes}</p>\n' if minutes else ""
    heading = f'<h2><a href="{_page(name)}">{title}</a></h2>'
    return f"<li>{heading}\n{pages.markdown(promise(notebook))}{took}</li>\n"


def style() -> str:
    """Return the style sheet: font of equations, look, and the colours of code by day and night.

    The font is within the sheet, for some browsers refuse one beside a page opened from the disk.
    """
    font = base64.b64encode((HERE / "equations.woff").read_bytes()).decode()
    look = (HERE / "style.css").read_text("utf-8")
    look = look.replace("equations.woff", f"data:font/woff;base64,{font}")
    day, night = (HtmlFormatter(style=name) for name in ("default", "github-dark"))
    return (
        f"{look}\n{day.get_style_defs('.highlight')}\n"
        f"@media (prefers-color-scheme: dark) {{\n{night.get_style_defs('.highlight')}\n}}\n"
        ".highlight { background: none; }\n"
    )


def sources(executed: pathlib.Path | None) -> dict[str, dict]:
    """Return every lesson as committed, or as executed where that folder has a copy.

    Args:
        executed: such as `runs/laptop`, or None.

    Raises:
        BookError: where the folder holds no copy of any lesson.
    """
    lessons = badges.lessons()
    copies = {path.name for path in lessons if executed and (executed / path.name).is_file()}
    if executed and not copies:
        raise BookError(
            f"{executed}: found no executed lesson such as {lessons[0].name}; "
            "`make run-all PROFILE=laptop` leaves them in runs/laptop"
        )
    return {
        path.name: json.loads(
            (executed / path.name if path.name in copies else path).read_text("utf-8")
        )
        for path in lessons
    }


def make(target: pathlib.Path, executed: pathlib.Path | None = None) -> int:
    """Write the whole book; one that was there is replaced.

    Args:
        target: the folder.
        executed: where executed copies are, or None for the lessons as committed.

    Returns:
        How many lessons it has.

    Raises:
        BookError: where the folder holds something else, or there is no executed lesson.
    """
    if target.exists() and any(target.iterdir()) and not (target / MARK).is_file():
        raise BookError(f"{target}: holds other files and no book; name an empty folder")
    notebooks = sources(executed)
    new = target.with_name(f".{target.name}.{os.getpid()}")
    new.mkdir(parents=True)
    try:
        Book(new, notebooks, badges.repository()).write()
        if target.exists():
            shutil.rmtree(target)
        new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return len(notebooks)


def main(arguments: list[str]) -> int:
    """Make the book and say how to look at it.

    Args:
        arguments: `--executed FOLDER`, `--to FOLDER`.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="lib book", description=__doc__.splitlines()[0])
    parser.add_argument("--executed", type=pathlib.Path, metavar="FOLDER", help="as runs/laptop")
    parser.add_argument("--to", type=pathlib.Path, metavar="FOLDER", default=TARGET)
    options = parser.parse_args(arguments)
    try:
        number = make(options.to, options.executed)
    except BookError as error:
        print(f"book: {error}", file=sys.stderr)
        return 2
    size = sum(path.stat().st_size for path in options.to.rglob("*") if path.is_file())
    print(f"{number} lessons, {size / 2**20:.1f} MB, in {options.to}")
    print(f"Open {options.to / MADE} in a browser; or serve it to a phone in the same network:")
    print(f"    python -m http.server --directory {options.to} 8000")
    if not equations.can_be_drawn():
        print(f"Equations are left as LaTeX: `pip install {equations.NEEDED}` draws them.")
    return 0
