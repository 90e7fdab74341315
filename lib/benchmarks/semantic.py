"""How fast CelebAMask-HQ becomes a prepared dataset, and where the time goes.

    [FACE_LAB_REAL=...] python -m lib.benchmarks.semantic [--faces 400] [--workers 2]

The tree is made of rendered faces, in a temporary folder: photos of 1024 pixels as JPEG, part masks
of 512 as RGB PNG, enlarged from smaller renderings with their own noise. With FACE_LAB_REAL the
samples of the real set (``celebamask_hq_samples``) are checked, too: the label maps painted from
their part masks against those given.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import joblib
import numpy as np
import pandas
import psutil

from lib import images
from lib.labels import CLASSES
from lib.prepare import celebamask, celebamask_files, plain_png, semantic, sources
from lib.prepare.part_pictures import read_label_map, read_mask, read_photo
from lib.scene.render import render
from lib.scene.sampling import sample

PHOTO, MASK, SIZE = 1024, 512, 256
"""Pixels across: of the photos, of the masks, and of what is made of them."""

PEOPLE, RENDERED = 24, 256
"""How many different faces there are, and at how many pixels they are rendered."""

REAL = "celebamask_hq_samples"


def write_face(folder: Path, number: int, photo: np.ndarray, labels: np.ndarray) -> int:
    """Write a face into a tree as the authors have it.

    Args:
        folder: of the tree.
        number: of the face.
        photo: uint8 RGB, square.
        labels: uint8 label map, 0..18, square.

    Returns:
        How many part masks it has.
    """
    noise = np.random.default_rng(number).normal(0, 2, (PHOTO, PHOTO, 3))
    grain = images.resize(photo, PHOTO) + noise
    picture = np.rint(grain.clip(0, 255)).astype(np.uint8)
    images.write(folder / celebamask_files.PHOTOS / f"{number}.jpg", picture, quality=92)
    labels = images.resize(labels, MASK, nearest=True)
    present = [part for part in celebamask_files.PARTS if (labels == CLASSES.index(part)).any()]
    for part in present:
        mask = (labels == CLASSES.index(part)).astype(np.uint8) * np.uint8(255)
        path = folder / celebamask_files.mask_file(number, part)
        images.write(path, np.repeat(mask[..., None], 3, axis=2))
    return len(present)


def write_tree(folder: Path, faces: int) -> float:
    """Write a tree of rendered faces, mirrored in turn.

    Args:
        folder: where to.
        faces: how many.

    Returns:
        Part masks of a face, on average.
    """
    shown = [render(sample(11, person, 0), RENDERED) for person in range(min(PEOPLE, faces))]
    numbers = []
    for number in range(faces):
        face = shown[number % len(shown)]
        step = -1 if number // len(shown) % 2 else 1
        numbers.append(
            write_face(folder, number, face["photo"][:, ::step], face["labels"][:, ::step])
        )
    lines = [f"{number} {number} {number + 1:06d}.jpg" for number in range(faces)]
    (folder / celebamask_files.MAPPING).write_text("\n".join(["idx orig_idx orig_file", *lines]))
    return float(np.mean(numbers))


def measure_speed(tree: Path, folder: Path, workers: int) -> dict[str, object]:
    """Time `sources.celebamask_hq` alone, files and tables included.

    Args:
        tree: of faces.
        folder: where the dataset goes; it must not be there yet.
        workers: processes.

    Returns:
        One row: processes, faces made, faces a second of all processes together, the processor's
        time for a face, which other work on the machine changes less, and how much of that there
        was: the load average of the last minute.
    """
    busy, start = _processor_seconds(), time.perf_counter()
    made = sources.celebamask_hq(folder, tree, SIZE, workers, progress=False)
    wall, busy = time.perf_counter() - start, _processor_seconds() - busy
    return {
        "processes": workers,
        "faces": len(made),
        "faces/s": round(len(made) / wall, 1),
        "processor ms a face": round(1000 * busy / len(made), 1),
        "load average": round(os.getloadavg()[0], 1),
    }


def _processor_seconds() -> float:
    """Return the processor's time that this process and its workers have taken, seconds."""
    process = psutil.Process()
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def measure_steps(tree: Path, number: int = 0, rounds: int = 10) -> list[dict[str, object]]:
    """Time the steps that a face goes through, in this process alone.

    Args:
        tree: of faces.
        number: of the face.
        rounds: how often; the fastest counts.

    Returns:
        A row for each step: its name, and milliseconds of the processor's time.
    """
    files = celebamask_files.read_tree(tree).masks(number)
    data = [(tree / file).read_bytes() for file in files.values()]
    arrays = [np.frombuffer(one, np.uint8) for one in data]
    photo = f"{celebamask_files.PHOTOS}/{number}.jpg"
    masks = {part: read_mask(tree, file) for part, file in files.items()}
    labels, planes, _ = celebamask.paint(masks)
    picture = read_photo(tree, photo, SIZE)
    parts = semantic.shrink_parts(planes, SIZE)
    steps: dict[str, Callable[[], object]] = {
        "masks decoded by OpenCV, for comparison": lambda: [cv2.imdecode(a, 0) for a in arrays],
        "masks decoded": lambda: [plain_png.decode(one) for one in data],
        "masks painted": lambda: celebamask.paint(masks),
        "photo read": lambda: read_photo(tree, photo, SIZE),
        "parts made small": lambda: semantic.shrink_parts(planes, SIZE),
        "labels made small, colours": lambda: semantic.arrange(picture, labels, parts),
    }
    return [{"step": name, "ms": _fastest(step, rounds)} for name, step in steps.items()]


def _fastest(step: Callable[[], object], rounds: int) -> float:
    """Return the least time of the processor that a step takes, ms."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        step()
        times.append(time.process_time() - start)
    return round(1000 * min(times), 2)


def compare_real(folder: Path) -> list[dict[str, object]]:
    """Paint label maps from real part masks, and compare them with those given.

    Args:
        folder: holds ``derived_dataset_layout``, and ``labels`` with their photos in ``images``.

    Returns:
        A row for each face of the tree: its number, how many part masks it has, the share of pixels
        with several parts, the given map of the same photo, and how many pixels differ; neither
        where no map is given.
    """
    tree = celebamask_files.read_tree(folder / "derived_dataset_layout")
    given = {
        (folder / "images" / f"{path.stem}.jpg").read_bytes(): path.name
        for path in sorted((folder / "labels").glob("*.png"))
    }
    rows = []
    for place, number in enumerate(tree.numbers):
        masks = celebamask.read_masks(tree.folder, tree.masks(place))
        labels, _, overlap = celebamask.paint(masks)
        name = given.get((tree.folder / str(tree.photos[place])).read_bytes())
        other = read_label_map(folder / "labels", name) if name else None
        differing = "" if other is None else int((labels != other).sum())
        row = {"face": int(number), "parts": len(masks), "several parts": round(overlap, 3)}
        rows.append(row | {"given map": name or "none", "pixels that differ": differing})
    return rows


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, default=400)
    parser.add_argument("--workers", type=int, default=joblib.cpu_count())
    asked = parser.parse_args()
    plain_png.compile_reader()
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place, celebamask_files.NAME)
        masks = write_tree(tree, asked.faces)
        print(f"{asked.faces} faces of {masks:.1f} part masks, {PHOTO} and {MASK} to {SIZE} px")
        # The first go starts processes and loads compiled code.
        goes = [measure_speed(tree, Path(place, f"{go}"), asked.workers) for go in range(3)]
        print(pandas.DataFrame(goes).to_string(index=False))
        print(pandas.DataFrame(measure_steps(tree)).to_string(index=False))
    real = Path(os.environ.get("FACE_LAB_REAL", ""), REAL)
    if "FACE_LAB_REAL" in os.environ and real.is_dir():
        print(pandas.DataFrame(compare_real(real)).to_string(index=False))


if __name__ == "__main__":
    main()
