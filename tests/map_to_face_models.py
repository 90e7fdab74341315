"""Small models of system S4, made-up people for them, and stand-ins for the face network."""

import numpy as np
from keras import ops

from lib import images
from lib.gans import map_to_face
from lib.gans.map_to_face import DESIGNS, TERMS, Design, MapToFace
from lib.labels import CLASSES
from lib.prepare import semantic

SIZE = 16
GROUPS = list(semantic.GROUPS)
PLAIN = [name for name in TERMS if name not in ("redrawn", "redrawing")]
"""The terms of a critic that is shown the map."""

EVERY = {
    "bottleneck": Design("bottleneck", dict.fromkeys(PLAIN, 1.0)),
    "modulated": Design("modulated", dict.fromkeys(PLAIN, 1.0), account="parts"),
    "redraws": Design("bottleneck", dict.fromkeys(TERMS, 1.0), redraws=True),
}
"""Designs of every term that there can be."""


def array(tensor):
    """Return a tensor as a NumPy array."""
    return np.array(ops.convert_to_numpy(tensor))


def edges(shown):
    """Stand in for the perceptual network: one map, of differences between rows."""
    return [shown[:, 1:] - shown[:, :-1]]


def three_numbers(shown):
    """Stand in for the face ID: 128 numbers, of which three say something."""
    return ops.pad(ops.mean(shown, axis=(1, 2)), ((0, 0), (0, 125)))


def make(design, **options):
    """Build the model of a design, or of its name in `DESIGNS`."""
    design = DESIGNS[design] if isinstance(design, str) else design
    standing_in = {"features": edges, "embed": three_numbers, "dropout": 0.0}
    return MapToFace(SIZE, 2, design, **standing_in | options)


def trained(model, seed=1):
    """Give every weight another value, as training would, and return the model or network."""
    generator = np.random.default_rng(seed)
    for weight in model.trainable_weights:
        weight.assign(array(weight) + generator.normal(0, 0.1, weight.shape))
    return model


def people(number=3, seed=0, size=SIZE):
    """Draw people as a semantic dataset has them; uint8 but for the face ID.

    The person at place i lacks the group at place i; clothes cover two rows.
    """
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 5, (number, size // 4, size // 4))
    names = ("background", "skin", "l_eye", "mouth", "hair")
    labels = np.array([CLASSES.index(name) for name in names], np.uint8)[coarse]
    labels = labels.repeat(4, axis=1).repeat(4, axis=2)
    labels[:, -2:] = CLASSES.index("cloth")
    for place in range(min(number, 3)):
        labels[place][semantic.parts_of(labels[place])[..., place] == 1] = 0
    parts = semantic.parts_of(labels)
    noise = generator.integers(0, 60, (number, size, size, 3))
    colours = generator.integers(0, 196, (number, 7, 3), dtype=np.uint8)
    photo = (noise + semantic.colour_map(parts, colours)).astype(np.uint8)
    return {
        "photo": photo,
        "labels": labels,
        "parts": parts,
        "colours": semantic.colours_of(photo, parts),
        "identity": generator.normal(0, 1 / 12, (number, 128)).astype(np.float32),
    }


def account(number=3, seed=0, kind="groups"):
    """Return the account of `people`."""
    return map_to_face.account_of(people(number, seed), kind)


def batch(number=3, seed=0, kind="groups"):
    """Return a batch of `people`, read as `Dataset.batches` does, and arranged."""
    them = people(number, seed)
    arrays = {name: values.astype(np.float32) for name, values in them.items()}
    arrays |= {"photo": images.to_network(them["photo"]), "labels": them["labels"].astype(np.int32)}
    return map_to_face.arrange({name: arrays[name] for name in map_to_face.FIELDS[kind]}, kind)
