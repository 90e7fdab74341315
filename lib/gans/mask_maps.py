"""Finding the mask: the first stage of systems S2 and S3, a network from a picture to a map.

    network = build_segmentation_unet(size=64, width=16)
    network.compile(keras.optimizers.Adam(1e-3), loss=mask_maps.loss)
    training.train(network, masked.batches(16, arrange=mask_maps.arrange), profile, "map")
    maps = mask_maps.find(network, pictures, mirrored=True)

No critic plays here. Both originals train by cross-entropy, S2's on tanh outputs against targets of
-1 and 1, which makes no sense of it; S3's judged by accuracy, which a map without any mask wins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from lib import images, inference, losses
from lib.metrics.arrays import require_pictures

Tensor = Any

FIELDS = ("masked", "mask")
"""What `arrange` needs of a masked dataset."""


def arrange(arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Make a batch (x, y) of the fields of a masked dataset, for `Dataset.batches(arrange=...)`.

    Args:
        arrays: masked, float32 (N, S, S, 3) in [-1, 1]; mask, float32 (N, S, S) of 0 and 1.

    Returns:
        The pictures, and the maps as (N, S, S, 1).
    """
    return arrays["masked"], arrays["mask"][..., None]


def loss(masks: Tensor, logits: Tensor) -> Tensor:
    """Cross-entropy plus 1 - Dice: the one is steady, the other counts small masks fully.

    Args:
        masks: (N, S, S, 1) of 0 and 1.
        logits: (N, S, S, 1), any float dtype.

    Returns:
        A float32 scalar, at least 0.
    """
    return losses.map_cross_entropy(masks, logits) + losses.dice(masks, logits)


def find(
    network: keras.Model,
    pictures: np.ndarray,
    threshold: float = 0.5,
    batch_size: int = 32,
    *,
    mirrored: bool = False,
) -> np.ndarray:
    """Find what covers the faces.

    Args:
        network: pictures -> logits, as `loss` takes them.
        pictures: uint8 (N, S, S, 3).
        threshold: probability from which a pixel counts as covered.
        batch_size: pictures at a time.
        mirrored: whether to look at each picture in the mirror, too, and to take the mean of both
            logits. It takes twice as long, and mistakes that depend on the side halve.

    Returns:
        uint8 {0, 1} (N, S, S).

    Raises:
        ScoreError: if the pictures are no uint8 (N, S, S, 3).
    """
    lowest = np.log(threshold / (1 - threshold))
    return np.uint8(_logits(network, pictures, batch_size, mirrored) >= lowest)


def probabilities(
    network: keras.Model, pictures: np.ndarray, batch_size: int = 32, *, mirrored: bool = False
) -> np.ndarray:
    """Return how probably each pixel is covered, by which `find` decides.

    Args:
        network: as `find` takes it; so are the other arguments.
        pictures: uint8 (N, S, S, 3).
        batch_size: pictures at a time.
        mirrored: whether to take the mean with the logits of the picture in the mirror.

    Returns:
        float32 (N, S, S), 0..1.

    Raises:
        ScoreError: if the pictures are no uint8 (N, S, S, 3).
    """
    logits = _logits(network, pictures, batch_size, mirrored)
    return ops.convert_to_numpy(ops.sigmoid(logits))


def _logits(
    network: keras.Model, pictures: np.ndarray, batch_size: int, mirrored: bool
) -> np.ndarray:
    pictures = require_pictures(pictures)
    logits = np.empty(pictures.shape[:3], np.float32)
    for part, look in inference.in_batches(network, len(pictures), batch_size):
        logits[part] = _look(look, images.to_network(pictures[part]), mirrored)[..., 0]
    return logits


def _look(look: Callable, pictures: np.ndarray, mirrored: bool) -> np.ndarray:
    logits = ops.convert_to_numpy(look(pictures))
    if not mirrored:
        return logits
    reflected = ops.convert_to_numpy(look(pictures[:, :, ::-1]))
    return (logits + reflected[:, :, ::-1]) / 2
