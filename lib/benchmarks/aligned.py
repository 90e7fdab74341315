"""How well landmarks from a fixed box agree with detection on CelebA's aligned photos, how fast.

    FACE_LAB_REAL=... python -m lib.benchmarks.aligned

It needs aligned photos of CelebA (``celeba_half/img_align_celeba`` in the folder that FACE_LAB_REAL
names). The detector is given every photo at the size at which the landmarks are found.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pandas

from lib import images
from lib.faces import detect, landmarks
from lib.prepare import located
from lib.prepare.chips import Frame
from lib.prepare.located import Located


def gap(photo: np.ndarray, fixed: np.ndarray) -> float | None:
    """Compare landmarks with those that detection leads to.

    Args:
        photo: an aligned photo, uint8 (height, width, 3).
        fixed: (68, 2) from the fixed box, pixels.

    Returns:
        The mean distance as a share of that between the outer eye corners; None where no face is
        detected.
    """
    height, width = photo.shape[:2]
    times = located.FINE_HEIGHT / height
    large = images.resize(photo, (round(height * times), round(width * times)))
    middle = np.array(large.shape[1::-1]) * (0.5, 0.6)
    faces = detect.find_faces(large, upsample=0)
    if not faces:
        return None
    face = min(faces, key=lambda one: np.linalg.norm(middle - one.centre))
    found = (landmarks.landmarks68(large, face) + 0.5) / times - 0.5
    distance = np.linalg.norm(found - fixed, axis=1).mean()
    return float(distance / landmarks.outer_eye_distance(found))


def measure(folder: Path, number: int = 200) -> dict[str, float]:
    """Compare the landmarks of photos spread over a folder.

    Args:
        folder: of aligned photos.
        number: how many to take.

    Returns:
        The photos, those where detection finds a face, median and 95th percentile of the gap as a
        share of the eyes' distance, the share of gaps over a tenth, and photos a second and core.
    """
    files = sorted(path.name for path in folder.iterdir())
    chosen = np.array(files)[np.linspace(0, len(files) - 1, min(number, len(files))).astype(int)]
    make = Located(folder, chosen, Frame(64, 0.5), 0, aligned=True)
    make(0, None)  # loads dlib's models
    started = time.process_time()
    samples = [make(index, None) for index in range(len(chosen))]
    seconds = time.process_time() - started
    gaps = []
    for file, sample in zip(chosen, samples, strict=True):
        matrix = np.linalg.inv(np.vstack([sample["alignment"], (0, 0, 1)]))[:2]
        points = sample["landmarks"] @ matrix[:, :2].T + matrix[:, 2]
        gaps.append(gap(images.read(folder / file), points))
    found = np.array([value for value in gaps if value is not None])
    return {
        "photos": len(chosen),
        "detected": len(found),
        "median": float(np.median(found)),
        "95 %": float(np.percentile(found, 95)),
        "over 0.1": float((found > 0.1).mean()),
        "photos/s and core": len(chosen) / seconds,
    }


def main() -> None:
    """Print the figures."""
    if "FACE_LAB_REAL" not in os.environ:
        print("FACE_LAB_REAL names no folder of real photos: nothing to measure")
        return
    folder = Path(os.environ["FACE_LAB_REAL"]) / "celeba_half" / "img_align_celeba"
    print(pandas.Series(measure(folder)).to_string(float_format=lambda value: f"{value:.4g}"))


if __name__ == "__main__":
    main()
