"""A page of results that opens in any browser: faces in rows, methods in columns, and a wipe.

    page = results_page.write(folder, {"face 1": {"photo": photo, "ours": matte}}, title="Shine",
                              note="Rendered faces; the results are synthetic.")

System S1 writes such a page as well, whose rows are never opened and whose table is never closed.
This one is whole, needs neither a kernel nor a network, and can be moved: all its addresses are
relative to its folder.
"""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lib import images
from lib.files import one_line, replacing

PAGE, PICTURES = "index.html", "pictures"

SYNTHETIC = "Results are synthetic: computed guesses, not photographs of these faces."

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 14px sans-serif; margin: 1em; color: #111; background: #fff; }}
.note {{ border-left: 4px solid #D55E00; padding: 0.4em 0.8em; max-width: 60em; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 4px; text-align: center; vertical-align: top; font-weight: normal; }}
td img {{ display: block; width: {width}px; height: auto; }}
.wipe {{ position: relative; width: {width}px; }}
.wipe img + img {{ position: absolute; left: 0; top: 0; clip-path: inset(0 50% 0 0); }}
input {{ width: {width}px; margin: 4px 0; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p class="note">{note}</p>
<table>
<thead>
<tr>{heads}</tr>
</thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""

_WIPE = """<td><div class="wipe"><img src="{after}" alt="{name}, {after_name}"><img src="{before}" \
alt="{name}, {before_name}"></div><input type="range" min="0" max="100" value="50" \
aria-label="{name}: share of {before_name} shown" oninput="this.previousElementSibling\
.lastElementChild.style.clipPath='inset(0 '+(100-this.value)+'% 0 0)'"></td>"""

_CELL = '<td><img src="{source}" alt="{name}, {method}"></td>'


def write(
    folder: str | os.PathLike,
    faces: Mapping[str, Mapping[str, np.ndarray]],
    *,
    title: str,
    note: str = SYNTHETIC,
    wiped: tuple[str, str] | None = None,
    width: int = 160,
) -> Path:
    """Write the page and its pictures; those of an earlier page are written over.

    Args:
        folder: where index.html goes, and a folder of PNG files beside it.
        faces: a name for each row -> {a name for each column: uint8 (H, W, 3)}.
        title: of the page.
        note: a sentence above the table, that readers see what results are not.
        wiped: the columns laid over each other, before and after; by default the first and last.
        width: of each picture on the page, in CSS pixels.

    Returns:
        The page's path.

    Raises:
        ValueError: if there is no face, rows differ in their columns, the pictures that are laid
            over each other differ in shape, or there is no such column.
    """
    columns = _columns(faces)
    before, after = wiped or (columns[0], columns[-1])
    for name in (before, after):
        if name not in columns:
            raise ValueError(f"found no column {name!r}; there are {', '.join(columns)}")
    rows = []
    for number, (name, pictures) in enumerate(faces.items()):
        shapes = pictures[before].shape, pictures[after].shape
        if shapes[0] != shapes[1]:
            raise ValueError(f"{name}: found shapes {shapes[0]} and {shapes[1]}, expected equal")
        files = _write_pictures(Path(folder), number, pictures)
        rows.append(_row(name, files, before, after))
    heads = ["face", f"{before} | {after}", *columns]
    page = _PAGE.format(
        title=_escaped(title), note=_escaped(note), width=int(width), rows="\n".join(rows),
        heads="".join(f'<th scope="col">{_escaped(head)}</th>' for head in heads),
    )  # fmt: skip
    with replacing(Path(folder) / PAGE) as temporary:
        temporary.write_text(page, "utf-8")
    return Path(folder) / PAGE


def _columns(faces: Mapping[str, Mapping[str, np.ndarray]]) -> list[str]:
    """Return the columns that every row has, in the first row's order."""
    if not faces or not all(faces.values()):
        raise ValueError("found no face or no picture of one, expected a row for each face")
    columns = list(next(iter(faces.values())))
    for name, pictures in faces.items():
        if set(pictures) != set(columns):
            raise ValueError(f"{name}: found {', '.join(pictures)}; expected {', '.join(columns)}")
    return columns


def _escaped(text: str) -> str:
    return html.escape(one_line(text), quote=True)


def _write_pictures(folder: Path, face: int, pictures: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Write a row's pictures; return each column's address on the page."""
    addresses = {}
    for number, (name, picture) in enumerate(pictures.items()):
        addresses[name] = f"{PICTURES}/face{face:03d}_{number:02d}.png"
        images.write(folder / addresses[name], picture)
    return addresses


def _row(name: str, files: Mapping[str, str], before: str, after: str) -> str:
    shown = _escaped(name)
    wipe = _WIPE.format(
        name=shown, before=files[before], after=files[after],
        before_name=_escaped(before), after_name=_escaped(after),
    )  # fmt: skip
    cells = [
        _CELL.format(source=file, name=shown, method=_escaped(method))
        for method, file in files.items()
    ]
    return "\n".join([f'<tr><th scope="row">{shown}</th>', wipe, *cells, "</tr>"])
