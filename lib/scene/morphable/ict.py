"""ICT-FaceKit (MIT licence): the folder of OBJ files, and our compact ``.npz`` of it.

Li et al., "Learning Formation of Physically-Based Face Attributes" (CVPR 2020). Lengths are
centimetres. Identity modes are whole faces one standard deviation from the neutral one; expression
modes are blendshapes, whole faces too. All OBJ files share the order of vertices.

The ``.npz`` holds neutral, quads (-1 in the last column: a triangle), quads_uv, uv, material,
material_names, landmarks68, expression_names, and the differences from the neutral face, either as
they are (identity, expression) or as int8 with one scale a mode (identity_q, identity_scale, ...).
"""

from __future__ import annotations

import json
import pathlib
import zipfile

import numpy as np
from tqdm.auto import tqdm

from lib.scene.morphable import arrays, wavefront
from lib.scene.morphable.model import MorphableError, MorphableModel

NEUTRAL = "generic_neutral_mesh.obj"
INDICES = "vertex_indices.json"
_CENTIMETRE = np.float32(10)


def recognises(path: pathlib.Path) -> bool:
    """Say whether a folder or file is of this format."""
    if path.is_dir():
        return _folder(path) is not None
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return {"neutral.npy", "quads.npy"} <= set(archive.namelist())


def read(path: pathlib.Path) -> MorphableModel:
    """Read the model; the OBJ files, 153 of 27,000 vertices each, take some ten seconds.

    Raises:
        MorphableError: if a file is missing, is cut short, or holds wrong numbers.
    """
    return _read_folder(_folder(path) or path) if path.is_dir() else _read_npz(path)


def _folder(path: pathlib.Path) -> pathlib.Path | None:
    """Return where the OBJ files lie: here, or in the repository's folder FaceXModel."""
    places = (path, path / "FaceXModel")
    return next((place for place in places if (place / NEUTRAL).is_file()), None)


def _read_folder(folder: pathlib.Path) -> MorphableModel:
    landmarks, names = _indices(folder / INDICES)
    mesh = wavefront.read(folder / NEUTRAL)
    neutral = arrays.points(folder / NEUTRAL, "the vertices", mesh.vertices)
    triangles = arrays.triangles(folder / NEUTRAL, "f", mesh.triangles, len(neutral))
    people = sorted(folder.glob("identity[0-9]*.obj"))
    if not people:
        raise MorphableError(folder, "found no identity000.obj ..., expected one for each mode")
    faces = [folder / f"{name}.obj" for name in names]
    files = tqdm([*people, *faces], desc="reading OBJ files", disable=len(people) < 20)
    modes = np.stack([_difference(file, neutral) for file in files])
    return MorphableModel(
        name="ICT-FaceKit",
        source=str(folder),
        mean=neutral * _CENTIMETRE,
        identity=modes[: len(people)],
        triangles=_checked_winding(folder, neutral, triangles),
        expression=modes[len(people) :],
        expression_names=names,
        blendshapes=True,
        landmarks68=landmarks,
        parts=mesh.parts,
        part_names=mesh.materials,
        uv=mesh.uv,
    )


def _indices(path: pathlib.Path) -> tuple[np.ndarray, tuple[str, ...]]:
    """Read the landmark vertices and the expressions' names."""
    try:
        content = json.loads(path.read_text("utf-8"))
        landmarks = np.array(content["idx_to_landmark_verts"], np.int32)
        return landmarks, tuple(map(str, content["expressions"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise MorphableError(
            path,
            f"found {type(error).__name__} ({error}), expected JSON with idx_to_landmark_verts and "
            "expressions: fetch the folder again",
        ) from error


def _difference(path: pathlib.Path, neutral: np.ndarray) -> np.ndarray:
    """Return what one OBJ file moves, (V, 3) float32 mm."""
    if not path.is_file():
        raise MorphableError(path, "found no such file, expected an OBJ file for each mode")
    vertices = arrays.finite(path, "the vertices", wavefront.read_vertices(path))
    if vertices.shape != neutral.shape:
        raise MorphableError(
            path, f"found {len(vertices)} vertices, expected {len(neutral)} as in {NEUTRAL}"
        )
    return (vertices - neutral) * _CENTIMETRE


def _read_npz(path: pathlib.Path) -> MorphableModel:
    content = _Archive(path)
    neutral = arrays.points(path, "neutral", content["neutral"])
    first, second, third, last = np.asarray(content["quads"], np.int64).reshape(-1, 4).T
    square = last >= 0
    triangles = _halves((first, second, third), (first, third, last), square)
    named = content["material_names"]
    return MorphableModel(
        name="ICT-FaceKit",
        source=str(path),
        mean=neutral * _CENTIMETRE,
        identity=_modes(content, "identity", neutral.shape),
        triangles=_checked_winding(
            path, neutral, arrays.triangles(path, "quads", triangles, len(neutral))
        ),
        expression=_modes(content, "expression", neutral.shape),
        expression_names=tuple(map(str, content["expression_names"])),
        blendshapes=True,
        landmarks68=np.asarray(content["landmarks68"], np.int32),
        parts=np.concatenate([content["material"], content["material"][square]]),
        part_names=tuple(map(str, named)),
        uv=_texture(content, square),
    )


def _halves(lower: tuple, upper: tuple, square: np.ndarray) -> np.ndarray:
    """Return the first triangle of every polygon, then the second ones of the quadrangles."""
    return np.concatenate([np.stack(lower, axis=1), np.stack(upper, axis=1)[square]])


def _texture(content: _Archive, square: np.ndarray) -> np.ndarray:
    numbers = np.asarray(content["quads_uv"], np.int64).reshape(-1, 4)
    corners = _halves(tuple(numbers[:, :3].T), tuple(numbers[:, [0, 2, 3]].T), square)
    places = arrays.finite(content.path, "uv", content["uv"])
    if len(numbers) != len(square) or corners.min() < 0 or corners.max() >= len(places):
        raise MorphableError(
            content.path,
            f"found {len(numbers)} polygons with texture numbers up to {corners.max()}, expected "
            f"{len(square)} up to {len(places) - 1}",
        )
    return places[corners]


def _modes(content: _Archive, key: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return (modes, V, 3) float32 mm, from plain numbers or from int8 with scales."""
    if key in content:
        differences = arrays.finite(content.path, key, content[key])
    else:
        scale = arrays.finite(content.path, f"{key}_scale", content[f"{key}_scale"])
        steps = arrays.finite(content.path, f"{key}_q", content[f"{key}_q"])
        if steps.shape != (len(scale), *shape):
            raise MorphableError(
                content.path,
                f"found {key}_q of shape {steps.shape}, expected {(len(scale), *shape)}",
            )
        differences = steps * scale[:, None, None]
    return differences * _CENTIMETRE


def _checked_winding(
    source: pathlib.Path, vertices: np.ndarray, triangles: np.ndarray
) -> np.ndarray:
    """Return the triangles; ICT's own winding is ours, and parts and texture follow it."""
    if arrays.face_outwards(vertices, triangles):
        return triangles
    raise MorphableError(
        source, "found triangles that run clockwise, expected ICT-FaceKit's: fetch it again"
    )


class _Archive:
    """An ``.npz`` file whose arrays come with clear errors; pickled objects are refused."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.file = np.load(path, allow_pickle=False)

    def __contains__(self, key: str) -> bool:
        return key in self.file

    def __getitem__(self, key: str) -> np.ndarray:
        if key not in self.file:
            raise MorphableError(
                self.path, f"found {', '.join(self.file.files[:12])}, expected also {key}"
            )
        try:
            return self.file[key]
        except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise MorphableError(
                self.path, f"found {key} not readable as numbers ({error}): fetch the file again"
            ) from error
