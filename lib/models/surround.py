"""Translators between a bare face on black and a photo, which know where a face ends.

A network of 3 x 3 convolutions has a long way to go from "this pixel is black" to "the cheek beside
it goes on here". So that way is gone for it: what it corrects is the face with its colours spread
over the ground, and in the other direction what it answers is where to make the photo black.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import layers, ops

from lib import filters
from lib.models.blocks import require_halvings, silent_convolution
from lib.models.detail_unet import look_around
from lib.models.resnet import correct

LEVELS = 4
"""Halvings, of the networks and of the spreading."""

REACH = 2.5
"""Half of a blur's window, in standard deviations."""


class Face(layers.Layer):
    """Says where a render shows a face.

    Its outermost pixels are mixed with the black ground and count as ground.
    """

    def call(self, render: Any) -> Any:
        """Return 1 for face and 0 for ground, (N, H, W, 1), of renders (N, H, W, 3) in [-1, 1]."""
        ground = ops.cast(ops.max(render, axis=-1, keepdims=True) <= -1.0, render.dtype)
        return 1.0 - ops.max_pool(ground, 3, 1, padding="same", data_format="channels_last")


class Spread(layers.Layer):
    """Spreads a face's colours over the ground: pull-push (Gortler et al. 1996, section 3.4.1).

    The picture is halved again and again, each pixel the mean of the face under it; then the holes
    of each level are filled from the level below. It has no weights.
    """

    def call(self, render: Any, face: Any) -> Any:
        """Return the face as it is and its colours around it, in [-1, 1].

        Args:
            render: (N, H, W, 3) in [-1, 1].
            face: 1 for face and 0 for ground, (N, H, W, 1).
        """
        pulled = [(face * (render + 1.0), face)]
        for _ in range(LEVELS):
            pulled.append(tuple(_halve(picture) for picture in pulled[-1]))
        colour, share = (ops.sum(x, axis=(1, 2), keepdims=True) for x in pulled[-1])
        filled = colour / ops.maximum(share, 1e-3)
        for level, (colour, share) in enumerate(reversed(pulled)):
            filled = _double(filled, like=colour) if level else filled
            filled = colour + (1.0 - share) * filled
        return filled - 1.0

    def compute_output_spec(self, render: Any, face: Any) -> Any:
        """Return what comes out for symbols: JAX cannot tell it of a picture of any size."""
        return keras.KerasTensor(render.shape, render.dtype)


class Soften(layers.Layer):
    """Blurs pictures, which continue beyond their border by their mirror image. It has no weights.

    Args:
        sigma: standard deviation of the Gaussian, pixels, above 0.
        **options: passed on to the layer.
    """

    def __init__(self, sigma: float, **options: Any) -> None:
        super().__init__(**options)
        self.sigma = sigma

    def call(self, pictures: Any) -> Any:
        """Return pictures (N, H, W, C) of the same shape."""
        reach = math.ceil(REACH * self.sigma)
        margin = (reach, reach)
        padded = ops.pad(pictures, ((0, 0), margin, margin, (0, 0)), mode="reflect")
        return filters.blur(padded, self.sigma, 2 * reach + 1)

    def get_config(self) -> dict[str, Any]:
        """Return what the layer was made with."""
        return {**super().get_config(), "sigma": self.sigma}


def _halve(picture: Any) -> Any:
    """Shrink to half the size; the last of an odd number of pixels stays as it is."""
    return ops.average_pool(picture, 2, 2, padding="same", data_format="channels_last")


def _double(picture: Any, like: Any) -> Any:
    """Enlarge to twice the size, or that of `like`: each pixel twice, then the mean of nine."""
    doubled = ops.repeat(ops.repeat(picture, 2, axis=1), 2, axis=2)
    doubled = doubled[:, : ops.shape(like)[1], : ops.shape(like)[2]]
    return ops.average_pool(doubled, 3, 1, padding="same", data_format="channels_last")


def _input(size: int | None) -> keras.KerasTensor:
    if size is not None:
        require_halvings(size, LEVELS, smallest=2)
    return keras.Input((size, size, 3), name="picture")


def build_surrounding_unet(
    size: int | None, width: int, name: str = "generator", softness: float = 0.0
) -> keras.Model:
    """Build a translator from a bare face on black to a photo.

    Untrained it answers with the face, its colours spread over the ground.

    Args:
        size: side of the square pictures, pixels, a multiple of 2 ** `LEVELS`; None for any.
        width: filters at full resolution; they double with each halving, to 4 * width at most.
        name: the network's name, which its weights' names start with.
        softness: standard deviation of a blur at the end, pixels; 0 leaves pictures sharp.

    Returns:
        A model from renders, float (N, size, size, 3) in [-1, 1], to photos, float32 of that shape.

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    render = _input(size)
    face = Face(name="face")(render)
    spread = Spread(name="spread")(render, face)
    seen = layers.Concatenate(name="seen")([spread, render, face])
    correction = silent_convolution(look_around(seen, width, LEVELS), 3, "output_convolution")
    photo = correct(spread, correction)
    if softness:
        photo = Soften(softness, dtype="float32", name="softened")(photo)
    return keras.Model(render, photo, name=name)


class Blackened(layers.Layer):
    """Makes a picture black where it is not wanted."""

    def call(self, picture: Any, logits: Any) -> Any:
        """Return pictures (N, H, W, 3) in [-1, 1], with logits (N, H, W, 1) of being wanted."""
        return ops.sigmoid(logits) * (picture + 1.0) - 1.0


def build_baring_unet(size: int | None, width: int, name: str = "bare") -> keras.Model:
    """Build a translator from a photo to its bare face on black.

    Untrained it answers with the photo at half its light.

    Args:
        size: side of the square pictures, pixels, a multiple of 2 ** `LEVELS`; None for any.
        width: filters at full resolution; they double with each halving, to 4 * width at most.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from photos, float (N, size, size, 3) in [-1, 1], to renders, float32 of that shape.

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    photo = _input(size)
    x = look_around(photo, width, LEVELS)
    corrected = layers.Add(dtype="float32", name="corrected")(
        [photo, silent_convolution(x, 3, "correction_convolution")]
    )
    wanted = silent_convolution(x, 1, "wanted_convolution")
    outputs = Blackened(dtype="float32", name="output")(corrected, wanted)
    return keras.Model(photo, outputs, name=name)
