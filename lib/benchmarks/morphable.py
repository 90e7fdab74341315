"""Face models and fitted poses: how exactly formats agree, and what the real files say.

    FACE_LAB_REAL=... python -m lib.benchmarks.morphable

The real files are ICT-FaceKit's model and ten photos of AFLW2000-3D with their fitted parameters;
the lab does not ship them, and FACE_LAB_REAL names the folder.

A pose is judged by the 68 landmarks: a mean face is put into the file's pose and projected, and
compared with the file's own pt3d_68. The error is the mean distance in the picture, as a share of
the face's size: of sqrt(width * height) of the landmarks' box, as in the literature on AFLW2000-3D,
and of the box's diagonal. Two mean faces are tried:

* the mean of the other nine files' landmarks, their poses taken off. Only poses, scales and
  translations as stored go into it, no alignment at all: a wrong convention would blur it.
* ICT-FaceKit's neutral face. Its size and origin are its own, so scale and shift (not rotation)
  are aligned to each file; its landmarks are placed differently, above all along the jaw, so the
  error is stated without the jaw too.

The same measure tells in which order the three turns are meant: the right one errs least.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
import os
import pathlib
import tempfile
import types

import numpy as np
import pandas

from lib import env
from lib.landmark_order import GROUPS, MIRROR
from lib.scene import fitted, head, morphable
from lib.scene.fitted import FittedFace

ICT = pathlib.Path("morphable") / "ict_face_head_eyes_mouth_k100_i8.npz"
FITS = pathlib.Path("aflw2000_3d_samples")
INNER = slice(17, 68)
"""All landmarks but the jaw's."""


def _writers() -> types.ModuleType:
    """Return the tests' module that writes one model in every format."""
    path = env.ROOT / "tests" / "morphable_files.py"
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def measure_agreement(seed: int = 0) -> list[dict]:
    """Write one made-up model in every format and read it back.

    Returns:
        A row for each format: largest distance of a coordinate from its definition, mm.
    """
    files, generator = _writers(), np.random.default_rng(seed)
    made_up, rows = files.make(), []
    identity, expression = generator.normal(size=5), generator.normal(size=3)
    with tempfile.TemporaryDirectory() as folder:
        for name, (write, filename) in files.FORMATS.items():
            model = morphable.load(write(pathlib.Path(folder) / filename, made_up))
            weights = (identity, expression) if len(model.expression) else (identity,)
            moved = np.abs(model.shape(*weights) - made_up.shape(*weights)).max()
            rows.append(
                {
                    "format": name,
                    "mean, mm": float(np.abs(model.mean - made_up.mean).max()),
                    "with coefficients, mm": float(moved),
                    "expressions": len(model.expression),
                }
            )
    return rows


def measure_ict(real: pathlib.Path) -> dict:
    """Return figures of ICT-FaceKit's neutral face; ``real`` is the folder of real files."""
    model = morphable.load(real / ICT)
    points = model.landmark_points()
    eyes = [points[GROUPS[f"{side}_eye"]].mean(axis=0) for side in ("right", "left")]
    mirrored = points[list(MIRROR)] * [-1, 1, 1]
    return {
        "vertices": len(model.mean),
        "identity modes": len(model.identity),
        "expressions": len(model.expression),
        "between the eyes' centres, mm": round(float(np.linalg.norm(eyes[1] - eyes[0])), 1),
        "chin to nose bridge, mm": round(float(np.linalg.norm(points[27] - points[8])), 1),
        "landmarks' asymmetry, mm": round(float(np.abs(mirrored - points).max()), 3),
    }


def point_error(
    points: np.ndarray, face: FittedFace, aligned: bool = False, of: slice = slice(None)
) -> float:
    """Return the mean distance in pixels between projected points and the file's landmarks.

    Args:
        points: (68, 3), mm, without pose.
        face: a file's parameters, with landmarks.
        aligned: fit scale and shift, not rotation, to the file first.
        of: which of the landmarks count.
    """
    found, expected = fitted.project(points, face)[of], face.landmarks[of, :2]
    if aligned:
        found, middle = found - found.mean(axis=0), expected.mean(axis=0)
        found = found * (found * (expected - middle)).sum() / (found**2).sum() + middle
    return float(np.linalg.norm(found - expected, axis=1).mean())


def read_fits(real: pathlib.Path) -> list[FittedFace]:
    """Read the fitted parameters in the folder of real files."""
    return [fitted.read(path) for path in sorted((real / FITS).glob("*.mat"))]


def reordered(face: FittedFace, order: str) -> FittedFace:
    """Return a face whose three turns are applied in another order.

    Args:
        face: a file's parameters.
        order: of the matrices, such as ZYX; the files mean XYZ.
    """
    turns = dict(zip("XYZ", face.turns, strict=True))
    matrix = turns[order[0]] @ turns[order[1]] @ turns[order[2]]
    return dataclasses.replace(
        face,
        pitch=float(np.arctan2(matrix[1, 2], matrix[2, 2])),
        yaw=float(np.arcsin(-matrix[0, 2])),
        roll=float(np.arctan2(matrix[0, 1], matrix[0, 0])),
    )


def mean_of_the_others(faces: list[FittedFace]) -> list[float]:
    """Put the mean of the other faces' landmarks into each face's pose.

    Returns:
        The mean distance in pixels for each face, as `point_error` has it.
    """
    bare = np.stack([face.unposed_landmarks() for face in faces])
    return [
        point_error(np.delete(bare, number, axis=0).mean(axis=0), face)
        for number, face in enumerate(faces)
    ]


def measure_orders(real: pathlib.Path) -> dict[str, float]:
    """Return the mean error, in percent of the diagonal, for each order of the three turns."""
    faces = read_fits(real)
    diagonals = [np.linalg.norm(np.ptp(face.landmarks[:, :2], axis=0)) for face in faces]
    errors = {
        order: mean_of_the_others([reordered(face, order) for face in faces])
        for order in map("".join, itertools.permutations("XYZ"))
    }
    return {
        order: round(100 * float(np.mean(np.divide(found, diagonals))), 2)
        for order, found in errors.items()
    }


def measure_poses(real: pathlib.Path, neutral: np.ndarray | None = None) -> list[dict]:
    """Measure each file's pose with the mean faces that this module describes.

    Args:
        real: the folder of real files.
        neutral: (68, 3) landmarks of another model's mean face, mm; ICT-FaceKit's by default.

    Returns:
        A row for each file, errors in percent of the face's size.
    """
    faces, rows = read_fits(real), []
    neutral = morphable.load(real / ICT).landmark_points() if neutral is None else neutral
    for face, error_of_mean in zip(faces, mean_of_the_others(faces), strict=True):
        width, height = np.ptp(face.landmarks[:, :2], axis=0)
        errors = {
            "mean of the other nine": error_of_mean,
            "neutral, aligned": point_error(neutral, face, aligned=True),
            "without jaw": point_error(neutral, face, aligned=True, of=INNER),
        }
        row = {"file": pathlib.Path(face.source).stem}
        row |= dict(zip(("yaw", "pitch", "roll"), np.round(face.pose_degrees), strict=True))
        for name, error in errors.items():
            row[f"{name}: % sqrt(wh)"] = round(100 * error / float(np.sqrt(width * height)), 2)
            row[f"{name}: % diagonal"] = round(100 * error / float(np.hypot(width, height)), 2)
        rows.append(row)
    return rows


def own_landmarks() -> np.ndarray:
    """Return the landmarks of the lab's own mean head, (68, 3) mm."""
    model = head.load()
    vertices = model.shape(np.zeros(len(model.identity)), np.zeros(len(model.expression)))
    return vertices[model.landmarks68]


def main() -> None:
    """Print every table."""
    print("One model written in every format and read back: largest difference")
    print(pandas.DataFrame(measure_agreement()).to_string(index=False))
    folder = os.environ.get("FACE_LAB_REAL")
    if folder is None:
        print("\nreal files not measured: FACE_LAB_REAL names no folder of them")
        return
    print("\nICT-FaceKit's neutral face")
    for name, value in measure_ict(pathlib.Path(folder)).items():
        print(f"  {name:32} {value}")
    table = pandas.DataFrame(measure_poses(pathlib.Path(folder))).set_index("file")
    table.loc["mean"] = table.mean().round(2)
    print("\nPoses of AFLW2000-3D, in our degrees, and errors of the landmarks")
    print(table.T.to_string())
    ours = pandas.DataFrame(measure_poses(pathlib.Path(folder), own_landmarks()))
    print("\nThe same with the lab's own mean head, mean over the files")
    for name in ("neutral, aligned: % diagonal", "without jaw: % diagonal"):
        print(f"  {name:32} {ours[name].mean():.2f} (largest {ours[name].max():.2f})")
    print("\nMean error for each order of the turns, % of the diagonal (the files mean XYZ)")
    print(f"  {measure_orders(pathlib.Path(folder))}")


if __name__ == "__main__":
    main()
