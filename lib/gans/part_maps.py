"""Telling the parts of a face: a network from pictures to label maps, trained on rendered faces.

    plan = profiles.choose("laptop", part_maps.PLANS)
    network = part_maps.new_parser(plan)
    batches = part_maps.stream(faces.split("train"), plan, seed=0)
    run = training.train(network, batches, plan, "parser", moving_average=part_maps.AVERAGE)
    training.load(network, run.folder / "average.weights.h5")
    labels = part_maps.parse(network, pictures)

No critic plays here. It gives label maps to photographs that have none, and judges painted faces:
parsed again, they should show the map that they were painted from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from lib import images, inference
from lib.gans.cut_outs import cut_out
from lib.gans.learning_rates import rise_and_fall
from lib.labels import CLASSES, IGNORE, MIRROR
from lib.metrics.arrays import require_pictures
from lib.models.parsing import build_parsing_network
from lib.muon import Muon
from lib.profiles import Profile
from lib.store import Dataset
from lib.store.augmentation import Augmentation

Tensor = Any

PLANS: Mapping[str, Mapping[str, Any]] = {
    "smoke": {"size": 64, "steps": 20},
    "laptop": {"width": 8, "batch_size": 4, "steps": 375, "identities": 300, "captures": 3},
    "colab": {"width": 32, "batch_size": 16, "steps": 5000},
    "paper": {"width": 48, "batch_size": 16, "steps": 40_000},
}
"""What the parser's training and its people differ in from the profiles; lessons 04 and 14."""

HIGHEST_RATE = {"smoke": 1.5e-2, "laptop": 2.5e-2}
"""Learning rates of short trainings, by Muon; longer ones take `STEADY_RATE`, by Adam."""

STEADY_RATE = 4e-3
WARM_UP = 50
"""Steps in which the learning rate rises."""

AVERAGE = 0.98
"""Decay of the averaged weights, which are the parser's."""

AUGMENT = Augmentation(mirror=True, brightness=0.25, colour=0.1, gamma=0.2)
"""Mirrors and another light. More of it parts photographs better and rendered people worse. No
shifts, no turns: pictures are resampled smoothly and labels by the nearest pixel, and where an eye
is three pixels high the half pixel between them counts."""

FIELDS = ("photo", "labels")
"""What `arrange` needs of a dataset."""


def new_parser(plan: Profile) -> keras.Model:
    """Return the network, compiled and untrained.

    Args:
        plan: a profile of `PLANS`; its size, width and steps count.
    """
    network = build_parsing_network(plan.size, plan.width)
    highest = HIGHEST_RATE.get(plan.name, STEADY_RATE)
    rate = rise_and_fall(highest, plan.steps, WARM_UP, first=0.0)
    optimizer = Muon if plan.name in HIGHEST_RATE else keras.optimizers.Adam
    network.compile(optimizer(rate), loss=loss)
    return network


def stream(faces: Dataset, plan: Profile, seed: int) -> keras.utils.PyDataset:
    """Return the training batches.

    Args:
        faces: photos and label maps, such as ``people.split("train")``.
        plan: a profile; its batch size counts.
        seed: of the order and the augmentation.
    """
    return faces.batches(
        plan.batch_size, fields=FIELDS, augment=AUGMENT, seed=seed, arrange=arrange
    )


def arrange(arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Make a batch (x, y), for `Dataset.batches(arrange=...)`; every other face is cut out.

    Painted faces have a black background, photographs have not, and the network should know both.

    Args:
        arrays: photo, float32 (N, S, S, 3) in [-1, 1]; labels, int32 (N, S, S).

    Returns:
        The pictures, and the labels as (N, S, S, 1).
    """
    pictures, labels = arrays["photo"].copy(), arrays["labels"]
    pictures[::2] = cut_out(pictures[::2], labels[::2] != 0)
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


def parse(
    network: keras.Model,
    pictures: np.ndarray,
    batch_size: int = 32,
    *,
    mirrored: bool = False,
) -> np.ndarray:
    """Say of each pixel which part it shows.

    Args:
        network: pictures -> logits of `lib.labels.CLASSES`.
        pictures: uint8 (N, S, S, 3).
        batch_size: pictures at a time.
        mirrored: whether to look at each picture in the mirror, too, where left parts are right
            ones, and to take the mean of both logits. It takes twice as long.

    Returns:
        uint8 (N, S, S), 0..18.

    Raises:
        ScoreError: if the pictures are no uint8 (N, S, S, 3).
    """
    pictures = require_pictures(pictures)
    labels = np.empty(pictures.shape[:3], np.uint8)
    for part, look in inference.in_batches(network, len(pictures), batch_size):
        inputs = images.to_network(pictures[part])
        logits = look(inputs)[..., : len(CLASSES)]
        if mirrored:
            reflected = look(inputs[:, :, ::-1])[:, :, ::-1]
            logits = logits + ops.take(reflected, MIRROR, axis=-1)
        labels[part] = ops.convert_to_numpy(ops.argmax(logits, axis=-1))
    return labels


def enlarged(network: keras.Model, size: int, factor: int) -> keras.Model:
    """Make a parser of small pictures of one that has learnt large ones.

    Args:
        network: a parser.
        size: side of the small pictures, pixels.
        factor: how many times larger it is shown them; its logits are averaged down again.

    Returns:
        A parser from float (N, size, size, 3); its weights are the network's own.
    """
    small = keras.Input((size, size, 3), name="small_picture")
    large = keras.layers.UpSampling2D(factor, interpolation="bicubic", name="enlarged")(small)
    logits = keras.layers.AveragePooling2D(factor, name="averaged")(network(large))
    return keras.Model(small, logits, name=f"{network.name}_enlarged")
