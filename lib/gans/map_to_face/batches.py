"""Batches of semantic datasets, as the models of system S4 take them."""

from __future__ import annotations

import numpy as np

from lib import images
from lib.prepare.semantic import colour_map

FIELDS = ("photo", "parts", "colours", "identity")
"""What `arrange` needs of a semantic dataset."""

SPREAD = 1 / 12
"""About the standard deviation of each number of a face ID."""


def given(parts: np.ndarray, colours: np.ndarray, identity: np.ndarray) -> dict[str, np.ndarray]:
    """Return what a generator is given.

    Args:
        parts: (N, S, S, 7) of 0 and 1.
        colours: (N, 7, 3), 0..255; of this person, whoever's map it is.
        identity: float (N, 128), face ID; all zero: nobody's.

    Returns:
        parts; map: parts and colour map, (N, S, S, 10), colours in [-1, 1]; vector: colours and
        identity on one scale, (N, 149); group_colours, (N, 7, 3) in [-1, 1]; identity. All float32.
    """
    painted = images.to_network(colour_map(parts, colours))
    colours = np.asarray(colours, "float32") / 127.5 - 1.0
    identity = np.asarray(identity, "float32")
    vector = np.concatenate([colours.reshape(len(colours), -1), identity / SPREAD], axis=-1)
    parts = np.asarray(parts, "float32")
    return {
        "parts": parts,
        "map": np.concatenate([parts, painted], axis=-1),
        "vector": vector,
        "group_colours": colours,
        "identity": identity,
    }


def arrange(arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Make a batch (x, y), for `Dataset.batches(arrange=...)`.

    The other person's map is that of the sample half a batch away.

    Args:
        arrays: of `FIELDS`: photo float32 (N, S, S, 3) in [-1, 1], parts (N, S, S, 7) of 0 and 1,
            colours (N, 7, 3) in 0..255, identity (N, 128).

    Returns:
        x: as `given`, and other_parts and other_map; y: the photo, black where no part is.

    Raises:
        ValueError: for a batch of one, which has no other person.
    """
    number = len(arrays["photo"])
    if number < 2:
        raise ValueError("found a batch of 1; expected 2 or more, to show other people's maps")
    x = given(arrays["parts"], arrays["colours"], arrays["identity"])
    others = np.roll(arrays["parts"], number // 2, axis=0)
    other = given(others, arrays["colours"], arrays["identity"])
    x |= {"other_parts": other["parts"], "other_map": other["map"]}
    return x, on_black(arrays["photo"], arrays["parts"])


def on_black(pictures: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Leave nothing but what belongs to a group, on black.

    Args:
        pictures: float (N, S, S, 3) in [-1, 1].
        parts: (N, S, S, 7) of 0 and 1.

    Returns:
        The same shape and type.
    """
    seen = parts.max(axis=-1, keepdims=True) == 1
    return np.where(seen, pictures, np.asarray(-1, pictures.dtype))
