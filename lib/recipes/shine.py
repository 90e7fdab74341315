"""What takes shine off: the layer that is ours, and Spec-Net (system S1)."""

from __future__ import annotations

import functools

import keras

from lib import training
from lib.benchmarks import shine
from lib.gans import specularity
from lib.gans.learning_rates import CLIP, rise_and_fall
from lib.gans.specularity import MODELS
from lib.prepare import glossy_sets
from lib.prepare.layers import skin_of
from lib.recipes import Place, Recipe, Rows, fit
from lib.shipped.catalogue import ENTRIES
from lib.store import Dataset

PEOPLE, CAPTURES = 300, 4
STEPS, BATCH, RATE = {"shine_layer": 4000, "spec_net": 3000}, 8, 1e-3
"""At three times this rate, and without a limit to its gradients, a loss of 0.002 once rose to 1
after 600 steps and stayed there."""

DESIGNS = {"shine_layer": "Shine layer (ours)", "spec_net": "Spec-Net"}

LIMITS = (
    "Trained on rendered adults, whose highlights are white. It needs to be told where skin is, "
    "takes bright pale skin for shine now and then, and cannot know the colour that a burnt-out "
    "highlight hides."
)


def pairs(place: Place, size: int) -> dict[str, Dataset]:
    """Return rendered pairs at any gloss: those to learn from, and others under other lights."""
    return glossy_sets.prepare(
        place.data / "glossy", place.people(PEOPLE), CAPTURES, size, place.seed
    )


def train(place: Place, name: str) -> tuple[keras.Model, training.Run, str]:
    """Train one of the models of lesson 13 that have pairs.

    Args:
        place: where, and how long.
        name: of the shipped weights.
    """
    entry, design = ENTRIES[name], MODELS[DESIGNS[name]]
    people = pairs(place, entry.size)["train"]
    plan = place.plan(entry.size, entry.width, BATCH, STEPS[name])
    keras.utils.set_random_seed(place.seed)
    model = entry.model()
    schedule = rise_and_fall(RATE, plan.steps, max(30, plan.steps // 15))
    model.compile(keras.optimizers.Adam(schedule, global_clipnorm=CLIP))
    arrange = functools.partial(specularity.arrange, cuts_out=design.cuts_out)
    batches = people.batches(
        plan.batch_size, fields=specularity.FIELDS, augment=shine.PHOTOGRAPHIC, seed=place.seed,
        arrange=arrange,
    )  # fmt: skip
    about = f"{len(people):,} rendered pairs of {len(people.identities):,} people at any gloss"
    return model, fit(name, model, batches, plan, place), about


def score(model: keras.Model, place: Place, name: str) -> Rows:
    """Return the scores of test people beside doing nothing and the classical separations."""
    test = pairs(place, ENTRIES[name].size)["test"]
    arrays = test.read(range(len(test)))
    results = shine.classical(arrays)
    results["this"] = specularity.translate(model, arrays["photo"], skin_of(arrays["labels"]))
    wanted = ("inside", "outside", "overall", "changed outside")
    return {
        row: {column: shine.score(matte, arrays)[column] for column in wanted}
        for row, matte in results.items()
    }


RECIPES = {
    name: Recipe(functools.partial(train, name=name), functools.partial(score, name=name), LIMITS)
    for name in DESIGNS
}
"""What makes the models of system S1."""
