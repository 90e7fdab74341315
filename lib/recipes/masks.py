"""The finder of masks and the two painters of what they cover (systems S2 and S3)."""

from __future__ import annotations

import dataclasses
import functools

import keras
import numpy as np

from lib import metrics, profiles, training
from lib.benchmarks import unmasking
from lib.gans import mask_maps, repainting
from lib.gans.learning_rates import rise_and_fall
from lib.gans.perception import identifying_features
from lib.gans.unmask_noise import UnmaskNoise
from lib.gans.unmask_two_critics import JOINS, TERM_WEIGHTS, UnmaskTwoCritics
from lib.models.segmentation_unet import build_segmentation_unet
from lib.prepare import sources
from lib.prepare.camera import CameraFlaws
from lib.recipes import AVERAGE, WARM_UP, Place, Recipe, Rows, fit
from lib.shipped.catalogue import EDITOR_DEPTH, ENTRIES
from lib.store import Dataset
from lib.store.augmentation import Augmentation

PEOPLE, CAPTURES = 3000, 3

FOUND = Augmentation(
    mirror=True, shift=0.08, scale=0.2, rotation=10.0, brightness=0.35, colour=0.2, gamma=0.4
)
"""What finders see: where a mask covers nose and mouth, a face is aligned only roughly."""

PAINTED = dataclasses.replace(FOUND, shift=0.05, scale=0.12, rotation=6.0)

BARE = 4
"""One in so many pictures of a finder's batch wears no mask, and has an empty map."""

FINDER_RATE = 1e-3
"""Four times as much, over thousands of steps, lets activations grow beyond float16."""

LIMITS = (
    "Trained on rendered adults under drawn masks. Hands, helmets, profiles and faces of "
    "children were never seen. What is painted under a mask is a guess, not the person's face."
)


def rendered_people(place: Place, size: int) -> Dataset:
    """Return rendered people, as a camera sees them."""
    return sources.rendered(
        place.data / f"{size}" / "faces", place.people(PEOPLE), CAPTURES, size, place.seed,
        fields=("photo", "landmarks", "labels"), reshuffle=True, camera=CameraFlaws(),
    )  # fmt: skip


def masked_people(place: Place, size: int) -> Dataset:
    """Return the same people with masks on."""
    faces = rendered_people(place, size)
    return sources.masked(place.data / f"{size}" / "masked", faces, place.seed)


def with_bare_ones(arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Make a batch for a finder in which every `BARE`th picture wears no mask.

    Args:
        arrays: photo, masked and mask, as `lib.gans.repainting.arrange` takes them.

    Returns:
        Pictures (N, S, S, 3), and maps (N, S, S, 1).
    """
    pictures, maps = arrays["masked"].copy(), arrays["mask"][..., None].copy()
    pictures[::BARE], maps[::BARE] = arrays["photo"][::BARE], 0
    return pictures, maps


def _about(people: Dataset) -> str:
    number, pictures = len(people.identities), len(people)
    return f"{pictures:,} rendered pictures of {number:,} people, with drawn masks"


def train_finder(place: Place) -> tuple[keras.Model, training.Run, str]:
    """Train the map module of system S3."""
    entry = ENTRIES["mask_finder"]
    people = masked_people(place, entry.size).split("train")
    plan = place.plan(entry.size, entry.width, 16, 7000)
    keras.utils.set_random_seed(place.seed)
    network = build_segmentation_unet(entry.size, entry.width, dropout=0.0)
    network.compile(
        keras.optimizers.Adam(rise_and_fall(FINDER_RATE, plan.steps, WARM_UP)), loss=mask_maps.loss
    )
    batches = people.batches(
        plan.batch_size, fields=repainting.FIELDS, augment=FOUND, seed=place.seed,
        arrange=with_bare_ones,
    )  # fmt: skip
    return network, fit(entry.name, network, batches, plan, place), _about(people)


def score_finder(network: keras.Model, place: Place) -> Rows:
    """Return how well masks are found on test people, and what of bare faces is taken for one."""
    test = masked_people(place, ENTRIES["mask_finder"].size).split("test")
    arrays = test.read(range(len(test)), ["photo", "masked", "mask"])
    rows = {}
    for how, mirrored in unmasking.LOOKS.items():
        maps = mask_maps.find(network, arrays["masked"], mirrored=mirrored)
        overlap = metrics.intersection_over_union(maps, arrays["mask"])
        bare = mask_maps.find(network, arrays["photo"], mirrored=mirrored)
        rows[f"this{how}"] = {
            "IoU": metrics.mean(overlap),
            "IoU, worst twentieth": float(np.nanquantile(overlap, 0.05)),
            "share of bare pictures": float(bare.mean()),
        }
    everything = np.ones_like(arrays["mask"])
    everything[:, : everything.shape[1] // 2] = 0
    overlap = metrics.intersection_over_union(everything, arrays["mask"])
    return {"the lower half": {"IoU": metrics.mean(overlap)}} | rows


def _train_painter(
    name: str, model: keras.Model, place: Place, plan: profiles.Profile, rate: float
) -> tuple[keras.Model, training.Run, str]:
    people = masked_people(place, plan.size).split("train")
    model.compile(keras.optimizers.Adam(rise_and_fall(rate, plan.steps, WARM_UP), beta_1=0.5))
    batches = people.batches(
        plan.batch_size, fields=repainting.FIELDS, augment=PAINTED, seed=place.seed,
        arrange=repainting.arrange,
    )  # fmt: skip
    return model, fit(name, model, batches, plan, place, AVERAGE), _about(people)


FEATURES = identifying_features

SHARPER = TERM_WEIGHTS | {"reconstruction": 60.0}
"""Longer trainings can do with less of what blurs."""


def train_two_critics(place: Place) -> tuple[keras.Model, training.Run, str]:
    """Train the editor of system S3, with both of its critics and the face network."""
    entry = ENTRIES["unmask_two_critics"]
    plan = place.plan(entry.size, entry.width, 16, 4600)
    keras.utils.set_random_seed(place.seed)
    model = UnmaskTwoCritics(
        entry.size, entry.width, plan.steps, critic_width=16, features=FEATURES,
        perceived=plan.batch_size, joins=JOINS, depth=EDITOR_DEPTH, term_weights=SHARPER,
    )  # fmt: skip
    return _train_painter(entry.name, model, place, plan, 1e-3)


def train_noise(place: Place) -> tuple[keras.Model, training.Run, str]:
    """Train Face-G of system S2."""
    entry = ENTRIES["unmask_noise"]
    keras.utils.set_random_seed(place.seed)
    model = UnmaskNoise(entry.size, entry.width, critic_width=16)
    plan = place.plan(entry.size, entry.width, 16, 2500)
    return _train_painter(entry.name, model, place, plan, 1e-3)


def score_painter(model: keras.Model, place: Place, size: int) -> Rows:
    """Return a painter's scores beside doing nothing, OpenCV's inpainting and the mean face."""
    masked = masked_people(place, size)
    test = masked.split("test")
    table = unmasking.compare({"this": model}, masked.split("train"), test)
    wanted = ["PSNR inside", "SSIM inside", "identity", "KID"]
    return {name: dict(row[wanted]) for name, row in table.iterrows()}


def _sized(name: str) -> functools.partial:
    return functools.partial(score_painter, size=ENTRIES[name].size)


RECIPES = {
    "mask_finder": Recipe(train_finder, score_finder, LIMITS),
    "unmask_two_critics": Recipe(train_two_critics, _sized("unmask_two_critics"), LIMITS),
    "unmask_noise": Recipe(train_noise, _sized("unmask_noise"), LIMITS),
}
"""What makes the models of systems S2 and S3."""
