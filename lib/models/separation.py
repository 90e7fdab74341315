"""Small networks that take shine off: by a correction, by the intensity alone, or as a layer.

All are fully convolutional U-Nets with a skip at full resolution, for a highlight is often only a
few pixels wide. Their last convolution starts at zero, so that an untrained one does nothing.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from lib.models.blocks import require_halvings, silent_convolution
from lib.models.detail_unet import look_around
from lib.models.resnet import correct

DARKEST = 2 / 255
"""Intensities below two grey levels have no colour to keep: such pixels stay as they are."""


def _input(size: int | None, depth: int, channels: int = 3) -> keras.KerasTensor:
    if size is not None:
        require_halvings(size, depth, smallest=2)
    return keras.Input((size, size, channels), name="picture")


def build_correcting_unet(
    size: int | None,
    width: int,
    depth: int = 3,
    channels: int = 3,
    name: str = "generator",
    *,
    white: bool = False,
) -> keras.Model:
    """Build a small U-Net whose output is its input plus a correction (Ronneberger et al. 2015).

    Args:
        size: side of the square pictures, pixels, a multiple of 2 ** depth; None for any height
            and width that are.
        width: filters at full resolution; they double with each halving, to 4 * width at most.
        depth: halvings.
        channels: of the input, and of the output.
        name: the network's name, which its weights' names start with.
        white: whether the correction is the same in all channels: more or less white light. Such a
            network can put shine on and take it off, for lamps are nearly white, and can do little
            else: it cannot give a face another colour.

    Returns:
        A model from float (N, size, size, channels) to float32 of the same shape.

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    inputs = _input(size, depth, channels)
    corrected = 1 if white else channels
    seen = look_around(inputs, width, depth)
    correction = silent_convolution(seen, corrected, "output_convolution")
    return keras.Model(inputs, correct(inputs, correction), name=name)


class Intensity(layers.Layer):
    """The mean of red, green and blue."""

    def call(self, picture: Any) -> Any:
        """Return (N, H, W, 1) of pictures (N, H, W, 3)."""
        return ops.mean(picture, axis=-1, keepdims=True)


class Recoloured(layers.Layer):
    """Gives a picture another intensity and leaves it its chromaticity."""

    def call(self, inputs: tuple[Any, Any, Any]) -> Any:
        """Return the picture, each pixel scaled so that its intensity is another.

        Args:
            inputs: the picture, float (N, H, W, 3) in [-1, 1], its intensity, and the intensity
                wanted, both (N, H, W, 1) in [-1, 1].
        """
        picture, before, after = inputs
        light, found, wanted = ((x + 1.0) / 2.0 for x in (picture, before, after))
        factor = ops.maximum(wanted, 0.0) / ops.maximum(found, DARKEST)
        factor = ops.where(found < DARKEST, ops.ones_like(factor), factor)
        return 2.0 * light * factor - 1.0


def build_intensity_network(
    size: int | None, width: int, depth: int = 3, name: str = "spec_net"
) -> keras.Model:
    """Build Spec-Net of system S1: intensity in, intensity out, and the input's own chromaticity.

    Its abstract says that much; the network itself was never published. What it cannot do follows
    from the idea: a highlight has the colour of the lamp, and keeps it.

    Args:
        size: side of the square pictures, pixels, a multiple of 2 ** depth; None for any.
        width: filters at full resolution.
        depth: halvings.
        name: the network's name.

    Returns:
        A model from float (N, size, size, 3) in [-1, 1] to float32 of the same shape.

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    inputs = _input(size, depth)
    before = Intensity(dtype="float32", name="intensity")(inputs)
    network = build_correcting_unet(size, width, depth, channels=1, name=f"{name}_unet")
    outputs = Recoloured(dtype="float32", name="output")((inputs, before, network(before)))
    return keras.Model(inputs, outputs, name=name)


def build_layer_network(
    size: int | None, width: int, depth: int = 3, name: str = "layer_network"
) -> keras.Model:
    """Build the lab's own model: it predicts the layer of shine that is to be subtracted.

    A picture is a diffuse layer plus a specular one (Shafer 1985, section 3). So what has to be
    found is not a face but the little that was added to it.

    Args:
        size: side of the square pictures, pixels, a multiple of 2 ** depth; None for any.
        width: filters at full resolution.
        depth: halvings.
        name: the network's name.

    Returns:
        A model from float (N, size, size, 3) in [-1, 1] to the layer, float32 of the same shape, in
        shares of white. Nothing keeps it above 0: a layer cut off there would stop learning.

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    inputs = _input(size, depth)
    layer = silent_convolution(look_around(inputs, width, depth), 3, "layer")
    return keras.Model(inputs, layer, name=name)
