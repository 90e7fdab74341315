"""A small face recogniser: who is in a picture, learned from names alone.

    classifier, embedding = build_recogniser(64, 16, people=20)
    classifier.fit(...)                  # picture -> logits of the people it is taught
    embedding(pictures)                  # (N, 64): works for people it has never seen

It is what a generated dataset is judged by: trained with it and without it. Small and shallow, so
that a training takes seconds.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from lib.layers import BatchNormalization, Conv2D
from lib.models.blocks import LEAKY_SLOPE

HALVINGS = 4
"""Strided convolutions: 64 pixels become 4."""

WIDEST = 4
"""The last convolutions have so many times the filters of the first."""

SCALE = 16.0
"""Factor on the cosines. With 1 the loss could not fall far, since no cosine exceeds 1 (NormFace,
proposition 2); with a large one it hardly minds how near the pictures of one person lie."""


class CosineLogits(layers.Layer):
    """Logits that are cosines times a scale (Wang et al. 2017, "NormFace", section 3.3).

    A row of weights is the direction of one person. Its length, and a bias, would only say how many
    pictures of this person were taught.

    Args:
        people: logits.
        scale: factor on the cosines.
        **options: passed on to the layer.
    """

    def __init__(self, people: int, scale: float = SCALE, **options: Any) -> None:
        super().__init__(**options)
        self.people, self.scale = people, scale

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the directions, (numbers, people)."""
        shape = (input_shape[-1], self.people)
        self.directions = self.add_weight(
            shape=shape, initializer="random_normal", name="directions"
        )

    def call(self, x: Any) -> Any:
        """Return logits in [-scale, scale], (N, people), of unit vectors (N, numbers)."""
        return self.scale * ops.matmul(x, ops.normalize(self.directions, axis=0))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (N, people)."""
        return (*input_shape[:-1], self.people)

    def get_config(self) -> dict[str, Any]:
        """Return what the layer was made with."""
        return super().get_config() | {"people": self.people, "scale": self.scale}


def build_recogniser(
    size: int, width: int, people: int, numbers: int = 64, name: str = "recogniser"
) -> tuple[keras.Model, keras.Model]:
    """Build a recogniser for the people it will be taught, and its embedding for all others.

    Four strided 3 x 3 convolutions with batch normalisation, the mean over what is left, and a unit
    vector of it, whose cosines with one direction a person are the logits.

    Args:
        size: side of the pictures, pixels, 16 or more.
        width: filters of the first convolution; they double up to four times as many.
        people: how many it is taught, 2 or more.
        numbers: of the embedding.
        name: of the classifier; the embedding's has "_embedding" after it.

    Returns:
        The classifier, float (N, size, size, 3) in [-1, 1] to logits (N, people), to be trained
        with a sparse cross-entropy from logits; and the embedding, the same pictures to float32
        (N, numbers) of length 1. They share their weights.

    Raises:
        ValueError: if the pictures are too small, or there is nobody to tell apart.
    """
    if size < 2**HALVINGS:
        raise ValueError(f"recogniser: found size = {size}; expected {2**HALVINGS} pixels or more")
    if people < 2 or min(width, numbers) < 1:
        found = f"people = {people}, width = {width}, numbers = {numbers}"
        raise ValueError(f"recogniser: found {found}; expected two people or more, and 1 or more")
    pictures = keras.Input((size, size, 3), name="pictures")
    x = pictures
    for level in range(HALVINGS):
        x = _halve(x, width * min(2**level, WIDEST), f"{name}_{level + 1}")
    x = layers.GlobalAveragePooling2D(name=f"{name}_mean")(x)
    x = layers.Dense(numbers, use_bias=False, name=f"{name}_numbers")(x)
    x = BatchNormalization(momentum=0.9, scale=False, name=f"{name}_centring")(x)
    # Unit vectors in float32, whatever the policy: distances are differences of near numbers.
    unit = layers.UnitNormalization(dtype="float32", name=f"{name}_unit")(x)
    logits = CosineLogits(people, dtype="float32", name=f"{name}_logits")(unit)
    embedding = keras.Model(pictures, unit, name=f"{name}_embedding")
    return keras.Model(pictures, logits, name=name), embedding


def _halve(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    """Halve the resolution: 3 x 3 convolution, batch normalisation, LeakyReLU."""
    x = Conv2D(filters, 3, 2, "same", use_bias=False, name=f"{name}_convolution")(x)
    x = BatchNormalization(momentum=0.9, name=f"{name}_normalization")(x)
    return layers.LeakyReLU(LEAKY_SLOPE, name=f"{name}_activation")(x)
