"""How fast faces get their masks, alone and with the search for the face, and how many get one.

    python -m lib.benchmarks.masks

With FACE_LAB_REAL, which names a folder of photographs (`landmarks68/*/*.pts` with a picture of
the same name beside each), it also counts the photographs that get a mask.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import joblib
import numpy as np
import pandas

from lib.benchmarks.detection import faces as photographs
from lib.faces import detect, landmarks
from lib.prepare import masks
from lib.scene.render import render
from lib.scene.sampling import sample

SIZES, PEOPLE = (64, 128, 256), 64
SECONDS = 3.0
"""Of each measurement, about."""

Face = tuple[np.ndarray, np.ndarray]


def _put_on(picture: np.ndarray, points: np.ndarray, seed: int) -> None:
    masks.put_on(picture, points, seed)


def _search(picture: np.ndarray, points: np.ndarray, seed: int) -> None:
    detect.one_face(picture, quick=True)


def _search_wholly(picture: np.ndarray, points: np.ndarray, seed: int) -> None:
    detect.one_face(picture)


def _locate(picture: np.ndarray, points: np.ndarray, seed: int) -> None:
    landmarks.landmarks68(picture, detect.one_face(picture, quick=True))


def _do_all(picture: np.ndarray, points: np.ndarray, seed: int) -> None:
    face = detect.one_face(picture, quick=True)
    masks.put_on(picture, landmarks.landmarks68(picture, face), seed)


STEPS: dict[str, Callable[[np.ndarray, np.ndarray, int], None]] = {
    "mask, landmarks given": _put_on,
    "detection alone": _search,
    "detection, landmarks": _locate,
    "detection, landmarks, mask": _do_all,
    "detection alone, whole search": _search_wholly,
}
"""What is timed, by name; each takes a picture, its true landmarks and a seed."""


def work(step: str, faces: Sequence[Face], rounds: int) -> tuple[float, int]:
    """Do a step with every face, so many times; runs in a process of its own.

    Returns:
        Seconds of processor time, and for how many of the faces there was no result.
    """
    failed, start = 0, time.process_time()
    for seed in range(rounds):
        for picture, points in faces:
            try:
                STEPS[step](picture, points, seed)
            except (detect.NoFaceError, masks.MaskError):
                failed += seed == 0
    return time.process_time() - start, failed


def rendered(size: int, people: int = PEOPLE) -> list[Face]:
    """Return pictures, uint8 (size, size, 3), with their landmarks (68, 2)."""
    shown = (render(sample(11, person, 0), size) for person in range(people))
    return [(one["photo"], one["landmarks"]) for one in shown]


def measure_speed(
    step: str, faces: Sequence[Face], workers: int, seconds: float = SECONDS
) -> dict[str, object]:
    """Time a step in parallel, after each process has done it once.

    Args:
        step: a key of `STEPS`.
        faces: pictures and landmarks.
        workers: processes.
        seconds: about how long.

    Returns:
        One row: faces a second of all processes together, as measured and as the processor time
        promises where nothing else runs; milliseconds of that time a face; and how many of the
        faces there was no result for.
    """
    pool = joblib.Parallel(workers)
    trial = pool(joblib.delayed(work)(step, faces, 1) for _ in range(workers))
    rounds = max(1, round(seconds / max(trial[0][0], 1e-3)))
    start = time.perf_counter()
    done = pool(joblib.delayed(work)(step, faces, rounds) for _ in range(workers))
    wall, total = time.perf_counter() - start, workers * rounds * len(faces)
    each = sum(spent for spent, _ in done) / total
    return {
        "pixels": faces[0][0].shape[0],
        "step": step,
        "faces/s": round(total / wall),
        "of idle cores": round(workers / each),
        "CPU ms a face": round(1000 * each, 2),
        "no result": done[0][1],
    }


def measure_quick_search(faces: Sequence[Face]) -> dict[str, object]:
    """Compare the quick search with the whole one.

    Returns:
        One row: faces, how many each finds, how many only the whole search does, and by how much
        of the eye distance the landmarks lie from the true ones (medians), and from each other.
    """
    found = {True: [], False: []}
    for picture, _ in faces:
        for quick, points in found.items():
            try:
                face = detect.one_face(picture, quick=quick)
                points.append(landmarks.landmarks68(picture, face))
            except detect.NoFaceError:
                points.append(np.full((68, 2), np.nan))
    quick, whole = np.array(found[True]), np.array(found[False])
    true = np.array([points for _, points in faces])
    unit = np.array([landmarks.outer_eye_distance(points) for points in true])

    def _gap(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.nanmedian(np.linalg.norm(a - b, axis=2).mean(axis=1) / unit))

    seen = [~np.isnan(points[:, 0, 0]) for points in (quick, whole)]
    return {
        "faces": len(faces),
        "found": int(seen[0].sum()),
        "by the whole search": int(seen[1].sum()),
        "by it alone": int((seen[1] & ~seen[0]).sum()),
        "error": round(_gap(quick, true), 4),
        "its error": round(_gap(whole, true), 4),
        "apart": round(_gap(quick, whole), 4),
    }


def measure_photographs(faces: Sequence[Face]) -> list[dict[str, object]]:
    """Count the faces that get a mask, with their own landmarks and with those found."""
    rows = []
    for name, step in {"set by hand": _put_on, "found by dlib": _do_all}.items():
        failed = {detect.NoFaceError: 0, masks.MaskError: 0}
        for picture, points in faces:
            try:
                step(picture, points, 0)
            except tuple(failed) as error:
                failed[type(error)] += 1
        masked = len(faces) - sum(failed.values())
        rows.append(
            {
                "landmarks": name,
                "faces": len(faces),
                "masked": masked,
                "share": round(masked / len(faces), 3),
                "not found": failed[detect.NoFaceError],
                "no mask fits": failed[masks.MaskError],
            }
        )
    return rows


def main() -> None:
    """Print the tables."""
    workers = joblib.cpu_count()
    everyone = {size: rendered(size) for size in SIZES}
    rows = [
        measure_speed(step, faces, workers)
        for size, faces in everyone.items()
        for step in (STEPS if size == SIZES[-1] else list(STEPS)[:1])
    ]
    print(f"Rendered faces, {workers} processes")
    print(pandas.DataFrame(rows).to_string(index=False))
    spent = {row["step"]: row["CPU ms a face"] for row in rows if row["pixels"] == SIZES[-1]}
    ratio = spent["detection, landmarks, mask"] / spent["detection alone"]
    print(f"detection, landmarks and mask take {ratio:.1f} x the time of detection alone")
    whole = spent["detection, landmarks, mask"] / spent["detection alone, whole search"]
    print(f"and {whole:.2f} x that of dlib's search at full size, doubled once")
    tables = {"Quick and whole search, rendered faces": [measure_quick_search(everyone[256])]}
    folder = os.environ.get("FACE_LAB_REAL")
    if folder:
        real = list(photographs(Path(folder) / "landmarks68"))
        tables["Quick and whole search, photographs"] = [measure_quick_search(real)]
        tables["Photographs that get a mask"] = measure_photographs(real)
    for title, table in tables.items():
        print(f"\n{title}\n{pandas.DataFrame(table).to_string(index=False)}")
    if not folder:
        print("\nphotographs not measured: FACE_LAB_REAL names no folder of real faces")


if __name__ == "__main__":
    main()
