"""Held-out sets of noise, for the leaderboard's tests."""

import numpy as np

from lib.labels import CLASSES
from lib.leaderboard import held_out
from lib.prepare.renders import ATTRIBUTES


def faces(number=4, size=8, people=None, **columns):
    """Return a held-out set of noise; columns are attributes."""
    generator = np.random.default_rng(0)
    attributes = np.zeros((number, len(ATTRIBUTES)), np.float32)
    attributes[:, list(ATTRIBUTES).index("sex")] = 1
    for name, values in columns.items():
        attributes[:, list(ATTRIBUTES).index(name)] = values
    pictures = generator.integers(0, 256, (4, number, size, size, 3), np.uint8)
    mask = np.zeros((number, size, size), np.uint8)
    mask[:, size // 2 :] = 1
    return held_out.HeldOut(
        photo=pictures[0], diffuse=pictures[1], specular_mask=1 - mask,
        labels=np.full((number, size, size), CLASSES.index("skin"), np.uint8),
        landmarks=generator.uniform(0, size, (number, 68, 2)), attributes=attributes,
        render=pictures[2], masked=np.where(mask[..., None], pictures[3], pictures[0]), mask=mask,
        people=np.array(list(people or "abcdefgh"[:number])),
    )  # fmt: skip
