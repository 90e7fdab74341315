"""Rendered faces, judged by dlib, which knows nothing of our renderer.

    python -m lib.benchmarks.faces
    python -m lib.benchmarks.faces --seed 1 --number 60 --only landmarks --points

Does dlib's detector find a rendered face, do its 68 landmarks lie where ours do, and does its face
network tell rendered people apart? The default seed is held out: nothing was ever tuned on it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import joblib
import numpy as np
import pandas

from lib import landmark_order
from lib.faces import align, detect, landmarks
from lib.scene.render import render
from lib.scene.sampling import sample

HELD_OUT_SEED = 20261120
"""Tune on other seeds, and judge on this one."""

PARTS = ("detection", "landmarks", "identity")
MISSED_SHOWN = 8
NOSE_TIP = 30
INNER = range(17, 68)
CHIP_SIZE, CHIP_PADDING, SAME_PERSON = 150, 0.25, 0.6  # as lib.faces.identity, without its network


@dataclass(frozen=True, eq=False)
class Observation:
    """What dlib sees in one rendered face.

    Attributes:
        person: the identity's number.
        score: of dlib's detector; NaN where it misses the face.
        expected: (68, 2) float32, our landmarks, pixels.
        located: (68, 2) float32, dlib's, pixels; None where the face is missed.
        millimetres: of one pixel at the face's distance.
        chip: uint8 (150, 150, 3), what dlib's face network is shown; None where it is missed.
    """

    person: int
    score: float
    expected: np.ndarray
    located: np.ndarray | None
    millimetres: float
    chip: np.ndarray | None


def observe(seed: int, identity: int, capture: int, size: int, reshuffle: bool) -> Observation:
    """Render a capture and let dlib look at it.

    Args:
        seed: of the collection.
        identity: the person's number.
        capture: the picture's number.
        size: width and height of the picture, pixels.
        reshuffle: whether hair, beard, make-up and glasses change from picture to picture.

    Returns:
        What dlib sees. It finds a face where a box of its own threshold, without upsampling, holds
        the tip of the nose.
    """
    scene = sample(seed, identity, capture, reshuffle=reshuffle, accessories=not reshuffle)
    channels = render(scene, size)
    photo, points = channels["photo"], channels["landmarks"]
    scale = scene.camera.field / size
    boxes = detect.find_faces(photo, minimum_score=0.0, upsample=0)
    face = next((box for box in boxes if _holds(box, points[NOSE_TIP])), None)
    if face is None:
        return Observation(identity, np.nan, points, None, scale, None)
    located = landmarks.landmarks68(photo, face)
    chip, _ = align.chip(photo, located, CHIP_SIZE, CHIP_PADDING)
    return Observation(identity, face.score, points, located, scale, chip)


def observe_all(
    seed: int,
    identities: int,
    captures: int = 1,
    *,
    size: int = 256,
    reshuffle: bool = False,
    workers: int = 2,
) -> list[Observation]:
    """Observe some captures of some identities; see `observe`."""
    observe(seed, 0, 0, 16, reshuffle)  # compiles once, so that the workers find the result
    tasks = (
        joblib.delayed(observe)(seed, identity, capture, size, reshuffle)
        for identity in range(identities)
        for capture in range(captures)
    )
    return joblib.Parallel(workers)(tasks)


def measure_detection(observations: Sequence[Observation]) -> dict[str, object]:
    """Count the faces that dlib's detector finds.

    Returns:
        Numbers and share, the mean score (a margin, 0 the threshold), and who are the first missed.
    """
    scores = np.array([seen.score for seen in observations])
    found = int(np.isfinite(scores).sum())
    missed = [str(seen.person) for seen in observations if seen.located is None]
    return {
        "faces": len(scores),
        "found": found,
        "share": found / len(scores),
        "score": float(np.nanmean(scores)) if found else np.nan,
        "missed": " ".join(missed[:MISSED_SHOWN]) or "none",
    }


def measure_landmarks(
    observations: Sequence[Observation], points: bool = False
) -> list[dict[str, object]]:
    """Compare dlib's landmarks with ours.

    Args:
        observations: of which those with a face count.
        points: whether to add a row for each point.

    Returns:
        A row for all 68, one for the inner 51 and one for each group: the mean error as a share of
        the outer eye distance (ours), the mean error in mm, and how much further right and down
        dlib sees the points, in mm.
    """
    seen = [one for one in observations if one.located is not None]
    gaps = np.array([one.located - one.expected for one in seen], np.float64).reshape(-1, 68, 2)
    eyes = np.array([landmarks.outer_eye_distance(one.expected) for one in seen])
    scale = np.array([one.millimetres for one in seen])
    shares = np.linalg.norm(gaps, axis=2) / eyes[:, None]
    lengths = gaps * scale[:, None, None]
    groups = {"all 68": range(68), "inner 51": INNER, **landmark_order.GROUPS}
    if points:
        groups |= {f"point {index}": range(index, index + 1) for index in range(68)}
    return [
        _landmark_row(name, shares[:, list(group)], lengths[:, list(group)])
        for name, group in groups.items()
    ]


def measure_identity(observations: Sequence[Observation]) -> dict[str, object]:
    """Measure how well dlib's face network tells the people apart.

    Args:
        observations: several of each person; those without a face are left out.

    Returns:
        Area under the ROC, the mean distance of same and of different pairs, and the shares on the
        right side of dlib's threshold, 0.6.
    """
    from lib.faces import identity  # its network needs seconds to load, the rest does not need it

    seen = [one for one in observations if one.chip is not None]
    descriptors = identity.descriptors(np.stack([one.chip for one in seen]))
    people = np.array([one.person for one in seen])
    first, second = np.triu_indices(len(seen), 1)
    distances = identity.distance(descriptors[first], descriptors[second])
    same = people[first] == people[second]
    return {
        "faces": len(seen),
        "auc": identity.verify(distances, same).auc,
        "same": float(distances[same].mean()),
        "different": float(distances[~same].mean()),
        "same < 0.6": float((distances[same] < SAME_PERSON).mean()),
        "different >= 0.6": float((distances[~same] >= SAME_PERSON).mean()),
    }


def _holds(face: detect.Face, point: np.ndarray) -> bool:
    left, top, right, bottom = face.box
    return bool(left < point[0] < right and top < point[1] < bottom)


def _landmark_row(name: str, shares: np.ndarray, gaps: np.ndarray) -> dict[str, object]:
    right, down = gaps.mean(axis=(0, 1)).tolist()
    return {
        "group": name,
        "error": float(shares.mean()),
        "mm": float(np.linalg.norm(gaps, axis=2).mean()),
        "right mm": right,
        "down mm": down,
    }


def _table(rows: Iterable[dict[str, object]]) -> str:
    return pandas.DataFrame(list(rows)).to_string(index=False, float_format="{:.4f}".format)


def _print_geometry(options: argparse.Namespace) -> None:
    """Print the tables of detection and of landmarks, from the same pictures."""
    wanted = options.sizes if "detection" in options.only else options.sizes[-1:]
    seen = {
        size: observe_all(options.seed, options.number, size=size, workers=options.workers)
        for size in wanted
    }
    if "detection" in options.only:
        print("Detection by dlib's HOG without upsampling (share >= 0.99 wanted)")
        print(_table({"pixels": size} | measure_detection(one) for size, one in seen.items()))
    if "landmarks" in options.only:
        largest = options.sizes[-1]
        print(f"Landmarks at {largest} px, error / outer eye distance (all 68 <= 0.045 wanted)")
        print(_table(measure_landmarks(seen[largest], options.points)))


def _print_identity(options: argparse.Namespace) -> None:
    rows = []
    for look, reshuffle in (("kept", False), ("reshuffled", True)):
        seen = observe_all(
            options.seed,
            options.identities,
            options.captures,
            size=options.sizes[-1],
            reshuffle=reshuffle,
            workers=options.workers,
        )
        rows.append({"look": look} | measure_identity(seen))
    print("Identity by dlib's face network (auc >= 0.99, different >= 0.58 wanted)")
    print(_table(rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lib.benchmarks.faces", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seed", type=int, default=HELD_OUT_SEED)
    parser.add_argument("--number", type=int, default=500, help="faces to find and to locate")
    parser.add_argument("--identities", type=int, default=100, help="people to tell apart")
    parser.add_argument("--captures", type=int, default=4, help="pictures of each")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[128, 256], help="the last is measured"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--points", action="store_true", help="a row for each landmark, too")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    options = _parser().parse_args(arguments)
    if {"detection", "landmarks"} & set(options.only):
        _print_geometry(options)
    if "identity" in options.only:
        _print_identity(options)


if __name__ == "__main__":
    main()
