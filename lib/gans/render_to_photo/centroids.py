"""Losses that keep the pictures of one person together, as a set rather than pair by pair."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

Tensor = Any

DECAY = 0.95
"""Of the running centroids (S5's own)."""

MARGIN = 1.0
"""By which own people must be nearer than all others together, in nats (S5's own)."""


class Centroids(keras.layers.Layer):
    """Where each person's descriptors lie on average, as far as they have been seen.

    S5's begin at zero, and with 0.95 kept each time a person needs dozens of visits before the
    centroid is anywhere near; these begin where the person is first seen. They are weights, so that
    a resumed run goes on with them.

    Args:
        people: how many there are.
        numbers: of a descriptor.
        decay: what a centroid keeps when its person is seen again.
        **options: passed on to the layer.

    Attributes:
        places: (people, numbers).
        seen: (people,), 0 or 1.
    """

    def __init__(self, people: int, numbers: int = 128, decay: float = DECAY, **options: Any):
        super().__init__(**{"name": "centroids", "dtype": "float32", "trainable": False, **options})
        self.decay = decay
        keep = {"initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        self.places = self.add_weight(shape=(people, numbers), name="places", **keep)
        self.seen = self.add_weight(shape=(people,), name="seen", **keep)
        self.built = True

    def update(self, descriptors: Tensor, person: Tensor) -> None:
        """Move the centroids of those who were seen towards the mean of their pictures.

        Args:
            descriptors: (N, numbers); no gradient flows back.
            person: int (N,), 0..people - 1.
        """
        descriptors = ops.stop_gradient(ops.cast(descriptors, "float32"))
        belongs = ops.one_hot(person, self.seen.shape[0], dtype="float32")
        number = ops.sum(belongs, axis=0)
        here = ops.cast(number > 0, "float32")
        mean = ops.matmul(ops.transpose(belongs), descriptors) / ops.maximum(number, 1.0)[:, None]
        share = here * (1.0 - self.decay * self.seen)
        self.places.assign(self.places + share[:, None] * (mean - self.places))
        self.seen.assign(ops.maximum(self.seen, here))


def squared_distances(descriptors: Tensor, places: Tensor) -> Tensor:
    """Return squared distances, float32 (N, P), of descriptors (N, D) to places (P, D)."""
    descriptors = ops.cast(descriptors, "float32")
    own = ops.sum(ops.square(descriptors), axis=1)[:, None]
    theirs = ops.sum(ops.square(places), axis=1)[None]
    return ops.maximum(own + theirs - 2.0 * ops.matmul(descriptors, ops.transpose(places)), 0.0)


def center(descriptors: Tensor, person: Tensor, places: Tensor) -> Tensor:
    """Mean squared distance to one's own centroid, halved (Wen et al. 2016, equation 2).

    Args:
        descriptors: (N, D).
        person: int (N,).
        places: (people, D), the centroids.

    Returns:
        A float32 scalar, at least 0.
    """
    difference = ops.cast(descriptors, "float32") - ops.take(places, person, axis=0)
    return 0.5 * ops.mean(ops.sum(ops.square(difference), axis=1))


def magnet(
    descriptors: Tensor, person: Tensor, places: Tensor, seen: Tensor, margin: float = MARGIN
) -> Tensor:
    """How much nearer than a margin the others' centroids are (Rippel et al. 2016, equation 5).

    With one cluster for each person, and the variance that of the batch about its own centroids.
    S5's code squares that variance once more.

    Args:
        descriptors: (N, D).
        person: int (N,).
        places: (people, D), the centroids.
        seen: (people,), 0 for those whose centroid is not known yet: nobody need be far from it.
        margin: nats.

    Returns:
        A float32 scalar, at least 0; 0 where everybody is that much nearer to their own centroid
        than to all the others together.
    """
    squares = squared_distances(descriptors, places)
    belongs = ops.one_hot(person, places.shape[0], dtype="float32")
    own = ops.sum(belongs * squares, axis=1)
    variance = ops.stop_gradient(ops.maximum(ops.mean(own), 1e-3))
    scores = -squares / (2.0 * variance)
    others = ops.logsumexp(scores + _LEFT_OUT * (belongs + (1.0 - seen)), axis=1)
    return ops.mean(ops.relu(margin + own / (2.0 * variance) + others))


_LEFT_OUT = -1e9


def softmax(scores: Tensor, person: Tensor) -> Tensor:
    """Cross-entropy of a classifier of the people.

    Args:
        scores: (N, people), logits.
        person: int (N,).

    Returns:
        A float32 scalar, at least 0.
    """
    chosen = ops.one_hot(person, scores.shape[-1], dtype="float32")
    return -ops.mean(ops.sum(chosen * ops.log_softmax(ops.cast(scores, "float32")), axis=1))
