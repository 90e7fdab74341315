"""Broken, foreign and dangerous files: one clear line each."""

from __future__ import annotations

import pickle
import struct

import morphable_files as files
import numpy as np
import pytest
import scipy.io

from lib.scene import morphable
from lib.scene.morphable import MorphableError

MODEL = files.make()


def cut(write, name, share, **options):
    """Return a maker of a file that ends too early."""

    def make(folder):
        path = write(folder / name, MODEL, **options)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
        return path

    return make


def holding(name, content):
    """Return a maker of a file with these bytes."""

    def make(folder):
        (folder / name).write_bytes(content)
        return folder / name

    return make


def changed(write, name, **changes):
    """Return a maker of a file in which some arrays are replaced, or left out by None."""
    return lambda folder: write(folder / name, MODEL, **changes)


def matlab(**content):
    """Return a maker of a MATLAB file."""

    def make(folder):
        scipy.io.savemat(folder / "m.mat", content)
        return folder / "m.mat"

    return make


def matlab_object(folder):
    """Save a struct and turn its class into an object's."""
    scipy.io.savemat(folder / "m.mat", {"shapeMU": {"a": 1}, "shapePC": np.eye(3)})
    content = bytearray((folder / "m.mat").read_bytes())
    assert content[144] == 2  # mxSTRUCT_CLASS in the first variable's array flags
    content[144] = 3  # mxOBJECT_CLASS
    (folder / "m.mat").write_bytes(bytes(content))
    return folder / "m.mat"


def ict_folder(spoil):
    """Return a maker of an ICT folder that something was done to."""

    def make(folder):
        files.write_ict_folder(folder / "FaceXModel", MODEL)
        spoil(folder / "FaceXModel")
        return folder

    return make


def empty_folder(folder):
    (folder / "nothing").mkdir()
    return folder / "nothing"


def pickled_objects(folder):
    np.save(folder / "m.npy", np.array([{"a": 1}], object), allow_pickle=True)
    return folder / "m.npy"


B09, B17, LSFM = files.write_basel_2009, files.write_basel_2017, files.write_lsfm
ICT, BIN = files.write_ict_npz, files.write_surrey
NAN = np.where(np.arange(60) == 7, np.nan, MODEL.mean.T).T
CASES = {
    "mat_cut_short": (cut(B09, "m.mat", 0.6), "no whole MATLAB file"),
    "mat_cut_in_the_header": (cut(LSFM, "m.mat", 0.05), "no whole MATLAB file"),
    "h5_cut_short": (cut(B17, "m.h5", 0.6), "no whole HDF5 file"),
    "bin_cut_short": (cut(BIN, "m.bin", 0.6), "break off at"),
    "bin_cut_in_the_texture": (cut(BIN, "m.bin", 0.99), "break off at"),
    "npz_cut_short": (cut(ICT, "m.npz", 0.6), "an archive that breaks off"),
    "mat_basis_of_another_mesh": (
        changed(B09, "m.mat", shapePC=MODEL.identity[:-3]),
        r"shapePC of shape \(177, 5\), expected \(180, 5\)",
    ),
    "mat_basis_with_a_mode_too_few": (
        changed(B09, "m.mat", texPC=MODEL.albedo[:, :3]),
        r"texPC of shape \(180, 3\), expected \(180, 4\)",
    ),
    "h5_basis_transposed": (
        changed(B17, "m.h5", shape__model__pcaBasis=MODEL.identity.T),
        r"pcaBasis of shape \(5, 180\), expected \(180, 5\)",
    ),
    "h5_basis_scaled": (
        changed(B17, "m.h5", shape__model__pcaBasis=3 * MODEL.identity),
        "columns of length 3 to 3 .* expected 1",
    ),
    "lsfm_mean_of_170_numbers": (
        changed(LSFM, "m.mat", mean=np.ones(170)),
        "170 numbers in mean, expected x, y and z",
    ),
    "mat_nan": (changed(B09, "m.mat", shapeMU=NAN.ravel()), "3 numbers in shapeMU .* not finite"),
    "h5_nan": (
        changed(B17, "m.h5", color__model__mean=NAN.ravel()),
        "3 numbers in color/model/mean that are not finite",
    ),
    "npz_nan": (changed(ICT, "m.npz", neutral=NAN), "3 numbers in neutral that are not finite"),
    "mat_key_missing": (changed(B09, "m.mat", texEV=None), "expected also texEV"),
    "h5_key_missing": (
        changed(B17, "m.h5", shape__model__pcaVariance=None),
        "found no shape/model/pcaVariance",
    ),
    "npz_key_missing": (changed(ICT, "m.npz", landmarks68=None), "expected also landmarks68"),
    "mat_triangles_from_0": (
        changed(B09, "m.mat", tl=MODEL.triangles.astype(float)),
        "vertices 0 to 59 in tl, expected 1 to 60",
    ),
    "h5_triangle_of_no_vertex": (
        changed(B17, "m.h5", **{"shape__representer__cells": MODEL.triangles.T + 9}),
        "expected 0 to 59",
    ),
    "npz_landmark_of_no_vertex": (
        changed(ICT, "m.npz", landmarks68=np.full(68, 60)),
        "landmark vertices from 60 to 60, expected -1",
    ),
    "npz_67_landmarks": (
        changed(ICT, "m.npz", landmarks68=np.arange(60)),
        r"landmarks68 of shape \(60,\), expected \(68,\)",
    ),
    "lsfm_negative_variance": (
        changed(LSFM, "m.mat", eigenvalues=-np.ones(5)),
        "negative variance in eigenvalues",
    ),
    "h5_landmarks_no_json": (
        changed(B17, "m.h5", text=lambda text: np.bytes_("{oops")),
        "no list of landmarks",
    ),
    "h5_of_something_else": (
        changed(B17, "m.h5", shape__model__mean=None, shape__model__pcaBasis=None,
                shape__model__pcaVariance=None),
        "a file beginning .*HDF",
    ),
    "mat_of_something_else": (matlab(model=np.eye(3), w=1), "a MATLAB file of model, w"),
    "mat_struct": (
        matlab(shapeMU={"a": 1}, shapePC=np.eye(3)),
        "expected also texMU|MATLAB struct in shapeMU",
    ),
    "mat_cell": (
        changed(B09, "m.mat", shapeMU=np.array([1, "a"], object)),
        "MATLAB cell in shapeMU",
    ),
    "mat_object": (matlab_object, "MATLAB object in shapeMU, .* not loaded"),
    "flame_pickle": (
        holding("generic_model.pkl", pickle.dumps({"v_template": 1}, 2)),
        "Python pickle .*refused .* convert it",
    ),
    "pickle_under_another_name": (
        holding("model.mat", pickle.dumps([1, 2], 4)),
        "Python pickle .*refused",
    ),
    "pickle_of_text": (holding("model.pkl", pickle.dumps([1], 0)), "Python pickle .*refused"),
    "npy_of_objects": (pickled_objects, "Python pickle .*refused"),
    "npz_of_objects": (
        changed(ICT, "m.npz", neutral=np.array([{"a": 1}], object)),
        "neutral not readable as numbers",
    ),
    "text_file": (holding("m.txt", b"hello, face"), "a file beginning b'hello, face'"),
    "empty_file": (holding("m.mat", b""), "an empty file"),
    "empty_folder": (empty_folder, "an empty folder"),
    "bin_of_another_version": (
        holding("m.bin", struct.pack("<Iii", 9, 180, 1) + bytes(99)),
        "a file beginning",
    ),
    "obj_missing": (
        ict_folder(lambda folder: (folder / "smile.obj").unlink()),
        "smile.obj: found no such file",
    ),
    "obj_of_another_mesh": (
        ict_folder(lambda folder: (folder / "smile.obj").write_text("v 1 2 3\n")),
        "smile.obj: found 1 vertices, expected 60",
    ),
    "obj_broken_line": (
        ict_folder(lambda folder: (folder / "identity001.obj").write_text("v 1 2 3\nv 1 x 3\n")),
        "identity001.obj: found a broken line",
    ),
    "ict_without_landmarks": (
        ict_folder(lambda folder: (folder / "vertex_indices.json").write_text("{}")),
        "vertex_indices.json: found KeyError",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_is_no_model_gives_one_clear_line(tmp_path, case):
    make, problem = CASES[case]
    path = make(tmp_path)
    with pytest.raises(MorphableError, match=problem) as caught:
        morphable.load(path)
    message = str(caught.value)
    assert "\n" not in message and str(tmp_path) in message


def test_a_pickle_is_never_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "exploded"), "w"))

    for name in ("m.pkl", "m.mat", "m.npz"):
        (tmp_path / name).write_bytes(pickle.dumps(Bomb(), 3))
        with pytest.raises(MorphableError):
            morphable.load(tmp_path / name)
    np.savez(tmp_path / "n.npz", neutral=np.array([Bomb()], object), quads=np.zeros((1, 4)))
    with pytest.raises(MorphableError, match="not readable as numbers"):
        morphable.load(tmp_path / "n.npz")
    assert not (tmp_path / "exploded").exists()


def test_nothing_at_the_path_is_said_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="found nothing there, expected Basel 2009"):
        morphable.load(tmp_path / "absent.mat")
