"""Small models of system S5, made-up renders and photos for them, and stand-ins for networks."""

import functools

import keras
import numpy as np
from keras import ops

from lib import images, profiles
from lib.gans.render_to_photo import DESIGNS, RenderToPhoto, plans
from lib.models.surround import build_baring_unet, build_surrounding_unet

SIZE, PEOPLE, NUMBERS = 32, 5, 128


def array(tensor):
    """Return a tensor as a NumPy array."""
    return np.array(ops.convert_to_numpy(tensor))


def edges(shown):
    """Stand in for the perceptual network: one map, of differences between rows."""
    return [shown[:, 1:] - shown[:, :-1]]


def three_numbers(shown):
    """Stand in for the face ID: 128 numbers, of which three say something."""
    return ops.pad(ops.mean(shown, axis=(1, 2)), ((0, 0), (0, NUMBERS - 3)))


class Shift(keras.layers.Layer):
    """Adds a constant."""

    def __init__(self, constant, **options):
        super().__init__(**options)
        self.constant = constant

    def call(self, x):
        return x + self.constant


def shifts(forwards=0.0, backwards=0.0):
    """Return a builder of translators that add a constant each, to pictures of any size."""

    def build(name):
        inputs = keras.Input((None, None, 3))
        constant = {"forwards": forwards, "backwards": backwards}[name]
        return keras.Model(inputs, Shift(constant)(inputs), name=name)

    return build


def tiny(name):
    """Build the input plus one convolution of it: a translator whose steps are cheap."""
    inputs = keras.Input((SIZE, SIZE, 3))
    correction = keras.layers.Conv2D(3, 3, padding="same", name="correction")(inputs)
    return keras.Model(inputs, keras.layers.Add()([inputs, correction]), name=name)


def tiny_critic(size, width, code, convolutions, name):
    """Build an autoencoding critic of two convolutions."""
    inputs = keras.Input((size, size, 3))
    x = keras.layers.Conv2D(width, 4, 2, padding="same", activation="elu")(inputs)
    outputs = keras.layers.Conv2DTranspose(3, 4, 2, padding="same")(x)
    return keras.Model(inputs, outputs, name=name)


@functools.cache
def unet(name):
    """Return one of the two U-Nets, untrained; it is shared."""
    build = build_surrounding_unet if name == "forwards" else build_baring_unet
    return build(None, 2, name)


def make(design, **options):
    """Build the model of a design, or of its name in `DESIGNS`."""
    design = DESIGNS[design] if isinstance(design, str) else design
    small = {"critic_width": 2, "convolutions": 1, "translator": tiny}
    standing_in = {"embed": three_numbers, "features": edges}
    return RenderToPhoto(SIZE, 2, design, PEOPLE, **small | standing_in | options)


def networks(model):
    """Return a model's networks by name."""
    return {net.name: net for net in model.layers if isinstance(net, keras.Model)}


def faces(number, seed=0, size=SIZE):
    """Return where made-up renders show a face, bool (N, S, S): a disc each."""
    generator = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:size, 0:size]
    row, column = generator.uniform(0.4, 0.6, (2, number, 1, 1)) * size
    return np.hypot(rows - row, columns - column) < generator.uniform(0.25, 0.4) * size


def renders(number=4, seed=0, size=SIZE):
    """Return uint8 renders, discs of a colour and some noise on black."""
    generator = np.random.default_rng(seed)
    colours = generator.integers(60, 200, (number, 1, 1, 3))
    shown = colours + generator.integers(-40, 40, (number, size, size, 3))
    return (faces(number, seed, size)[..., None] * shown).astype(np.uint8)


def photos(number=4, seed=0, size=SIZE):
    """Return the photos of `renders`, uint8: lighter, before noise."""
    generator = np.random.default_rng(seed + 100)
    around = generator.integers(0, 256, (number, size, size, 3))
    bare = renders(number, seed, size)
    return np.where(bare.any(axis=-1, keepdims=True), bare + np.uint8(15), around).astype(np.uint8)


def batch(seed=0):
    """Return a batch of two people's renders, others' photos and pairs, as `arrange` makes it."""
    shown = {
        "render": renders(4, seed),
        "photo": photos(4, seed + 1),
        "pair_render": renders(3, seed + 2),
        "pair_photo": photos(3, seed + 2),
    }
    x = {name: images.to_network(pictures) for name, pictures in shown.items()}
    return x | {"person": np.int32([3, 3, 1, 1])}


def plan(name):
    """Return the profile of a plan."""
    return profiles.change(profiles.PROFILES[name], **plans.PLANS[name])
