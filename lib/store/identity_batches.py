"""Batches of P people with K pictures each, for losses that compare pictures of one person.

Among ten thousand people a random batch of sixteen hardly ever holds two pictures of one person.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.store import Dataset
from lib.store.batches import Arrays, Batches, order_of_pass
from lib.store.rows import StoreError

PERSON = "person"
"""The array that says who is in each picture: int32 (N,), from 0, an index into `identities`."""


class IdentityBatches(Batches):
    """Batches of people (Hermans et al. 2017, section 2: P identities with K images each).

    The people come in an order of their own in each pass; a person's pictures come in turn, and
    again where there are fewer than K. They lie side by side: the first K are the first person's.
    A batch in which one pass ends and the next begins may hold somebody twice.

    Args:
        dataset: what to read from; usually one split.
        people: P, of a batch.
        pictures: K, of each of them.
        steps: batches in a round; the next round goes on where this one ended. By default as many
            as a pass over the people fills, the last one to the brim with people of the next.
        **options: those of `lib.store.batches.Batches`, but for `shuffle`: the order is drawn.

    Attributes:
        identities: the people, sorted by name; the array `person` of a batch holds places in it.

    Raises:
        StoreError: if the dataset has fewer people than a batch.
    """

    def __init__(
        self, dataset: Dataset, people: int, pictures: int, steps: int | None = None, **options: Any
    ) -> None:
        if min(people, pictures) < 1:
            found = f"people = {people}, pictures = {pictures}"
            raise ValueError(f"batches: {found}; expected both to be at least 1")
        super().__init__(dataset, people * pictures, steps=steps, **options)
        self.people, self.pictures = people, pictures
        self.identities = dataset.identities
        if len(self.identities) < people:
            found = f"found {len(self.identities)} people"
            raise StoreError(f"{dataset.path}: {found}; expected {people} or more for a batch")
        names = dataset.samples["identity"].to_numpy()
        self._rows = [np.flatnonzero(names == name) for name in self.identities]
        self._person = np.searchsorted(self.identities, names).astype(np.int32)

    def __len__(self) -> int:
        return self.steps or -(-len(self.identities) // self.people)

    def indices(self, epoch: int, index: int) -> np.ndarray:
        """Return which samples of the dataset make up a batch, int64 (P * K,)."""
        if not 0 <= index < len(self):
            raise IndexError(f"batch {index} of a round of {len(self)}")
        first = (epoch * len(self) + index) * self.people
        passes, places = np.divmod(first + np.arange(self.people), len(self.identities))
        return np.concatenate(
            [self._of_person(*which) for which in zip(passes.tolist(), places, strict=True)]
        )

    def _of_person(self, number_of_pass: int, place: int) -> np.ndarray:
        """Return the pictures of whoever comes at this place of this pass."""
        rows = self._rows[order_of_pass(self.seed, number_of_pass, len(self._rows))[place]]
        turn = number_of_pass * self.pictures + np.arange(self.pictures)
        return rows[turn % len(rows)]

    def read(self, epoch: int, index: int) -> Arrays:
        """Return a batch of any round, before `arrange`, with the array `person`."""
        arrays = super().read(epoch, index)
        arrays[PERSON] = self._person[self.indices(epoch, index)]
        return arrays
