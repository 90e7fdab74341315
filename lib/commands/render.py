"""`make render`: run lessons at the laptop profile and record the outputs that readers see.

Only cells tagged `keep_output` keep what they print and draw; everything else is stripped, timings
and widget state too. Photographs are stored as JPEG. The figure of the cell tagged `hero` also
becomes the README's picture, and rendered people are drawn for it anew. Nothing is recorded of a
lesson that fails.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import pathlib
import re
import sys

from PIL import Image

from lib import env, profiles
from lib.commands import run
from lib.commands.badges import as_text, cells_with

KEEP, HERO = "keep_output", "hero"
HERO_PICTURE = env.ROOT / "data" / "hero.jpg"
PEOPLE_PICTURE = env.ROOT / "data" / "people.jpg"
PEOPLE = (3, 8, 128)
"""Rows, columns and width in pixels of the README's rendered people."""
COLOURS_OF_A_DRAWING = 2500
QUALITY = 66
"""Of photographs as JPEG: fifteen lessons share five megabytes."""
NOTEBOOK_LIMIT = 400 * 1024
ALL_LIMIT = 5 * 2**20
DRAWN = ("image/png", "image/jpeg", "text/html", "text/markdown", "text/plain")


def compact(png: str) -> dict[str, str]:
    """Return a figure in few bytes: drawings as PNG with a palette, photographs as JPEG.

    Photographs as PNG would fill a notebook's 400 KB with one figure; text blurs as JPEG.

    Args:
        png: the figure, base64 of a PNG file.

    Returns:
        {mime type: base64 text}.
    """
    figure = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA")
    ground = Image.new("RGBA", figure.size, "white")
    ground.alpha_composite(figure)
    picture, target = ground.convert("RGB"), io.BytesIO()
    is_drawing = picture.getcolors(COLOURS_OF_A_DRAWING) is not None
    if is_drawing:
        picture.quantize(64, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
    else:
        picture.save(target, "JPEG", quality=QUALITY, optimize=True)
    mime = "image/png" if is_drawing else "image/jpeg"
    return {mime: base64.b64encode(target.getvalue()).decode()}


def kept(output: dict) -> dict | None:
    """Return an output fit for the repository: no counts, warnings, progress bars or widgets.

    Args:
        output: one entry of a code cell's outputs, in nbformat 4.

    Returns:
        The cleaned output, or None where nothing of it is kept.
    """
    kind = output["output_type"]
    if kind == "stream":
        return output if output["name"] == "stdout" else None
    data = {mime: value for mime, value in output.get("data", {}).items() if mime in DRAWN}
    is_widget = any("widget" in mime for mime in output.get("data", {}))
    if kind == "error" or is_widget or not data:
        return None
    if "image/jpeg" in data:
        data.pop("text/html", None)  # a still's HTML holds the picture again
    if "image/png" in data:
        data = {**compact("".join(data.pop("image/png"))), "text/plain": ["<figure>"]}
    cleaned = {"output_type": kind, "data": data, "metadata": {}}
    return {**cleaned, "execution_count": None} if kind == "execute_result" else cleaned


def stripped(notebook: dict) -> dict:
    """Return the notebook without outputs, counts and volatile metadata, in place."""
    for cell in notebook["cells"]:
        cell["metadata"] = {k: v for k, v in cell["metadata"].items() if k == "tags"}
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def recorded(source: dict, executed: dict) -> dict:
    """Return the source notebook with the executed copy's outputs in its `keep_output` cells."""
    outputs = {cell["id"]: cell.get("outputs", []) for cell in executed["cells"]}
    notebook = stripped(source)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(code, 1):
        if KEEP in cell["metadata"].get("tags", []):
            cleaned = [kept(output) for output in outputs.get(cell["id"], [])]
            cell["outputs"] = [output for output in cleaned if output]
            cell["execution_count"] = count  # nbval takes outputs without a count for a mistake
    return notebook


def complaints(text: str) -> list[str]:
    """Return why a recorded notebook may not be committed, one line each; empty if it may."""
    found = []
    if len(text.encode()) > NOTEBOOK_LIMIT:
        found.append(f"{len(text.encode()) / 1024:.0f} KB, expected at most 400")
    if re.search(r"(?<![\w.:/-])/(home|root|work|tmp|usr|Users|content)/", text):
        found.append("an absolute path of this machine is in it")
    return found


def write_hero(notebook: dict) -> None:
    """Write the README's picture, if the notebook has the cell that draws it."""
    for cell in cells_with(notebook, HERO):
        for output in cell["outputs"]:
            figure = output.get("data", {}).get("image/jpeg")
            if figure:
                HERO_PICTURE.write_bytes(base64.b64decode("".join(figure)))


def draw_people() -> None:
    """Write the README's picture of rendered people."""
    from lib import images
    from lib.scene.render import render
    from lib.scene.sampling import sample

    rows, columns, size = PEOPLE
    photos = [render(sample(7, person, 0), size)["photo"] for person in range(rows * columns)]
    PEOPLE_PICTURE.write_bytes(images.encode_jpeg(images.grid(photos, columns), 88))


def record(path: pathlib.Path) -> str:
    """Run one lesson at the laptop profile and rewrite it with its outputs.

    Args:
        path: the lesson.

    Returns:
        One line on what went wrong, or nothing.
    """
    os.environ[profiles.VARIABLE] = "laptop"
    outcome = run.run_lesson(path, "laptop", {})
    if outcome.error:
        return outcome.error
    executed = json.loads((env.runs_folder() / "laptop" / path.name).read_text("utf-8"))
    text = as_text(recorded(json.loads(path.read_text("utf-8")), executed))
    found = complaints(text)
    if found:
        return "; ".join(found)
    path.write_text(text, "utf-8")
    write_hero(json.loads(text))
    return ""


def main(arguments: list[str]) -> int:
    """Record the lessons named, or all; `--strip` only removes outputs.

    Args:
        arguments: lesson numbers and options.

    Returns:
        The exit status: 0 if every lesson was recorded.
    """
    parser = argparse.ArgumentParser(prog="lib render", description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="numbers or names, such as 01")
    parser.add_argument("--strip", action="store_true", help="remove outputs, run nothing")
    options = parser.parse_args(arguments)
    try:
        notebooks = run.lessons(options.lessons)
    except run.RunError as error:
        print(f"render: {error}", file=sys.stderr)
        return 2
    failed = False
    for path in notebooks:
        if options.strip:
            path.write_text(as_text(stripped(json.loads(path.read_text("utf-8")))))
            continue
        problem = record(path)
        print(f"{path.stem}: {problem or f'{path.stat().st_size / 1024:.0f} KB recorded'}")
        failed = failed or bool(problem)
    if not options.strip:
        draw_people()
    return int(failed)
