"""What turns renders into photos (system S5)."""

from __future__ import annotations

import keras

from lib import training
from lib.benchmarks import render_to_photo as judging
from lib.benchmarks.photo_judge import Judge
from lib.gans import render_to_photo
from lib.gans.learning_rates import rise_and_fall
from lib.gans.render_to_photo import plans
from lib.prepare import translation_sets
from lib.recipes import AVERAGE, WARM_UP, Place, Recipe, Rows, fit
from lib.shipped.catalogue import ENTRIES
from lib.store import Dataset

PEOPLE, CAPTURES, PAIRS, RATE = 700, 5, 0.25, 1e-3

LIMITS = (
    "Trained on our own renders and rendered photos, a quarter of these paired: photographs of "
    "people look otherwise. Everybody gets dark hair, for a bare render does not say which."
)


def sets_of(place: Place, size: int) -> dict[str, Dataset]:
    """Return renders with names, and photos of others."""
    number = place.people(PEOPLE)
    return translation_sets.prepare(
        place.data / "translation", number, number, CAPTURES, size, judging.SEED
    )


def train(place: Place) -> tuple[keras.Model, training.Run, str]:
    """Train our translator."""
    entry = ENTRIES["render_to_photo"]
    sets = {name: faces.split("train") for name, faces in sets_of(place, entry.size).items()}
    plan = place.plan(entry.size, entry.width, 16, 3500)
    keras.utils.set_random_seed(place.seed)
    rate = rise_and_fall(RATE, plan.steps, WARM_UP, last=0.05)
    model = plans.new_model("ours", plan, len(sets["renders"].identities), rate)
    pairs = translation_sets.paired(sets["photos"], PAIRS)
    batches = plans.stream(sets["renders"], sets["photos"], pairs, "ours", plan, place.seed)
    run = fit(entry.name, model, batches, plan, place, AVERAGE)
    about = (
        f"{len(sets['renders']):,} renders of people of seed {judging.SEED}, "
        f"{len(sets['photos']):,} photos of others of seed {judging.SEED + 1}, "
        f"{PAIRS:.0%} of them with their renders"
    )
    return model, run, about


def score(model: keras.Model, place: Place) -> Rows:
    """Return the kernel distance to the photos, and what dlib finds, for test people."""
    sets = sets_of(place, ENTRIES["render_to_photo"].size)
    people = sets["renders"].split("test")
    judge = Judge.of(people, sets["photos"].split("train"))
    renders = people.read(range(len(people)), ["render"])["render"]
    results = {
        "do nothing": renders,
        "colours matched": judging.colours_matched(sets, renders),
        "this": render_to_photo.translate(model, renders),
    }
    return {name: judge.score(pictures) for name, pictures in results.items()}


RECIPES = {"render_to_photo": Recipe(train, score, LIMITS)}
"""What makes the model of system S5."""
