"""What every system that repaints a hole shares: its batches, its composite, its use on pictures.

A model here takes x = {"masked": float (N, S, S, 3), "mask": float (N, S, S, 1)} and returns the
repaired pictures, composited: outside the mask they are the input's own pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from lib import baselines, images, inference
from lib.metrics.arrays import require_masks, require_pictures

Tensor = Any

FIELDS = ("photo", "masked", "mask")
"""What `arrange` needs of a masked dataset."""


def arrange(arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Make a batch (x, y) of the fields of a masked dataset, for `Dataset.batches(arrange=...)`.

    Args:
        arrays: photo and masked, float32 (N, S, S, 3) in [-1, 1]; mask, float32 (N, S, S) {0, 1}.

    Returns:
        The masked pictures with their masks, (N, S, S, 1), and the photos without.
    """
    x = {"masked": arrays["masked"], "mask": arrays["mask"][..., None]}
    return x, arrays["photo"]


def composite(painted: Tensor, x: dict[str, Tensor]) -> Tensor:
    """Take the painted pixels inside the mask, and the input's own outside.

    Args:
        painted: float (N, S, S, 3).
        x: a batch's inputs.

    Returns:
        float32 (N, S, S, 3).
    """
    mask = ops.cast(x["mask"], "float32")
    return mask * ops.cast(painted, "float32") + (1.0 - mask) * ops.cast(x["masked"], "float32")


def repaint(
    model: keras.Model,
    masked: np.ndarray,
    masks: np.ndarray,
    batch_size: int = 32,
    *,
    mirrored: bool = False,
) -> np.ndarray:
    """Repair pictures by a trained model, as `lib.baselines` does without one.

    Args:
        model: takes and returns what this module says.
        masked: uint8 (N, S, S, 3).
        masks: (N, S, S) of 0 and 1; 1 is repainted.
        batch_size: pictures at a time.
        mirrored: whether to repaint each picture in the mirror, too, and to take the mean of both
            paintings. It takes twice as long; where the two guess differently, the mean is nearer
            to the truth on average, and softer.

    Returns:
        uint8 (N, S, S, 3); outside the masks the input's own pixels, to the bit.

    Raises:
        ScoreError: if types or shapes are others, or a mask holds more than 0 and 1.
    """
    masked = require_pictures(masked)
    holes = require_masks(masks, masked.shape[:3])[..., None].astype(np.float32)
    painted = np.empty_like(masked)
    for part, look in inference.in_batches(model, len(masked), batch_size):
        x = {"masked": images.to_network(masked[part]), "mask": holes[part]}
        painted[part] = images.to_picture(_paint(look, x, mirrored))
    return baselines.composite(masked, painted, holes[..., 0])


def _paint(look: Callable, x: dict[str, np.ndarray], mirrored: bool) -> np.ndarray:
    painting = ops.convert_to_numpy(look(x))
    if not mirrored:
        return painting
    reflected = {name: array[:, :, ::-1] for name, array in x.items()}
    return (painting + ops.convert_to_numpy(look(reflected))[:, :, ::-1]) / 2
