"""The twin of dlib's face network against dlib itself: how near, and how much faster.

``python -m lib.benchmarks.identity`` prints the largest difference between the two descriptors of
each picture, and the faces per second of both in the same run.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

import dlib
import numpy as np
import pandas

from lib import portraits
from lib.faces import align, detect, identity, landmarks, model_files


def chips() -> dict[str, np.ndarray]:
    """Return uint8 (150, 150, 3) pictures by name: faces as they come, and what no face is."""
    found = {}
    for name in portraits.PEOPLE:
        photo = portraits.read(name)
        face = detect.one_face(photo, name=name)
        for count, locate in (("5", landmarks.landmarks5), ("68", landmarks.landmarks68)):
            chip, _ = align.chip(photo, locate(photo, face), identity.SIZE, identity.PADDING)
            found[f"{name}, {count} points"] = chip
        found[f"{name}, mirrored"] = chip[:, ::-1]
    shape = (identity.SIZE, identity.SIZE, 3)
    found["noise"] = np.random.default_rng(0).integers(0, 256, shape, dtype="uint8")
    found["black"] = np.zeros(shape, "uint8")
    found["white"] = np.full(shape, 255, "uint8")
    return found


@functools.cache
def _dlib_network() -> dlib.face_recognition_model_v1:
    return dlib.face_recognition_model_v1(str(model_files.find(model_files.FACE_NETWORK)))


def describe_with_dlib(pictures: np.ndarray) -> np.ndarray:
    """Describe uint8 (N, 150, 150, 3) by dlib itself, float64 (N, 128)."""
    ready = [np.ascontiguousarray(picture) for picture in pictures]
    return np.array(_dlib_network().compute_face_descriptor(ready))


def measure_difference() -> list[dict]:
    """Compare the two descriptors of each picture; one row a picture."""
    pictures = chips()
    stack = np.stack(list(pictures.values()))
    gap = np.abs(identity.descriptors(stack) - describe_with_dlib(stack)).max(axis=1)
    return [
        {"picture": name, "largest difference": f"{value:.1e}"}
        for name, value in zip(pictures, gap, strict=True)
    ]


def faces_per_second(describe: Callable[[np.ndarray], object], faces: int, repeats: int) -> float:
    """Time a describing function on a stack of chips; the best of some repeats."""
    stack = np.stack([*chips().values()] * faces)[:faces]
    describe(stack[:1]), describe(stack)  # traces and memory are made at the first call
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        describe(stack)
        seconds.append(time.perf_counter() - start)
    return faces / min(seconds)


def measure_speed(faces: int = 128, repeats: int = 3) -> list[dict]:
    """Time dlib and the twin in turn; one row each, with the ratio in the twin's."""
    slow = faces_per_second(describe_with_dlib, max(1, faces // 8), repeats)
    fast = faces_per_second(identity.descriptors, faces, repeats)
    return [
        {"network": "dlib", "faces per second": round(slow, 1), "ratio": 1.0},
        {"network": "twin", "faces per second": round(fast, 1), "ratio": round(fast / slow, 1)},
    ]


def main() -> None:
    """Print both tables."""
    print("Descriptors: the twin against dlib (at most 1e-5 wanted)")
    print(pandas.DataFrame(measure_difference()).to_string(index=False))
    print("\nSpeed on this machine, in one run (a ratio of at least 15 wanted)")
    print(pandas.DataFrame(measure_speed()).to_string(index=False))


if __name__ == "__main__":
    main()
