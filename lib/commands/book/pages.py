"""A notebook or a Markdown file -> the HTML between a page's header and its footer.

nbconvert does the work. Ours are the equations, the links, and what is left out: the badge row, and
widgets that need a kernel. A widget of plain HTML stays alive.
"""

from __future__ import annotations

import copy
import json
import posixpath
import re
from collections.abc import Callable
from typing import Any

import bs4
import nbformat
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from lib.commands.book import equations

Resolve = Callable[[str], str | None]
"""From a path in the project to where it is for a reader of the book; None: nowhere."""

WIDGET = "application/vnd.jupyter.widget-view+json"
LEFT_OUT = "<p><em>Here is a widget: run the lesson in JupyterLab to move it.</em></p>"


class Renderer(IPythonRenderer):
    """nbconvert's renderer of Markdown, with MathML, and headings named as on GitHub."""

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        """Return a heading that links can point to."""
        plain = bs4.BeautifulSoup(text, "html.parser").get_text()
        name = re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-")
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def block_math(self, body: str) -> str:
        """Return an equation on lines of its own."""
        return equations.to_html(body, display=True)

    def inline_math(self, body: str) -> str:
        """Return an equation within the text."""
        return equations.to_html(body, display=False)

    def latex_environment(self, name: str, body: str) -> str:
        r"""Return a \\begin ... \\end without dollars."""
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")


class Exporter(HTMLExporter):
    """nbconvert's exporter, with our renderer of Markdown."""

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Return the HTML of a Markdown cell."""
        attachments = context.get("cell", {}).get("attachments", {})
        return markdown(source, attachments)


def markdown(source: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
    """Return the HTML of a Markdown text, its links as they are."""
    renderer = Renderer(escape=False, attachments=attachments, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer).render(source)


def lesson(notebook: dict, place: str, resolve: Resolve) -> str:
    """Return a lesson's HTML, with the outputs that the notebook holds.

    Args:
        notebook: in nbformat 4; not changed.
        place: its path in the project, with slashes, from which its links lead.
        resolve: see `Resolve`.
    """
    exporter = Exporter(
        template_name="basic",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    node = nbformat.reads(json.dumps(described(shown(notebook))), as_version=4)
    body, _ = exporter.from_notebook_node(node)
    soup = bs4.BeautifulSoup(body, "html.parser")
    for cell in soup.select(".celltag_setup"):
        _fold(soup, cell, "The set-up cell, the same in every lesson")
    return str(relinked(soup, place, resolve))


def text(source: str, place: str, resolve: Resolve) -> str:
    """Return the HTML of a Markdown file; see `lesson` for the arguments."""
    soup = bs4.BeautifulSoup(markdown(source), "html.parser")
    return str(relinked(soup, place, resolve))


def shown(notebook: dict) -> dict:
    """Return a copy of the notebook with what a page can show.

    The badge row and what was written to stderr (progress bars) go; in a widget's place there is a
    line that says where it works.
    """
    notebook = copy.deepcopy(notebook)
    cells = [c for c in notebook["cells"] if "badges" not in c["metadata"].get("tags", [])]
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [o for o in cell["outputs"] if o.get("name") != "stderr"]
            is_widget = "widget" in cell["metadata"].get("tags", [])
            cell["outputs"] = _without_widgets(cell["outputs"], is_widget)
    notebook["cells"] = cells
    notebook["metadata"].pop("widgets", None)
    return notebook


def _without_widgets(outputs: list[dict], is_meant: bool) -> list[dict]:
    """Drop widgets, progress bars among them; say so where a lesson means one to be played with."""
    kept = [output for output in outputs if WIDGET not in output.get("data", {})]
    lives = any("<input" in "".join(o.get("data", {}).get("text/html", "")) for o in kept)
    if is_meant and outputs and not lives:
        note = {"text/html": LEFT_OUT}
        kept.append({"output_type": "display_data", "data": note, "metadata": {}})
    return kept


def described(notebook: dict) -> dict:
    """Give each figure without an alternative text one that says which section it belongs to."""
    heading = ""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            found = re.findall(r"^#+ +(.+)$", "".join(cell["source"]), flags=re.MULTILINE)
            heading = found[-1] if found else heading
            continue
        for output in cell.get("outputs", []):
            for kind in output.get("data", {}):
                if kind.startswith("image/"):
                    metadata = output.setdefault("metadata", {}).setdefault(kind, {})
                    metadata.setdefault("alt", f"Figure of the section “{heading}”")
    return notebook


def relinked(soup: bs4.BeautifulSoup, place: str, resolve: Resolve) -> bs4.BeautifulSoup:
    """Let every link and picture of a page lead where the book has it.

    A link into the project that leads nowhere becomes plain text; whole addresses stay.

    Args:
        soup: the page; changed in place.
        place: the source's path in the project.
        resolve: see `Resolve`.
    """
    for tag, attribute in (("a", "href"), ("img", "src")):
        for element in soup.find_all(tag, {attribute: True}):
            path, mark, fragment = element[attribute].partition("#")
            if not path or re.match(r"[a-zA-Z][\w+.-]*:", path):
                continue
            inside = posixpath.normpath(posixpath.join(posixpath.dirname(place), path))
            target = resolve(inside)
            if target is not None:
                element[attribute] = target + mark + fragment
            elif tag == "a":
                element.unwrap()
    return soup


def _fold(soup: bs4.BeautifulSoup, cell: bs4.Tag, title: str) -> None:
    """Put what is in a cell behind a line to click on."""
    details, summary = soup.new_tag("details"), soup.new_tag("summary")
    summary.string = title
    details.append(summary)
    for child in list(cell.contents):
        details.append(child.extract())
    cell.append(details)
