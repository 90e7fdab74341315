"""Telling the parts of a face: a network from pictures to label maps, trained on rendered faces.

    network = build_parsing_network(size=64, width=12)
    network.compile(keras.optimizers.Adam(4e-3), loss=part_maps.loss)
    batches = faces.batches(16, fields=part_maps.FIELDS, arrange=part_maps.arrange)
    training.train(network, batches, profile, "parser")
    labels = part_maps.parse(network, pictures)

No critic plays here. It gives label maps to photographs that have none, and judges painted faces:
parsed again, they should show the map that they were painted from.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from lib import images
from lib.labels import CLASSES, IGNORE
from lib.metrics.arrays import require_pictures

Tensor = Any

FIELDS = ("photo", "labels")
"""What `arrange` needs of a dataset."""

BLACK = -1.0


def arrange(arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Make a batch (x, y), for `Dataset.batches(arrange=...)`; every other face is cut out.

    Painted faces have a black background, photographs have not, and the network should know both.

    Args:
        arrays: photo, float32 (N, S, S, 3) in [-1, 1]; labels, int32 (N, S, S).

    Returns:
        The pictures, and the labels as (N, S, S, 1).
    """
    pictures, labels = arrays["photo"].copy(), arrays["labels"]
    background = labels[::2, ..., None] == 0
    pictures[::2] = np.where(background, np.float32(BLACK), pictures[::2])
    return pictures, labels[..., None]


def loss(labels: Tensor, logits: Tensor) -> Tensor:
    """Cross-entropy plus 1 - Dice, the mean over the classes of the batch.

    Cross-entropy counts pixels, and so hardly notices lips and brows; Dice counts every class alike
    (Milletari et al. 2016, section 3).

    Args:
        labels: (N, S, S, 1), 0..18, or 255 for a pixel that does not count.
        logits: (N, S, S, 19), any float dtype.

    Returns:
        A float32 scalar, at least 0.
    """
    labels = ops.cast(labels[..., 0], "int32")
    counts = ops.cast(labels != IGNORE, "float32")[..., None]
    known = ops.where(labels == IGNORE, 0, labels)  # torch refuses classes that there are not
    truth = ops.one_hot(known, logits.shape[-1]) * counts
    scores = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    cross_entropy = -ops.sum(truth * scores) / ops.maximum(ops.sum(counts), 1.0)
    found, axes = ops.exp(scores) * counts, (0, 1, 2)
    shared, sizes = ops.sum(truth * found, axes), ops.sum(truth + found, axes)
    there = ops.cast(ops.sum(truth, axes) > 0, "float32")
    dice = 1.0 - (2.0 * shared + 1.0) / (sizes + 1.0)
    return cross_entropy + ops.sum(there * dice) / ops.maximum(ops.sum(there), 1.0)


def parse(network: keras.Model, pictures: np.ndarray, batch_size: int = 32) -> np.ndarray:
    """Say of each pixel which part it shows.

    Args:
        network: pictures -> logits of `lib.labels.CLASSES`.
        pictures: uint8 (N, S, S, 3).
        batch_size: pictures at a time.

    Returns:
        uint8 (N, S, S), 0..18.

    Raises:
        ScoreError: if the pictures are no uint8 (N, S, S, 3).
    """
    pictures = require_pictures(pictures)
    labels = np.empty(pictures.shape[:3], np.uint8)
    for start in range(0, len(pictures), batch_size):
        part = slice(start, start + batch_size)
        logits = network(images.to_network(pictures[part]), training=False)
        labels[part] = ops.convert_to_numpy(ops.argmax(logits[..., : len(CLASSES)], axis=-1))
    return labels
