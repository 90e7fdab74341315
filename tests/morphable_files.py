"""One small made-up face model, written in every file format that lib.scene.morphable reads."""

from __future__ import annotations

import dataclasses
import json
import struct
from pathlib import Path

import h5py
import numpy as np
import scipy.io
from scipy.spatial import ConvexHull

from lib.scene.morphable.landmark_vertices import BASEL_NAMES


@dataclasses.dataclass(frozen=True, eq=False)
class MadeUp:
    """A model in our units: mm, 0..1; columns of length 1 and their standard deviations."""

    mean: np.ndarray
    triangles: np.ndarray
    identity: np.ndarray
    identity_deviations: np.ndarray
    expression: np.ndarray
    expression_deviations: np.ndarray
    colour: np.ndarray
    albedo: np.ndarray
    albedo_deviations: np.ndarray
    landmarks: np.ndarray

    def shape(self, identity, expression=(0, 0, 0)):
        """Evaluate the model by its definition, in float64."""
        moved = self.identity @ (self.identity_deviations * identity)
        moved = moved + self.expression @ (self.expression_deviations * expression)
        return self.mean + moved.reshape(-1, 3)

    def tint(self, coefficients):
        """Evaluate the albedo by its definition, in float64."""
        moved = self.albedo @ (self.albedo_deviations * coefficients)
        return self.colour + moved.reshape(-1, 3)

    def deltas(self, kind):
        """Return the modes times their deviations, (K, V, 3)."""
        modes = getattr(self, kind) * getattr(self, f"{kind}_deviations")
        return modes.T.reshape(modes.shape[1], -1, 3)


def make(vertices: int = 60, seed: int = 7) -> MadeUp:
    """Make a bumpy ellipsoid of a face's size with 5 identity, 3 expression, 4 albedo modes."""
    generator = np.random.default_rng(seed)
    place = np.arange(vertices) + 0.5
    up, turn = 1 - 2 * place / vertices, np.pi * (1 + 5**0.5) * place
    ball = np.stack([np.cos(turn), np.zeros(vertices), np.sin(turn)], 1)
    ball = ball * np.sqrt(1 - up**2)[:, None] + up[:, None] * [0, 1, 0]
    hull = ConvexHull(ball)
    faces = hull.simplices
    normals = np.cross(ball[faces[:, 1]] - ball[faces[:, 0]], ball[faces[:, 2]] - ball[faces[:, 0]])
    inwards = (normals * ball[faces[:, 0]]).sum(1) < 0
    faces[inwards] = faces[inwards][:, ::-1]
    mean = ball * [75, 100, 85] * generator.uniform(0.95, 1.05, (vertices, 1)) + [0, -10, 20]

    def basis(count):
        return np.linalg.qr(generator.normal(size=(3 * vertices, count)))[0]

    return MadeUp(
        mean, faces, basis(5), np.array([30.0, 20, 12, 7, 3]), basis(3), np.array([15.0, 9, 4]),
        generator.uniform(0.3, 0.7, (vertices, 3)), basis(4), np.array([0.5, 0.3, 0.2, 0.1]),
        generator.permutation(np.resize(np.arange(vertices), 68)),
    )  # fmt: skip


def write_basel_2009(path: Path, model: MadeUp, **changes) -> Path:
    """Write micrometres, colours to 255, clockwise triangles from 1."""
    content = {
        "shapeMU": model.mean.reshape(-1, 1) * 1000,
        "shapePC": model.identity,
        "shapeEV": model.identity_deviations[:, None] * 1000,
        "texMU": model.colour.reshape(-1, 1) * 255,
        "texPC": model.albedo,
        "texEV": model.albedo_deviations[:, None] * 255,
    }
    content = {key: values.astype("float32") for key, values in content.items()}
    content["tl"] = (model.triangles[:, [0, 2, 1]] + 1).astype("float64")
    content |= changes
    scipy.io.savemat(path, {key: value for key, value in content.items() if value is not None})
    return path


def write_basel_2017(path: Path, model: MadeUp, text=np.bytes_, cells="shape/representer/cells",
                     **changes) -> Path:  # fmt: skip
    """Write statismo's layout; ``text`` makes what the list of landmarks is stored as."""
    named = [
        {"id": name, "coordinates": model.mean[model.landmarks[number]].tolist()}
        for name, number in BASEL_NAMES.items()
    ]
    content = {cells: model.triangles.T, "metadata/landmarks/json": text(json.dumps(named))}
    for group, mean, kind in (
        ("shape", model.mean, "identity"),
        ("expression", 0 * model.mean, "expression"),
        ("color", model.colour, "albedo"),
    ):
        content[f"{group}/model/mean"] = mean.ravel()
        content[f"{group}/model/pcaBasis"] = getattr(model, kind)
        content[f"{group}/model/pcaVariance"] = getattr(model, f"{kind}_deviations") ** 2
    content |= {key.replace("__", "/"): value for key, value in changes.items()}
    with h5py.File(path, "w") as file:
        for key, values in content.items():
            if values is not None:
                values = values.astype("float32") if getattr(values, "ndim", 0) > 1 else values
                file[key] = values
    return path


def write_lsfm(path: Path, model: MadeUp, unit: float = 1.0, cropped=False, **changes) -> Path:
    """Write variances and triangles from 0; ``unit`` is how many of the file's make one mm."""
    content = {
        "mean": model.mean.reshape(1, -1) * unit,
        "components": model.identity,
        "eigenvalues": (model.identity_deviations * unit) ** 2,
        "trilist": model.triangles,
        "n_training_samples": 100,
    }
    if cropped:
        content["map_cropped_to_full"] = np.arange(len(model.mean))
    scipy.io.savemat(path, content | changes)
    return path


def write_surrey(path: Path, model: MadeUp, version: int = 4, expression="component") -> Path:
    """Write cereal's stream; ``expression`` is component, blendshapes or absent."""
    data = struct.pack("<I", version)
    data += _component(model.mean, model.identity, model.identity_deviations, model.triangles)
    data += _component(model.colour, model.albedo, model.albedo_deviations, model.triangles)
    if version >= 2:
        if expression == "component":
            data += struct.pack("<Bi", 0, 0) + _component(
                0 * model.mean, model.expression, model.expression_deviations, model.triangles
            )
        elif expression == "blendshapes":
            data += struct.pack("<BiQ", 0, 1, 3)
            for name, delta in zip("abc", model.deltas("expression"), strict=True):
                data += struct.pack("<Q", 1) + name.encode() + _matrix(delta.reshape(-1, 1))
        else:
            data += b"\1"
    if version >= 3:
        data += struct.pack("<BQ", 0, 1) + struct.pack("<Q", 4) + b"nose" + struct.pack("<i", 3)
    data += struct.pack("<Q", len(model.mean)) + model.mean[:, :2].astype("<f8").tobytes()
    data += struct.pack("<Q", 0) if version >= 4 else b""
    path.write_bytes(data)
    return path


def write_bare_surrey(path: Path, model: MadeUp) -> Path:
    """Write what eos hands out for free: shapes only, version 1, no colours, no texture."""
    shape = _component(model.mean, model.identity, model.identity_deviations, model.triangles)
    empty = struct.pack("<6iQ", 0, 1, 0, 0, 0, 1, 0)
    path.write_bytes(struct.pack("<I", 1) + shape + empty + struct.pack("<Q", 0))
    return path


def _matrix(values):
    return struct.pack("<ii", *values.shape) + values.astype("<f4").tobytes(order="F")


def _component(mean, basis, deviations, triangles):
    parts = [_matrix(mean.reshape(-1, 1)), _matrix(basis), _matrix(deviations[:, None] ** 2)]
    faces = struct.pack("<Q", len(triangles)) + triangles.astype("<i4").tobytes()
    return b"".join(parts) + faces


def polygons(model: MadeUp) -> np.ndarray:
    """Return (P, 4): the first two triangles that share an edge as one quadrangle, -1 elsewhere."""
    faces = model.triangles.tolist()
    a, b, c = faces[0]
    for other in faces[1:]:
        if a in other and c in other:
            faces.remove(other)
            square = [a, b, c, next(corner for corner in other if corner not in (a, c))]
            return np.array([square] + [[*face, -1] for face in faces[1:]])
    raise AssertionError("every edge of a closed mesh has two triangles")


def write_ict_folder(folder: Path, model: MadeUp) -> Path:
    """Write centimetres: a neutral OBJ file, one for each mode, and the JSON of landmarks."""
    folder.mkdir(parents=True)
    rows = [f"vt {x:.6f} {y:.6f}" for x, y, _ in model.mean / 200 + 0.5] + ["usemtl M_Face"]
    for number, polygon in enumerate(polygons(model)):
        rows += ["usemtl M_Teeth"] * (number == 10)
        rows.append("f " + " ".join(f"{v + 1}/{v + 1}" for v in polygon if v >= 0))
    _write_obj(folder / "generic_neutral_mesh.obj", model.mean, rows)
    for number, delta in enumerate(model.deltas("identity")):
        _write_obj(folder / f"identity{number:03d}.obj", model.mean + delta)
    names = ["jawOpen", "mouthPucker", "smile"]
    for name, delta in zip(names, model.deltas("expression"), strict=True):
        _write_obj(folder / f"{name}.obj", model.mean + delta)
    indices = {"expressions": names, "idx_to_landmark_verts": model.landmarks.tolist()}
    (folder / "vertex_indices.json").write_text(json.dumps(indices))
    return folder


def _write_obj(path, millimetres, rows=()):
    vertices = [f"v {x:.9f} {y:.9f} {z:.9f}" for x, y, z in millimetres / 10]
    path.write_text("\n".join([*vertices, *rows, ""]))


def write_ict_npz(path: Path, model: MadeUp, quantised: bool = False, **changes) -> Path:
    """Write our compact form: centimetres, plain numbers or int8 with a scale for each mode."""
    quads = polygons(model)
    content = {
        "neutral": (model.mean / 10).astype("float32"),
        "quads": quads.astype("int16"),
        "quads_uv": quads.astype("int16"),
        "uv": (model.mean[:, :2] / 200 + 0.5).astype("float32"),
        "material": (np.arange(len(quads)) >= 10).astype("uint8"),
        "material_names": np.array(["M_Face", "M_Teeth"]),
        "landmarks68": model.landmarks.astype("int16"),
        "expression_names": np.array(["jawOpen", "mouthPucker", "smile"]),
    }
    for kind in ("identity", "expression"):
        deltas = (model.deltas(kind) / 10).astype("float32")
        if quantised:
            scale = np.abs(deltas).max(axis=(1, 2)) / 127
            content[f"{kind}_q"] = np.rint(deltas / scale[:, None, None]).astype("int8")
            content[f"{kind}_scale"] = scale
        else:
            content[kind] = deltas
    content |= changes
    np.savez(path, **{key: value for key, value in content.items() if value is not None})
    return path


FORMATS = {
    "Basel 2009 .mat": (write_basel_2009, "model.mat"),
    "Basel 2017 .h5": (write_basel_2017, "model.h5"),
    "LSFM .mat": (write_lsfm, "all_all_all.mat"),
    "Surrey .bin": (write_surrey, "model.bin"),
    "ICT-FaceKit folder": (write_ict_folder, "FaceXModel"),
    "ICT-FaceKit .npz": (write_ict_npz, "model.npz"),
}
"""The writer of each format and a usual name for its file."""
