"""Batches for a model's ``fit``, in network ranges, each a pure function of its place.

Training is counted in rounds (Keras calls them epochs) of a fixed number of batches. Which samples
a batch holds, and how they are augmented, follows from the seed, the round and the batch's index
alone: it is the same for any number of worker threads, and a run resumed at round 17 sees what the
uninterrupted run saw.
"""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from lib import images
from lib.store import Dataset
from lib.store.augmentation import RASTERS, Augmentation
from lib.store.rows import Field, StoreError

ORDER, AUGMENTATION = 0, 1  # keep the two streams of random numbers apart

Arrays = dict[str, np.ndarray]


class Rounds(keras.utils.PyDataset):
    """Batches whose content follows from the round and the index: what Keras calls an epoch.

    A subclass writes `read`; whoever wants single arrays of any round may call it, too.

    Args:
        arrange: makes what the model takes, such as a tuple (x, y), of what `read` returns; by
            default the model gets that as x.
        workers: threads that read ahead.
        max_queue_size: batches read ahead.

    Attributes:
        epoch: the round that batches are given for; set it before ``fit`` to resume there.
    """

    def __init__(
        self, arrange: Callable[[Any], Any] | None, workers: int = 1, max_queue_size: int = 10
    ) -> None:
        super().__init__(workers=workers, max_queue_size=max_queue_size)
        self.arrange = arrange
        self.epoch = 0
        self._running = False

    def __getitem__(self, index: int) -> Any:
        """Return batch ``index`` of the present round, arranged.

        Raises:
            IndexError: if the round has no such batch.
        """
        arrays = self.read(self.epoch, index)
        return self.arrange(arrays) if self.arrange else arrays

    def read(self, epoch: int, index: int) -> Any:
        """Return a batch of any round, before `arrange`; a subclass writes this."""
        raise NotImplementedError(f"{type(self).__name__} has to write read")

    def on_epoch_begin(self) -> None:
        """Note that a round runs; called by Keras."""
        self._running = True

    def on_epoch_end(self) -> None:
        """Go on to the next round; called by Keras, once too often: also before the first."""
        self.epoch += self._running
        self._running = False


class Batches(Rounds):
    """Batches of a dataset.

    Pass ``shuffle=False`` to ``fit``: the samples are shuffled here, and left to itself Keras puts
    the batches of a round into another, unrepeatable order.

    Args:
        dataset: what to read from; usually one split.
        batch_size: samples in a batch.
        fields: names of the fields wanted; all by default.
        shuffle: whether every pass over the dataset has an order of its own.
        augment: the changes to draw for every sample; none by default.
        seed: of order and augmentation.
        steps: batches in a round, all full; the next round goes on where this one ended. By
            default a round is one pass, every sample once, and its last batch may be shorter
            (`lib.training.train` fills it, see `filled`).
        arrange: makes what the model takes, such as a tuple (x, y), of the dictionary of arrays, as
            many samples of every batch; by default the model gets the dictionary as x.
        workers: threads that read ahead.
        max_queue_size: batches read ahead.

    Attributes:
        epoch: the round that batches are given for; set it before ``fit`` to resume there.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        fields: Sequence[str] | None = None,
        shuffle: bool = True,
        augment: Augmentation | None = None,
        seed: int = 0,
        steps: int | None = None,
        arrange: Callable[[Arrays], Any] | None = None,
        workers: int = 1,
        max_queue_size: int = 10,
    ):
        super().__init__(arrange, workers, max_queue_size)
        if batch_size < 1 or (steps is not None and steps < 1):
            found = f"batch_size = {batch_size}, steps = {steps}"
            raise ValueError(f"batches: {found}; expected both to be at least 1")
        self.dataset = dataset
        self.batch_size = batch_size
        self.fields = tuple(fields or dataset.fields)
        self.shuffle = shuffle
        self.augment = augment
        self.seed = seed
        self.steps = steps

    def __len__(self) -> int:
        return self.steps or math.ceil(len(self.dataset) / self.batch_size)

    def filled(self) -> Batches:
        """Return the same batches, all full: where a pass ends within one, the next pass begins.

        So a graph that is compiled for one shape of batch serves a whole training.
        """
        full = copy.copy(self)
        full.steps = len(self)
        return full

    def indices(self, epoch: int, index: int) -> np.ndarray:
        """Return which samples of the dataset make up a batch.

        Args:
            epoch: the round.
            index: the batch within it, 0..len - 1.

        Returns:
            int64 (samples in the batch,).
        """
        if not 0 <= index < len(self):
            raise IndexError(f"batch {index} of a round of {len(self)}")
        number = len(self.dataset)
        round_size = self.steps * self.batch_size if self.steps else number
        first, end = index * self.batch_size, min((index + 1) * self.batch_size, round_size)
        passes, places = np.divmod(epoch * round_size + np.arange(first, end), number)
        if not self.shuffle:
            return places
        chosen = np.empty_like(places)
        for number_of_pass in np.unique(passes):
            here = passes == number_of_pass
            chosen[here] = order_of_pass(self.seed, int(number_of_pass), number)[places[here]]
        return chosen

    def read(self, epoch: int, index: int) -> Arrays:
        """Return a batch of any round, before `arrange`.

        Returns:
            For each field (samples, *its shape): pictures float32 in [-1, 1], masks float32 {0, 1},
            labels int32, landmarks and vectors float32.
        """
        arrays = self.dataset.read(self.indices(epoch, index), self.fields)
        if self.augment:
            seeds = np.random.SeedSequence([self.seed, AUGMENTATION, epoch, index])
            self._change(arrays, np.random.default_rng(seeds))
        return {
            name: to_network(self.dataset.fields[name], array) for name, array in arrays.items()
        }

    def _change(self, arrays: Arrays, generator: np.random.Generator) -> None:
        """Augment every sample in place."""
        size = _picture_size(self.dataset)
        for place in range(len(next(iter(arrays.values())))):
            change = self.augment.draw(generator)
            for name, array in arrays.items():
                array[place] = change.apply(self.dataset.fields[name], array[place], size)


def to_network(field: Field, rows: np.ndarray) -> np.ndarray:
    """Bring rows of a field to the range that networks work in.

    Args:
        field: what the rows are.
        rows: (samples, *field.shape), as on the disk.

    Returns:
        Pictures of uint8 as float32 in [-1, 1]; label maps int32; all else float32, as it is.
    """
    if field.kind == "picture" and rows.dtype == np.uint8:
        return images.to_network(rows)
    return rows.astype(np.int32 if field.kind == "labels" else np.float32)


@functools.lru_cache(maxsize=4)
def order_of_pass(seed: int, number_of_pass: int, number: int) -> np.ndarray:
    """Return the order of one pass; kept, because every batch of the pass asks for it.

    Args:
        seed: of the batches.
        number_of_pass: from 0.
        number: how many things there are to put in order.

    Returns:
        int64 (number,), each of 0..number - 1 once.
    """
    seeds = np.random.SeedSequence([seed, ORDER, number_of_pass])
    return np.random.default_rng(seeds).permutation(number)


def _picture_size(dataset: Dataset) -> tuple[int, int]:
    """Return height and width of the picture that landmarks are measured in: the first there is."""
    shapes = [field.shape for field in dataset.fields.values() if field.kind in RASTERS]
    if not shapes:
        raise StoreError(f"{dataset.path}: no picture field, so nothing to augment; drop `augment`")
    return shapes[0][:2]
