"""Batches for system S5: labelled renders, unlabelled photos, and a few pairs, side by side."""

from __future__ import annotations

import keras
import numpy as np

from lib.store import Dataset
from lib.store.augmentation import Augmentation
from lib.store.batches import Arrays
from lib.store.identity_batches import PERSON, IdentityBatches
from lib.store.joined import JoinedBatches

MIRRORED = Augmentation(mirror=True)


def arrange(parts: dict[str, Arrays]) -> dict[str, np.ndarray]:
    """Make what the model takes of a batch of each kind.

    Args:
        parts: `renders` (render, person), `photos` (photo) and perhaps `pairs` (render, photo).

    Returns:
        render, person, photo, and with pairs pair_render and pair_photo.
    """
    x = {"render": parts["renders"]["render"], "person": parts["renders"][PERSON]}
    x["photo"] = parts["photos"]["photo"]
    if "pairs" in parts:
        x |= {f"pair_{name}": parts["pairs"][name] for name in ("render", "photo")}
    return x


def stream(
    renders: Dataset,
    photos: Dataset,
    pairs: Dataset | None,
    *,
    people: int,
    pictures: int,
    paired: int,
    seed: int,
) -> keras.utils.PyDataset:
    """Return the training batches.

    Args:
        renders: of people with names; the field `render`.
        photos: of others, unlabelled; the field `photo`.
        pairs: photos that have a render; None for none.
        people: of a batch of renders.
        pictures: of each of them; a batch has as many photos as renders.
        paired: pairs of a batch.
        seed: of the order and the augmentation.
    """
    steps = -(-len(renders) // (people * pictures))
    options = {"augment": MIRRORED, "seed": seed, "steps": steps}
    parts = {
        "renders": IdentityBatches(renders, people, pictures, fields=("render",), **options),
        "photos": photos.batches(people * pictures, fields=("photo",), **options),
    }
    if pairs is not None and paired:
        parts["pairs"] = pairs.batches(paired, fields=("render", "photo"), **options)
    return JoinedBatches(parts, arrange)
