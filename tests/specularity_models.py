"""Small models of system S1 and made-up batches for them, which the tests of S1 share."""

import numpy as np
from keras import ops

from lib.gans.specularity import MODELS, Specularity
from lib.models.separation import build_correcting_unet

SIZE = 16
SHINING = 4 * 4 * 3
"""Numbers inside the mask of `batch`, in each picture."""

CRITICS = {"target_critic", "source_critic"}
WAYS = {"forwards", "backwards"}


def array(tensor):
    """Return a tensor as a NumPy array."""
    return np.array(ops.convert_to_numpy(tensor))


def pictures(number=3, seed=0, size=SIZE, low=-0.5, high=0.5):
    """Draw float32 noise."""
    draws = np.random.default_rng(seed).uniform(low, high, (number, size, size, 3))
    return draws.astype(np.float32)


def edges(shown):
    """Stand in for the perceptual network: one map, of differences between rows."""
    return [shown[:, 1:] - shown[:, :-1]]


def small(name):
    """Build a translator of one halving, which is enough for noise."""
    return build_correcting_unet(SIZE, 2, depth=1, name=name)


def make(design, **options):
    """Build the model of a design, or of its name in `MODELS`."""
    design = MODELS[design] if isinstance(design, str) else design
    return Specularity(SIZE, 2, design, **{"translator": small, "features": edges} | options)


def trained(model, seed=1):
    """Give every translator other weights, as training would, and return the model."""
    generator = np.random.default_rng(seed)
    for network in (model.forwards, model.backwards):
        for weight in network.trainable_weights if network else ():
            weight.assign(array(weight) + generator.normal(0, 0.1, weight.shape))
    return model


def batch(number=3, seed=0):
    """Return a batch of duller targets and matter pairs, as `arrange` makes it."""
    source = pictures(number, seed)
    mask = np.zeros((number, SIZE, SIZE, 1), np.float32)
    mask[:, 4:8, 4:8] = 1
    x = {"source": source, "target": pictures(number, seed + 1) - np.float32(0.4)}
    matte = source - np.float32(0.5) * mask
    return x, {"paired": matte - np.float32(0.1), "matte": matte, "mask": mask}
