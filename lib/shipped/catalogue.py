"""What is shipped: of which system, how large, and how its network is built.

Whoever changes a number here changes a network, and has to train it again: `make weights`.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping

import keras

from lib import profiles
from lib.gans.map_to_face import plans as painting
from lib.gans.render_to_photo import plans as translation
from lib.gans.specularity import MODELS, Specularity
from lib.gans.unmask_noise import UnmaskNoise
from lib.gans.unmask_two_critics import UnmaskTwoCritics
from lib.models.parsing import build_parsing_network
from lib.models.segmentation_unet import build_segmentation_unet

EDITOR_DEPTH = 3
"""Halvings of S3's editor. It has 2; its paper tried 4."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """One model of the collection.

    Attributes:
        name: of its files, without suffix.
        system: S1 to S5, or "ours".
        does: what it is for, in one line.
        size: side in pixels of the pictures it was trained on.
        width: filters of its first layer.
        build: returns the untrained model as lessons and `lib.restore` use it.
        network: which network of that model is shipped; critics are not.
    """

    name: str
    system: str
    does: str
    size: int
    width: int
    build: Callable[[int, int], keras.Model]
    network: Callable[[keras.Model], keras.Model]

    def model(self) -> keras.Model:
        """Return the untrained model."""
        return self.build(self.size, self.width)


def _itself(model: keras.Model) -> keras.Model:
    return model


def _finder(size: int, width: int) -> keras.Model:
    return build_segmentation_unet(size, width, dropout=0.0)


def _two_critics(size: int, width: int) -> keras.Model:
    return UnmaskTwoCritics(size, width, 1, critic_width=4, features=None, depth=EDITOR_DEPTH)


def _noise(size: int, width: int) -> keras.Model:
    return UnmaskNoise(size, width, critic_width=4)


def _shine(name: str) -> Callable[[int, int], keras.Model]:
    return lambda size, width: Specularity(size, width, MODELS[name])


def _map_to_face(size: int, width: int) -> keras.Model:
    plan = profiles.change(profiles.PROFILES["laptop"], size=size, width=width)
    return painting.new_model("modulated (ours)", plan)


def _render_to_photo(size: int, width: int) -> keras.Model:
    plan = profiles.change(profiles.PROFILES["laptop"], size=size, width=width)
    return translation.new_model("ours", plan, people=1)


_LIST = (
    Entry("mask_finder", "S3", "finds what covers a face", 128, 12, _finder, _itself),
    Entry("unmask_two_critics", "S3", "repaints what a mask covers", 128, 20, _two_critics,
          lambda model: model.editor),
    Entry("unmask_noise", "S2", "repaints what a mask covers, from noise", 128, 18, _noise,
          lambda model: model.generator),
    Entry("shine_layer", "ours, for S1's task", "finds the layer of shine on skin", 128, 8,
          _shine("Shine layer (ours)"), lambda model: model.forwards),
    Entry("spec_net", "S1", "finds the intensity of skin without shine", 128, 8,
          _shine("Spec-Net"), lambda model: model.forwards),
    Entry("parser", "S4", "tells the parts of a face", 128, 16, build_parsing_network, _itself),
    Entry("map_to_face", "ours, for S4's task", "paints a face from its parts and colours", 64, 20,
          _map_to_face, lambda model: model.generator),
    Entry("render_to_photo", "ours, for S5's task", "turns bare 3DMM renders into photos", 64, 16,
          _render_to_photo, lambda model: model.forwards),
)  # fmt: skip

ENTRIES: Mapping[str, Entry] = types.MappingProxyType({entry.name: entry for entry in _LIST})
"""Every model by its name."""

NAMES = tuple(ENTRIES)
