"""Part maps in the files that system S4 reads: one ``.npz`` a face, and one of its colour map.

<k>.npz                   Masks (H, W, 7), Colors (7, 3) and Image (H, W, 3), blue first; uint8
colored_masks/<k>.npz     cmask (H, W, 3), red first; uint8
faces.csv                 which face k is: id, identity, split
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from lib.files import replacing, write_csv
from lib.prepare.semantic import colour_map
from lib.store import Dataset, StoreError

COLOURED = "colored_masks"
"""The folder of the colour maps."""

NEEDED = {"photo": "picture", "parts": "mask", "colours": "vector"}
"""The fields that are written, and of which kind."""


def write_npz(dataset: Dataset, folder: str | os.PathLike, *, progress: bool = True) -> Path:
    """Write a semantic dataset in S4's files.

    S4 counts the faces from 0 and knows no identities; ``faces.csv`` says who is who.

    Args:
        dataset: with photo, parts and colours, such as `sources.semantic` makes, or a view of it.
        folder: a new or empty one: nothing is overwritten.
        progress: whether to show a bar.

    Returns:
        The folder.

    Raises:
        StoreError: if the dataset lacks a field, or the folder holds something.
    """
    folder = Path(folder)
    for name, kind in NEEDED.items():
        if name not in dataset.fields or dataset.fields[name].kind != kind:
            found = ", ".join(dataset.fields)
            raise StoreError(f"{dataset.path}: no {kind} {name!r} among {found}; S4 needs it")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder}: is there and not empty; name a new folder")
    for place in tqdm(range(len(dataset)), folder.name, disable=not progress):
        face = {name: rows[0] for name, rows in dataset.read([place], [*NEEDED]).items()}
        written = {
            "Masks": face["parts"],
            "Colors": face["colours"][:, ::-1],
            "Image": face["photo"][..., ::-1],
        }
        _save(folder / f"{place}.npz", written)
        painted = colour_map(face["parts"], face["colours"])
        _save(folder / COLOURED / f"{place}.npz", {"cmask": painted})
    table = dataset.samples[["id", "identity", "split"]].to_dict("records")
    rows = [{"k": str(place)} | row for place, row in enumerate(table)]
    write_csv(folder / "faces.csv", ("k", "id", "identity", "split"), rows)
    return folder


def _save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)
