"""The files of the shipped weights: a card that says what they are, and the weights themselves."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import keras

from lib import env, training
from lib.files import sha256, write_json
from lib.shipped.catalogue import ENTRIES, Entry

LARGEST, LARGEST_OF_ALL = 3 << 20, 25 << 20
"""Bytes that one file of weights may have, and all together."""

REMEDY = "run `git checkout data/weights`, or train it again: make weights ONLY={name}"


class ShippedError(OSError):
    """Weights that are not there, or not as their card says."""


def folder() -> Path:
    """Return the folder of weights and cards."""
    return env.ROOT / "data" / "weights"


def entry_of(name: str) -> Entry:
    """Return an entry of the collection.

    Raises:
        ShippedError: for another name; says which there are.
    """
    if name not in ENTRIES:
        raise ShippedError(f"no shipped weights {name!r}: there are {', '.join(ENTRIES)}")
    return ENTRIES[name]


def card(name: str) -> dict[str, Any]:
    """Return what is known of a model: data, steps, seconds, device, scores, limits, licence.

    Args:
        name: of `NAMES`.

    Raises:
        ShippedError: where there is no card, or it cannot be read.
    """
    entry_of(name)
    path = folder() / f"{name}.json"
    try:
        content = json.loads(path.read_text("utf-8"))
        if not isinstance(content, dict) or "sha256" not in content:
            raise ValueError("no digest in it")
        return content
    except (OSError, ValueError) as error:
        found = "no card" if not path.exists() else f"a damaged card ({error})"
        raise ShippedError(f"{path.name}: found {found}; {REMEDY.format(name=name)}") from error


@functools.cache
def load(name: str) -> keras.Model:
    """Return a trained model; a second call returns the same one.

    Args:
        name: of `NAMES`.

    Returns:
        The model as its system's functions take it: `lib.gans.repainting.repaint`,
        `mask_maps.find`, `specularity.translate`, `part_maps.parse`, `map_to_face.paint` or
        `render_to_photo.translate`. Its critics, where it has some, are not trained.

    Raises:
        ShippedError: where the weights are missing, or are not those of the card or the network.
    """
    entry, about = entry_of(name), card(name)
    path = folder() / f"{name}.npz"
    if not path.is_file():
        raise ShippedError(f"{path.name}: found no weights; {REMEDY.format(name=name)}")
    if sha256(path) != about["sha256"]:
        raise ShippedError(
            f"{path.name}: found other weights than its card tells of; {REMEDY.format(name=name)}"
        )
    model = entry.model()
    try:
        training.load(entry.network(model), path)
    except training.WeightsError as error:
        raise ShippedError(f"{error}; {REMEDY.format(name=name)}") from error
    return model


def save(name: str, model: keras.Model, about: dict[str, Any]) -> Path:
    """Write a model's weights as float16, and its card after them.

    Args:
        name: of `NAMES`.
        model: trained, as `Entry.model` builds it.
        about: what its card says beside size, digest and number of weights.

    Raises:
        ShippedError: where the file is larger than `LARGEST`.
    """
    entry = entry_of(name)
    network = entry.network(model)
    path = folder() / f"{name}.npz"
    training.save(network, path, half=True)
    size = path.stat().st_size
    if size > LARGEST:
        path.unlink()
        raise ShippedError(f"{path.name}: found {size:,} bytes, expected at most {LARGEST:,}")
    given = {
        "name": name, "system": entry.system, "does": entry.does, "size": entry.size,
        "width": entry.width, "weights": network.count_params(), "bytes": size,
        "sha256": sha256(path),
    }  # fmt: skip
    write_json(folder() / f"{name}.json", given | about)
    load.cache_clear()
    return path
