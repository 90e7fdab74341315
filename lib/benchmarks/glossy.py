"""How fast rendered faces become pairs at other gloss levels, and how exact these are.

    python -m lib.benchmarks.glossy

The faces are rendered once, into a temporary folder, before the clock runs.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import joblib
import numpy as np
import pandas

from lib.prepare import layers, sources
from lib.scene.pictures import to_srgb
from lib.scene.render import render
from lib.scene.sampling import sample
from lib.store import Dataset

PEOPLE, SIZES, VARIATIONS, GOES = 24, (64, 128), 20, 3
FACTORS = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Of the specular layer, for the exactness."""


def measure_speed(
    faces: Dataset, folder: Path, workers: int, rounds: int = VARIATIONS
) -> dict[str, object]:
    """Time `sources.glossy` alone, files and tables included.

    Args:
        faces: a rendered dataset.
        folder: where the pairs go; it must not be there yet.
        workers: processes.
        rounds: pairs of each face.

    Returns:
        One row: pixels across, processes, faces made, and faces a second of all processes together.
    """
    start = time.perf_counter()
    made = sources.glossy(folder, faces, 0, workers, variations=rounds, progress=False)
    wall = time.perf_counter() - start
    return {
        "pixels": made.fields["photo"].shape[0],
        "processes": workers,
        "faces": len(made),
        "faces/s": round(len(made) / wall),
    }


def measure_rounding(factor: float, people: int = 8, size: int = 128) -> dict[str, object]:
    """Compare photos from 8-bit layers with those from the renderer's own numbers.

    Args:
        factor: on the specular layer.
        people: pictures, one of each.
        size: width and height, pixels.

    Returns:
        One row: the largest difference and the share of values more than one level off, where no
        layer was clipped, and the share of pixels where the specular layer was.
    """
    gaps, clipped = [], []
    for person in range(people):
        shown = render(sample(3, person, 0, more_lights=3), size)
        exact = to_srgb(shown["diffuse_linear"] + np.float32(factor) * shown["specular_linear"])
        made = layers.compose(shown["diffuse"], shown["specular"], factor)["photo"]
        clipped.append((shown["specular"] == 255).any(axis=2))
        gaps.append(np.abs(made.astype(int) - exact)[~clipped[-1]].ravel())
    gap = np.concatenate(gaps)
    return {
        "factor": factor,
        "worst": int(gap.max()),
        "over a level": round(float((gap > 1).mean()), 4),
        "clipped": round(float(np.mean(clipped)), 5),
    }


def main() -> None:
    """Print the tables."""
    workers, rows = joblib.cpu_count(), []
    with tempfile.TemporaryDirectory() as place:
        for size in SIZES:
            path = Path(place, f"faces{size}")
            faces = sources.rendered(path, PEOPLE, 1, size, workers=1, progress=False)
            for number in dict.fromkeys((1, workers)):
                # The first go starts processes and loads compiled code; the better one counts.
                folders = [Path(place, f"{size}-{number}-{go}") for go in range(GOES)]
                goes = [measure_speed(faces, folder, number) for folder in folders]
                rows.append(max(goes, key=lambda row: row["faces/s"]))
    print(pandas.DataFrame(rows).to_string(index=False))
    print("\nLevels of 255 by which a photo from 8-bit layers is off")
    print(pandas.DataFrame(map(measure_rounding, FACTORS)).to_string(index=False))


if __name__ == "__main__":
    main()
