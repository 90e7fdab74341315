"""How fast and how well the classical methods take shine off rendered faces, on skin.

``python -m lib.benchmarks.separations`` looks at skin only, as the lessons do; ``--everywhere``
shows what becomes of a picture when no one says where its skin is.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping

import cv2
import numpy as np
import pandas

from lib import baselines, labels, metrics
from lib.prepare import specular
from lib.scene.render import render
from lib.scene.sampling import sample

SEED, PEOPLE, SIZE = 20261125, 200, 128
"""Of the faces: people on whom no constant of a method was chosen (that was seed 1)."""

Faces = Mapping[str, np.ndarray]


def rendered(seed: int = SEED, people: int = PEOPLE, size: int = SIZE) -> dict[str, np.ndarray]:
    """Return faces and what is true of them.

    Args:
        seed: of the people; each is shown once.
        people: how many.
        size: pixels.

    Returns:
        photo, diffuse: uint8 (N, size, size, 3); skin, mask: uint8 {0, 1} (N, size, size), where
            skin or nose are, and where these shine.
    """
    shown = [render(sample(seed, person, 0), size) for person in range(people)]
    fields = {name: np.stack([one[name] for one in shown]) for name in ("photo", "diffuse")}
    of_skin = [labels.CLASSES.index(name) for name in ("skin", "nose")]
    skin = np.stack([np.isin(one["labels"], of_skin) for one in shown]).astype(np.uint8)
    return fields | {"skin": skin, "mask": skin & np.stack([one["specular_mask"] for one in shown])}


def separate(method: str, faces: Faces, everywhere: bool) -> tuple[np.ndarray, np.ndarray, float]:
    """Separate every picture on one core.

    Args:
        method: one of `lib.prepare.specular.METHODS`, or "" for doing nothing.
        faces: as `rendered` returns them.
        everywhere: look at whole pictures, not at skin only.

    Returns:
        Diffuse layers uint8 (N, H, W, 3), masks on skin uint8 {0, 1} (N, H, W), and the pictures a
        second of processor time; NaN where nothing is done.
    """
    photos, skin = faces["photo"], faces["skin"]
    if not method:
        return photos, np.zeros_like(skin), float("nan")
    regions = [None] * len(photos) if everywhere else list(skin)
    specular.estimate(photos[0], method, regions[0])  # what is compiled at the first call
    start = time.process_time()
    found = [
        specular.estimate(photo, method, one) for photo, one in zip(photos, regions, strict=True)
    ]
    seconds = max(time.process_time() - start, 1e-6)
    diffuse, _, masks = map(np.stack, zip(*found, strict=True))
    return diffuse, masks & skin, len(photos) / seconds


def score(diffuse: np.ndarray, masks: np.ndarray, faces: Faces) -> dict[str, float]:
    """Score layers and masks: means over the faces, but precision and recall over all pixels.

    Args:
        diffuse: uint8 (N, H, W, 3).
        masks: uint8 {0, 1} (N, H, W).
        faces: as `rendered` returns them.
    """
    truth, skin, exact = faces["diffuse"], faces["skin"], faces["mask"]
    hit = int((masks & exact).sum())
    regions = {"inside": exact, "outside": skin & (1 - exact), "overall": None}
    return {
        "IoU": metrics.mean(metrics.intersection_over_union(masks, exact)),
        "precision": hit / masks.sum() if masks.any() else float("nan"),
        "recall": hit / max(int(exact.sum()), 1),
        **{
            f"PSNR {name}": metrics.mean(metrics.psnr(diffuse, truth, region))
            for name, region in regions.items()
        },
        "LMSE": metrics.mean(metrics.lmse(diffuse, truth, skin)),
        "Delta E": metrics.mean(metrics.skin_tone_shift(diffuse, truth, skin)),
    }


def measure(faces: Faces, everywhere: bool = False) -> list[dict[str, object]]:
    """Return one row a method: pictures a second, the mask's scores, those of the diffuse layer.

    Args:
        faces: as `rendered` returns them.
        everywhere: look at whole pictures, not at skin only.
    """
    rows = []
    for name, remover in baselines.SEPARATIONS.items():
        diffuse, masks, speed = separate(remover.method, faces, everywhere)
        rows.append({"method": name, "pictures/s": speed, **score(diffuse, masks, faces)})
    return rows


def main(arguments: list[str] | None = None) -> None:
    """Print the table: inside is the exact mask, outside the rest of the skin, overall all."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--everywhere", action="store_true")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    faces = rendered(options.seed, options.people)
    table = pandas.DataFrame(measure(faces, options.everywhere)).set_index("method")
    places = {"pictures/s": 0, "LMSE": 4} | {name: 2 for name in table if "PSNR" in name}
    print(table.round({name: places.get(name, 3) for name in table}).to_string())


if __name__ == "__main__":
    main()
