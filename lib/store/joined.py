"""Batches of several datasets side by side, for models that learn from several kinds of data."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from lib.store.batches import Arrays, Batches, Rounds


class JoinedBatches(Rounds):
    """Batches that hold one batch of each part.

    Each goes through its own samples at its own pace, and begins anew when it is through.

    Args:
        parts: by name; all with as many batches in a round. Their own `arrange` is left out.
        arrange: makes what the model takes of {name: arrays}; by default the model gets that as x.
        workers: threads that read ahead.

    Attributes:
        epoch: the round that batches are given for; set it before ``fit`` to resume there.

    Raises:
        ValueError: if there is no part, or their rounds differ.
    """

    def __init__(
        self,
        parts: Mapping[str, Batches],
        arrange: Callable[[dict[str, Arrays]], Any] | None = None,
        workers: int = 1,
    ) -> None:
        super().__init__(arrange, workers)
        rounds = {name: len(part) for name, part in parts.items()}
        if len(set(rounds.values())) != 1:
            raise ValueError(f"found rounds of {rounds} batches; expected one part or more, alike")
        self.parts = dict(parts)

    def __len__(self) -> int:
        return len(next(iter(self.parts.values())))

    def filled(self) -> JoinedBatches:
        """Return the same batches, those of every part full (`Batches.filled`)."""
        full = copy.copy(self)
        full.parts = {name: part.filled() for name, part in self.parts.items()}
        return full

    def read(self, epoch: int, index: int) -> dict[str, Arrays]:
        """Return a batch of each part, of any round, before `arrange`."""
        return {name: part.read(epoch, index) for name, part in self.parts.items()}
