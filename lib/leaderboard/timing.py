"""What a result costs: seconds a picture, and the numbers that a model consists of."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas

from lib import baselines, shipped
from lib.gans import map_to_face, mask_maps, part_maps, render_to_photo, repainting, specularity
from lib.leaderboard.held_out import HeldOut

Job = Callable[[np.ndarray], object]

BATCHES = (1, 32)
REPEATS = 2


def seconds_each(job: Job, batch: int, number: int, repeats: int = REPEATS) -> float:
    """Return the seconds a picture of a job, warm: the best of some calls.

    Args:
        job: called with the places of pictures, int (batch,).
        batch: pictures at a time.
        number: of pictures there are; a larger batch takes them again from the first.
        repeats: calls; the first is seldom the best, and whatever else a machine does only adds.
    """
    rows, spent = np.arange(batch) % number, []
    for _ in range(repeats):
        began = time.perf_counter()
        job(rows)
        spent.append(time.perf_counter() - began)
    return min(spent) / batch


def table(
    jobs: Mapping[str, Job], number: int, batches: Sequence[int] = BATCHES
) -> pandas.DataFrame:
    """Return a row a way: side of its pictures, millions of weights, milliseconds a picture.

    Args:
        jobs: by name; names of shipped weights have a size and weights.
        number: of pictures there are.
        batches: pictures at a time, a column each.
    """
    rows = {}
    for name, job in jobs.items():
        card = shipped.card(name) if name in shipped.ENTRIES else {}
        rows[name] = {
            "pixels": card.get("size", shipped.ENTRIES["mask_finder"].size),
            "weights, M": card.get("weights", 0) / 1e6,
        } | {f"ms, batch {batch}": 1000 * seconds_each(job, batch, number) for batch in batches}
    return pandas.DataFrame(rows).T.astype({"pixels": int})


def jobs(held: HeldOut) -> dict[str, Job]:
    """Return what each shipped model does with pictures at its size, and two classical ways.

    Networks are called in batches of as many as a job is asked for, so that single pictures go
    through them as a photo's faces do, see `lib.inference`.

    Args:
        held: pictures of the largest size.
    """
    small, skin = held.at(shipped.ENTRIES["map_to_face"].size), held.skin
    model = shipped.load("map_to_face")
    arrays = {"photo": small.photo, "labels": small.labels}
    arrays["identity"] = np.zeros((len(held), 128), np.float32)
    account = map_to_face.account_of(arrays, model.design.account)

    def _repaint(name: str) -> Job:
        seen = held.at(shipped.ENTRIES[name].size)
        painter = shipped.load(name)
        return lambda rows: repainting.repaint(
            painter, seen.masked[rows], seen.mask[rows], len(rows)
        )

    def _shine(name: str) -> Job:
        remover = shipped.load(name)
        return lambda rows: specularity.translate(
            remover, held.photo[rows], skin[rows], batch_size=len(rows)
        )

    finder, parser, translator = map(shipped.load, ("mask_finder", "parser", "render_to_photo"))
    yang = baselines.SEPARATIONS["Yang et al."]
    return {
        "Telea": lambda rows: baselines.telea(held.masked[rows], held.mask[rows]),
        "Yang et al.": lambda rows: yang(held.photo[rows], skin[rows]),
        "mask_finder": lambda rows: mask_maps.find(finder, held.masked[rows], batch_size=len(rows)),
        "unmask_two_critics": _repaint("unmask_two_critics"),
        "unmask_noise": _repaint("unmask_noise"),
        "shine_layer": _shine("shine_layer"),
        "spec_net": _shine("spec_net"),
        "parser": lambda rows: part_maps.parse(parser, held.photo[rows], len(rows)),
        "map_to_face": lambda rows: map_to_face.paint(model, account.of(rows)),
        "render_to_photo": lambda rows: render_to_photo.translate(
            translator, small.render[rows], batch_size=len(rows)
        ),
    }
