"""The parser of faces, and what paints faces from their parts (system S4)."""

from __future__ import annotations

import keras
import numpy as np

from lib import metrics, profiles, training
from lib.benchmarks import map_to_face as judging
from lib.benchmarks import parsing
from lib.gans import map_to_face, part_maps
from lib.gans.learning_rates import rise_and_fall
from lib.gans.map_to_face import plans
from lib.labels import CLASSES
from lib.models.parsing import build_parsing_network
from lib.recipes import AVERAGE, WARM_UP, Place, Recipe, Rows, fit
from lib.recipes.masks import rendered_people
from lib.shipped.catalogue import ENTRIES
from lib.store import Dataset
from lib.store.augmentation import Augmentation

PARSED = Augmentation(mirror=True, scale=0.1, brightness=0.3, colour=0.15, gamma=0.3)

PARSER_LIMITS = (
    "Trained on rendered adults. Earrings, necklaces and sunglasses are hardly ever found."
)
PAINTER_LIMITS = (
    "Trained on rendered adults. Parts that the giver of the colours lacks come out black, and a "
    "face on another person's map resembles that person."
)
PEOPLE, CAPTURES, RATE = 1200, 4, 1e-3
DESIGN = "modulated (ours)"


def train_parser(place: Place) -> tuple[keras.Model, training.Run, str]:
    """Train the parser of lesson 04 on larger pictures, a camera's flaws included."""
    entry = ENTRIES["parser"]
    people = rendered_people(place, entry.size).split("train")
    plan = place.plan(entry.size, entry.width, 16, 2750)
    keras.utils.set_random_seed(place.seed)
    network = build_parsing_network(entry.size, entry.width)
    rate = rise_and_fall(1e-2, plan.steps, part_maps.WARM_UP, first=0.0)
    network.compile(keras.optimizers.Adam(rate), loss=part_maps.loss)
    batches = people.batches(
        plan.batch_size, fields=part_maps.FIELDS, augment=PARSED, seed=place.seed,
        arrange=part_maps.arrange,
    )  # fmt: skip
    run = fit(entry.name, network, batches, plan, place, part_maps.AVERAGE)
    return network, run, f"{len(people):,} rendered pictures of {len(people.identities):,} people"


def score_parser(network: keras.Model, place: Place) -> Rows:
    """Return the mean IoU of classes and groups on test people; no classical way parses faces."""
    test = rendered_people(place, ENTRIES["parser"].size).split("test")
    faces = test.read(range(min(300, len(test))), ["photo", "labels"])
    table = parsing.table(parsing.score(network, faces))
    return {
        f"this, {way}": {
            "19 classes, mIoU": float(table.loc["mean of classes", way]),
            "8 groups, mIoU": float(table.loc["mean of groups", way]),
        }
        for way in table
    }


def _semantic_people(place: Place, size: int) -> Dataset:
    plan = profiles.change(
        profiles.PROFILES["laptop"], size=size, identities=place.people(PEOPLE), captures=CAPTURES
    )
    return judging.prepare(place.data / "semantic", plan, place.seed)


def train_map_to_face(place: Place) -> tuple[keras.Model, training.Run, str]:
    """Train our painter of faces from parts."""
    entry = ENTRIES["map_to_face"]
    people = _semantic_people(place, entry.size).split("train")
    plan = place.plan(entry.size, entry.width, 16, 9500)
    keras.utils.set_random_seed(place.seed)
    model = plans.new_model(DESIGN, plan, rise_and_fall(RATE, plan.steps, WARM_UP))
    batches = plans.stream(people, DESIGN, plan, place.seed)
    run = fit(entry.name, model, batches, plan, place, AVERAGE)
    return model, run, f"{len(people):,} rendered pictures of {len(people.identities):,} people"


def score_map_to_face(model: keras.Model, place: Place) -> Rows:
    """Return how near painted faces come to the true ones, inside the face."""
    people = _semantic_people(place, ENTRIES["map_to_face"].size)
    known, tested = (people.split(name) for name in ("train", "test"))
    arrays, others = (part.read(range(len(part))) for part in (tested, known))
    account = map_to_face.account_of(arrays, model.design.account)
    results = {
        "do nothing: flat colours": account.painted(),
        "most alike of the known": judging.most_alike(arrays["parts"], others),
        "this": map_to_face.paint(model, account),
        "this, mirrored": map_to_face.paint(model, account, mirrored=True),
    }
    inside = np.isin(arrays["labels"], [CLASSES.index(name) for name in judging.INSIDE])
    return {
        name: {
            "L1 inside": metrics.mean(metrics.l1(pictures, arrays["photo"], inside)),
            "SSIM inside": metrics.mean(metrics.ssim(pictures, arrays["photo"], inside)),
        }
        for name, pictures in results.items()
    }


RECIPES = {
    "parser": Recipe(train_parser, score_parser, PARSER_LIMITS),
    "map_to_face": Recipe(train_map_to_face, score_map_to_face, PAINTER_LIMITS),
}
"""What makes the models of system S4."""
