"""The batches of a run, in an order that depends on the step and on nothing else."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np


def all_full(dataset: keras.utils.PyDataset) -> keras.utils.PyDataset:
    """Return a dataset with all its batches full where it knows how: where it has a `filled`."""
    return dataset.filled() if hasattr(dataset, "filled") else dataset


class Stream(keras.utils.PyDataset):
    """A run's batches without end: item i is what step `first_step + i` trains on.

    The step alone decides the epoch and the place in it, and each batch comes from a copy of the
    dataset set to that epoch. So nothing depends on when Keras or a worker thread asks for it.

    Batches of the lab's own datasets are all full (`Batches.filled`), and their size is part of the
    training's graph: it needs an eighth fewer operations than one for any number of pictures.

    Args:
        dataset: a PyDataset whose items depend on its `epoch` and the index only. Its `workers`
            threads prepare batches ahead.
        first_step: where the run stands.
    """

    def __init__(self, dataset: keras.utils.PyDataset, first_step: int) -> None:
        super().__init__()
        self.dataset, self.first_step = all_full(dataset), first_step
        self.threads = max(1, dataset.workers)
        self.pool = ThreadPoolExecutor(self.threads)
        self.pending: dict[int, Future] = {}

    @property
    def num_batches(self) -> None:
        """None: there is no last batch."""
        return None

    def __getitem__(self, index: int) -> Any:
        for ahead in range(index, index + self.threads + 1):
            if ahead not in self.pending:
                self.pending[ahead] = self.pool.submit(self._batch, self.first_step + ahead)
        return self.pending.pop(index).result()

    def close(self) -> None:
        """Let the threads go; what was prepared ahead is dropped."""
        self.pool.shutdown(wait=False, cancel_futures=True)

    def for_fit(self) -> Any:
        """Return what `fit` should take: this stream, or under TensorFlow a tf.data.Dataset of it.

        Keras would make one too, with tf.data's autotuner, whose thread now and then sleeps through
        the end of training and holds the process up, for as long as a minute.
        """
        if keras.backend.backend() != "tensorflow":
            return self
        import tensorflow

        def _specify(array: Any) -> Any:
            samples, *shape = np.shape(array)
            number = samples if hasattr(self.dataset, "filled") else None
            return tensorflow.TensorSpec((number, *shape), np.asarray(array).dtype)

        def _batches() -> Iterator[Any]:
            return map(self.__getitem__, itertools.count())

        signature = keras.tree.map_structure(_specify, self._batch(self.first_step))
        options = tensorflow.data.Options()
        options.autotune.enabled = False
        return tensorflow.data.Dataset.from_generator(
            _batches, output_signature=signature
        ).with_options(options)

    def _batch(self, step: int) -> Any:
        epoch, index = divmod(step, len(self.dataset))
        dataset = copy.copy(self.dataset)
        dataset.epoch = epoch
        return dataset[index]
