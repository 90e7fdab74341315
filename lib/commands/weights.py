"""`make weights`: train the models that come with the lab, and write them with their cards.

With KERAS_BACKEND=jax on a GPU it takes about half an hour, on two CPU cores most of a day. It goes
on where it was stopped, and writes a file of float16 weights, a card in JSON, and README.md, which
shows all cards, into data/weights/.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import keras

from lib import env, shipped
from lib.files import replacing
from lib.recipes import Place, Recipe, Rows, recipes
from lib.shipped import files

LICENCE = "CC BY 4.0; made by this lab from people it rendered, nobody's photograph among them"


def about(recipe: Recipe, run: Any, data: str, rows: Rows, place: Place) -> dict[str, Any]:
    """Return what a card says beside sizes and digests."""
    return {
        "data": data,
        "seed": place.seed,
        "before": recipe.before,
        "steps": run.steps,
        "seconds": round(run.seconds),
        "device": device(),
        "scores": {row: {k: round(float(v), 4) for k, v in of.items()} for row, of in rows.items()},
        "limits": recipe.limits,
        "licence": LICENCE,
        "created": datetime.date.today().isoformat(),
        "versions": {name: importlib.metadata.version(name) for name in ("keras", "numpy")},
    }


def device() -> str:
    """Return what trains here, in words."""
    if env.has_gpu():
        asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        names = subprocess.run(asked, capture_output=True, text=True).stdout.splitlines()
        return f"one {names[0].strip() if names else 'NVIDIA GPU'}"
    return f"CPU, {platform.machine()}, {os.cpu_count()} cores"


def make(name: str, recipe: Recipe, place: Place) -> Rows:
    """Train one model, write it, and score what was written.

    Returns:
        The table of its card.
    """
    model, run, data = recipe.train(place)
    with tempfile.TemporaryDirectory() as scratch:
        halved(shipped.ENTRIES[name], model, Path(scratch))
        rows = recipe.score(model, place)
    files.save(name, model, about(recipe, run, data, rows, place))
    return rows


def halved(entry: shipped.Entry, model: keras.Model, scratch: Path) -> None:
    """Round a model's weights as the file does, so that the scores are those of what is shipped."""
    from lib import training

    network = entry.network(model)
    path = training.save(network, scratch / "rounded.npz", half=True)
    training.load(network, path)


def cards_page() -> str:
    """Return data/weights/README.md: every card there is."""
    lines = [
        "# The shipped weights",
        "",
        "Trained by `make weights` on rendered people alone, stored as float16, loaded by",
        "`lib.shipped.load(name)`. Scores are of rendered people that were never trained on, after",
        "rounding to float16. **A restored face is a guess, not evidence of identity.**",
    ]
    for name in shipped.NAMES:
        if (files.folder() / f"{name}.json").exists():
            lines += ["", *_section(shipped.card(name))]
    return "\n".join(lines) + "\n"


def _section(card: dict[str, Any]) -> list[str]:
    columns = list(dict.fromkeys(column for row in card["scores"].values() for column in row))
    rows = [
        "| " + " | ".join([name, *(f"{row[c]:.3g}" if c in row else "" for c in columns)]) + " |"
        for name, row in card["scores"].items()
    ]
    before = f"{card['before']}, then " if card.get("before") else ""
    return [
        f"## {card['name']}",
        "",
        f"{card['does'].capitalize()} (system {card['system']}). {card['size']} px, "
        f"{card['weights']:,} weights, {card['bytes'] / 2**20:.2f} MiB.",
        "",
        f"* **Data**: {card['data']}; seed {card['seed']}.",
        f"* **Training**: {before}{card['steps']:,} steps in {card['seconds'] / 60:.0f} min on "
        f"{card['device']}, {card['created']}.",
        f"* **Limits**: {card['limits']}",
        f"* **Licence**: {card['licence']}.",
        "",
        "| | " + " | ".join(columns) + " |",
        "|---|" + "---|" * len(columns),
        *rows,
    ]


def write_page() -> None:
    """Write all cards to data/weights/README.md."""
    with replacing(files.folder() / "README.md") as temporary:
        temporary.write_text(cards_page(), "utf-8")


def main(arguments: list[str]) -> int:
    """Train the models named, or all.

    Args:
        arguments: names, and options.

    Returns:
        The exit status; 2 for a name that there is not.
    """
    parser = argparse.ArgumentParser(prog="make weights", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(shipped.NAMES))
    parser.add_argument("--times", type=float, default=1.0, help="of the recipes' steps")
    parser.add_argument("--seed", type=int, default=24)
    parser.add_argument("--folder", type=Path, help="of datasets and runs; runs/weights by default")
    parser.add_argument("--cards", action="store_true", help="only write README.md anew")
    options = parser.parse_args(arguments)
    try:
        for name in options.names:
            files.entry_of(name)
    except shipped.ShippedError as error:
        print(f"weights: {error}", file=sys.stderr)
        return 2
    place = Place(options.folder or env.runs_folder() / "weights", options.seed, options.times)
    for name, recipe in recipes().items() if not options.cards else ():
        if options.names and name not in options.names:
            continue
        print(f"--- {name}: {shipped.ENTRIES[name].does}", flush=True)
        for row, scores in make(name, recipe, place).items():
            print(f"{row:28}" + "  ".join(f"{k} {v:.3f}" for k, v in scores.items()), flush=True)
    write_page()
    if all((files.folder() / f"{name}.npz").exists() for name in shipped.NAMES):
        from lib.commands import strip

        print(f"drawn: {strip.write().relative_to(env.ROOT)}")
    return 0
