"""How well renders become photos: realism, control, identity, and what each game is worth.

    [FACE_LAB_REAL=...] python -m lib.benchmarks.render_to_photo [--designs ...] [--times 1]
                        [--pairs 0.05 0.25] [--seeds 0]

It renders people and photographs others, trains each design of system S5 as lesson 15 does and
scores it on people never trained on. ``--recognition`` adds what the generated photos are worth to
a small recogniser, ``--real`` takes the photographs of FACE_LAB_REAL as the photo domain.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
from pathlib import Path

import keras
import numpy as np
import pandas

from lib import images, profiles, training
from lib.benchmarks import recognition
from lib.benchmarks.photo_judge import Judge, sweep
from lib.gans import render_to_photo
from lib.gans.render_to_photo import DESIGNS, RenderToPhoto, plans
from lib.prepare import sources, translation_sets
from lib.store import Dataset

SEED = 31


def fit(
    design: render_to_photo.Design,
    sets: dict[str, Dataset],
    plan: profiles.Profile,
    seed: int,
    share: float = translation_sets.PAIRS,
    softness: float = 0.0,
) -> tuple[RenderToPhoto, training.Run]:
    """Train a model on the training splits; return it with its averaged weights, and the run."""
    keras.utils.set_random_seed(seed)
    known = {name: faces.split("train") for name, faces in sets.items()}
    pairs = translation_sets.paired(known.get("pairs", known["photos"]), share)
    model = plans.new_model(design, plan, len(known["renders"].identities), softness=softness)
    batches = plans.stream(known["renders"], known["photos"], pairs, design, plan, seed)
    with tempfile.TemporaryDirectory() as runs:
        run = training.train(
            model, batches, plan, "render_to_photo", runs=runs, live=False, max_minutes=math.inf,
            moving_average=plans.AVERAGE[plan.name],
        )  # fmt: skip
        training.load(model, run.folder / "average.weights.h5")
    return model, run


def colours_matched(sets: dict[str, Dataset], renders: np.ndarray) -> np.ndarray:
    """Return renders in the photos' colours: the classical answer.

    Mean and spread of each channel of the faces are made those of the photos' middles (Reinhard et
    al. 2001, section 3, in RGB); the ground takes the photos' mean colour.
    """
    bare = sets["renders"].split("train")
    known = bare.read(range(min(200, len(bare))), ["render"])["render"]
    photos = sets["photos"].split("train")
    shown = photos.read(range(min(200, len(photos))), ["photo"])["photo"].astype(np.float32)
    side = shown.shape[1]
    middle = shown[:, side * 3 // 8 : side * 3 // 4, side // 3 : side * 2 // 3].reshape(-1, 3)
    own = known[known.any(axis=-1)].astype(np.float32)
    spread = middle.std(axis=0) / own.std(axis=0)
    matched = (renders - own.mean(axis=0)) * spread + middle.mean(axis=0)
    matched = np.where(renders.any(axis=-1, keepdims=True), matched, shown.mean(axis=(0, 1, 2)))
    return matched.clip(0, 255).astype(np.uint8)


def real_photos(folder: str, path: Path, size: int) -> Dataset:
    """Return photographs framed as renders are, from the folder of real material."""
    return sources.photos(
        path,
        Path(folder) / "celeba_half" / "img_align_celeba",
        size,
        convention="portrait",
        max_rejected=0.9,
    )


def _k(run: training.Run) -> dict[str, float]:
    """Return where the balances ended, and how far the measures of convergence fell."""
    first, last = run.history.iloc[0], run.history.iloc[-1]
    row = {}
    for game in ("photo", "render", "pair"):
        if last[f"{game}_convergence"] > 0:
            row[f"k {game}"] = last[f"{game}_k"]
            row[f"M {game}"] = last[f"{game}_convergence"] / first[f"{game}_convergence"]
    return row


def _generated(model: RenderToPhoto, renders: Dataset) -> recognition.Faces:
    """Return generated photos with names."""
    arrays = renders.read(range(len(renders)), ["render"])["render"]
    names = renders.samples["identity"].to_numpy()
    return recognition.Faces(render_to_photo.translate(model, arrays), names)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--designs", nargs="+", default=[*DESIGNS], choices=[*DESIGNS])
    parser.add_argument("--times", type=float, default=1.0, help="the laptop profile's steps")
    parser.add_argument("--pairs", type=float, nargs="+", default=[translation_sets.PAIRS])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--split", default="test", choices=["validation", "test"])
    parser.add_argument("--recognition", action="store_true", help="train recognisers, too")
    parser.add_argument("--real", action="store_true", help="photographs of FACE_LAB_REAL")
    parser.add_argument("--folder", type=Path, help="keeps the datasets there")
    parser.add_argument("--sheet", type=Path, help="writes the test people's pictures there")
    options = parser.parse_args()
    plan = profiles.choose("laptop", plans.PLANS)
    plan = profiles.change(plan, steps=max(2, round(plan.steps * options.times)))
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        number = plan.identities, plan.identities, plan.captures, plan.size
        sets, softness = translation_sets.prepare(folder, *number, SEED, progress=False), 0.0
        if options.real:
            # the renders of photographs are not known: pairs stay the rendered ones
            sets["pairs"] = sets["photos"]
            sets["photos"] = real_photos(os.environ["FACE_LAB_REAL"], folder / "real", plan.size)
            softness = plans.softness_of(
                *(sets[name].split("train") for name in ("renders", "photos"))
            )
            print(f"photographs are softer than renders by a blur of {softness:.2f} px")
        measure(sets, plan, options, softness)


def measure(
    sets: dict[str, Dataset],
    plan: profiles.Profile,
    options: argparse.Namespace,
    softness: float = 0.0,
) -> None:
    """Train and score what is asked for, and print it."""
    people = sets["renders"].split(options.split)
    judge = Judge.of(people, sets["photos"].split("train"))
    own = people.read(range(len(people)), ["photo"])["photo"]
    rows = {
        "their own photos": judge.score(own),
        "do nothing: renders": judge.score(judge.renders),
        "colours matched": judge.score(colours_matched(sets, judge.renders)),
    }
    numbers = [int(name.rsplit("-", 1)[1]) for name in people.identities[:6]]
    shown = [judge.renders]
    for name in options.designs:
        for share in options.pairs:
            for seed in options.seeds:
                model, run = fit(DESIGNS[name], sets, plan, seed, share, softness)
                made = render_to_photo.translate(model, judge.renders)
                label = f"{name}, {share:.0%} pairs, seed {seed}"
                rows[label] = judge.score(made) | sweep(model, SEED, numbers, plan.size)
                rows[label] |= _k(run) | {"seconds": run.seconds}
                print(f"{label}: KID {rows[label]['KID']:.3f}", flush=True)
                shown.append(made)
                if options.recognition:
                    generated = _generated(model, sets["renders"].split("train"))
                    recognition.measure(sets, recognition.FEW, (0, 1, 2), {label: generated})
    print(f"\n{options.split} people, {len(people)} pictures, {plan.size} px")
    print(pandas.DataFrame(rows).T.round(3).to_string())
    if options.sheet:
        chosen = [one[:: max(1, len(one) // 12)][:12] for one in [*shown, own]]
        images.write(options.sheet, images.grid(list(np.concatenate(chosen)), columns=12))


if __name__ == "__main__":
    main()
