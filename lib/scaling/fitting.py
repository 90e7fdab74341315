"""What Keras 3's `fit` lacks for several workers, found with Keras 3.15 and TensorFlow 2.21.

Keras supports MirroredStrategy. Under MultiWorkerMirroredStrategy `fit` stops twice (keras-team's
issue 20585), and neither place has to do with the training itself:

1. Before the first step it reduces a batch over the workers, to build the model from it, and hands
   TensorFlow the tuple (x, y) where a tensor is expected. A model built beforehand needs no such
   batch.
2. After a step it takes the mean of each metric along its first axis, and metrics have none. A
   metric of shape (1,) has one.
"""

from __future__ import annotations

from typing import Any

import keras


def prepare_for_workers(model: keras.Model) -> keras.Model:
    """Let a built and compiled model be fitted under MultiWorkerMirroredStrategy.

    The model's class stays as it is, so that a run begun by one process is the same run for two.

    Args:
        model: built, as nothing will build it later.

    Returns:
        The model itself.
    """
    inner = model.train_step

    def _train_step(data: Any) -> dict[str, Any]:
        return {name: keras.ops.reshape(value, (1,)) for name, value in inner(data).items()}

    def _already_built(**_: Any) -> None:
        return None

    model.train_step = _train_step
    model._maybe_symbolic_build = _already_built
    return model
