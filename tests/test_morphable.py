"""Face models: one model in every format gives the same mesh, and it is evaluated as defined."""

from __future__ import annotations

import os
from pathlib import Path

import morphable_files as files
import numpy as np
import pytest

from lib.landmark_order import MIRROR
from lib.scene import morphable
from lib.scene.morphable import MorphableError, arrays, landmark_vertices, lsfm

IDENTITY = np.array([1.5, -1.0, 0.5, 2.0, -0.3])
EXPRESSION = np.array([0.8, -0.4, 0.6])


@pytest.fixture(scope="module")
def made_up():
    return files.make()


@pytest.fixture(scope="module")
def read_back(made_up, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {
        name: morphable.load(write(folder / f"{number}{filename}", made_up))
        for number, (name, (write, filename)) in enumerate(files.FORMATS.items())
    }


def rings(triangles):
    """Return the triangles as a set, each begun at its lowest vertex; the direction stays."""
    return {tuple(np.roll(face, -face.argmin())) for face in np.asarray(triangles)}


@pytest.mark.parametrize("name", files.FORMATS)
def test_every_format_gives_the_same_mesh(read_back, made_up, name):
    model = read_back[name]
    assert model.mean.dtype == model.identity.dtype == np.float32
    assert np.abs(model.mean - made_up.mean).max() < 1e-3
    assert np.abs(model.neutral - made_up.mean).max() < 1e-3
    assert np.abs(model.shape(IDENTITY) - made_up.shape(IDENTITY)).max() < 1e-3
    assert rings(model.triangles) == rings(made_up.triangles), "anticlockwise, as made"
    if len(model.expression):
        moved = model.shape(IDENTITY, EXPRESSION)
        assert np.abs(moved - made_up.shape(IDENTITY, EXPRESSION)).max() < 1e-3


@pytest.mark.parametrize("name", ["Basel 2009 .mat", "Basel 2017 .h5", "Surrey .bin"])
def test_albedo_is_read_with_the_shape(read_back, made_up, name):
    coefficients = np.array([1.0, -0.5, 0.3, 0.2])
    expected = made_up.tint(coefficients).clip(0, 1)
    assert np.abs(read_back[name].colour(coefficients) - expected).max() < 1e-5


def test_models_of_shapes_say_that_they_have_no_colour(read_back):
    with pytest.raises(MorphableError, match="knows shapes only"):
        read_back["LSFM .mat"].colour()


def test_landmarks_come_with_the_formats_that_have_them(read_back, made_up):
    for name in ("ICT-FaceKit folder", "ICT-FaceKit .npz"):
        assert np.array_equal(read_back[name].landmarks68, made_up.landmarks)
        points = read_back[name].landmark_points()
        assert np.abs(points - made_up.mean[made_up.landmarks]).max() < 1e-3
    basel = read_back["Basel 2017 .h5"].landmarks68
    numbers = list(landmark_vertices.BASEL_NAMES.values())
    assert np.array_equal(basel[numbers], made_up.landmarks[numbers])
    assert (np.delete(basel, numbers) == -1).all()


def test_missing_landmarks_are_named_and_can_be_given(read_back, made_up, tmp_path):
    with pytest.raises(MorphableError, match=r"lacks 68 of the 68 landmarks.*landmarks=FILE"):
        read_back["LSFM .mat"].landmark_points()
    path, numbers = tmp_path / "landmarks.txt", tmp_path / "numbers.txt"
    files.write_lsfm(path.with_suffix(".mat"), made_up)
    numbers.write_text(str(made_up.landmarks.tolist()))
    model = morphable.load(path.with_suffix(".mat"), landmarks=numbers)
    assert np.array_equal(model.landmarks68, made_up.landmarks)
    numbers.write_text("1 2 3")
    with pytest.raises(MorphableError, match="found 3 numbers from 1 to 3, expected 68"):
        morphable.load(path.with_suffix(".mat"), landmarks=numbers)


@pytest.mark.parametrize("text", [str, np.bytes_, lambda t: np.frombuffer(t.encode(), "uint8"),
                                  lambda t: np.array([t.encode()])])  # fmt: skip
def test_basel_landmarks_are_read_however_they_are_stored(made_up, tmp_path, text):
    model = morphable.load(files.write_basel_2017(tmp_path / "m.h5", made_up, text=text))
    assert model.landmarks68[30] == made_up.landmarks[30]


def test_a_mean_expression_is_part_of_the_mean_and_not_of_the_neutral_face(made_up, tmp_path):
    change = np.arange(made_up.mean.size) / 20
    path = files.write_basel_2017(tmp_path / "m.h5", made_up, expression__model__mean=change)
    model = morphable.load(path)
    assert np.abs(model.neutral - made_up.mean).max() < 1e-3
    assert np.abs(model.mean - made_up.mean - change.reshape(-1, 3)).max() < 1e-3


def test_the_old_basel_layout_needs_neither_expressions_nor_colours(made_up, tmp_path):
    lacking = {
        f"{group}__model__{key}": None
        for group in ("expression", "color")
        for key in ("mean", "pcaBasis", "pcaVariance")
    }
    path = files.write_basel_2017(tmp_path / "m.h5", made_up, cells="representer/cells", **lacking)
    model = morphable.load(path)
    assert model.expression.shape == (0, 60, 3) and model.albedo_mean is None


@pytest.mark.parametrize("unit", [1.0, 1000.0, 0.1, 0.001])
def test_the_unit_of_lsfm_follows_from_the_size_of_a_face(made_up, tmp_path, unit):
    model = morphable.load(files.write_lsfm(tmp_path / "m.mat", made_up, unit, cropped=True))
    assert np.abs(model.shape(IDENTITY) - made_up.shape(IDENTITY)).max() < 1e-3
    assert model.name == "LSFM, cropped" and f"taken as {1 / unit:g} mm" in model.notes[0]
    assert lsfm.unit(170) == 1 and lsfm.unit(2.1e5) == 0.001


@pytest.mark.parametrize("version", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["component", "blendshapes", "absent"])
def test_every_version_of_eos_files_is_read(made_up, tmp_path, version, kind):
    model = morphable.load(files.write_surrey(tmp_path / "m.bin", made_up, version, kind))
    has_expression = version >= 2 and kind != "absent"
    assert len(model.expression) == (3 if has_expression else 0)
    assert model.blendshapes == (has_expression and kind == "blendshapes")
    if has_expression:
        expected = made_up.shape(IDENTITY, EXPRESSION)
        assert np.abs(model.shape(IDENTITY, EXPRESSION) - expected).max() < 1e-3
    assert np.allclose(model.uv, made_up.mean[model.triangles][..., :2])


def test_an_eos_file_of_shapes_alone_is_read(made_up, tmp_path):
    model = morphable.load(files.write_bare_surrey(tmp_path / "m.bin", made_up))
    assert np.abs(model.shape(IDENTITY) - made_up.shape(IDENTITY)).max() < 1e-3
    assert model.albedo is None and model.uv is None and not len(model.expression)


def test_ict_polygons_keep_their_material_and_texture(read_back, made_up):
    for name in ("ICT-FaceKit folder", "ICT-FaceKit .npz"):
        model = read_back[name]
        assert model.part_names == ("M_Face", "M_Teeth") and model.blendshapes
        assert (model.parts == 0).sum() == 11, "ten polygons, one of them a quadrangle"
        assert np.allclose(model.uv, made_up.mean[model.triangles][..., :2] / 200 + 0.5, atol=1e-5)
        assert model.expression_names == ("jawOpen", "mouthPucker", "smile")


def test_quantised_modes_are_right_to_half_a_step(made_up, tmp_path):
    model = morphable.load(files.write_ict_npz(tmp_path / "m.npz", made_up, quantised=True))
    deltas = made_up.deltas("identity")
    step = np.abs(deltas).max(axis=(1, 2), keepdims=True) / 127
    assert (np.abs(model.identity - deltas) <= step / 2 + 1e-4).all()


def test_a_file_is_known_by_its_content_and_not_by_its_name(made_up, tmp_path):
    written = files.write_surrey(tmp_path / "m.bin", made_up)
    renamed = written.rename(tmp_path / "looks_like.mat")
    assert morphable.load(renamed).name == "eos model, 60 vertices"


def test_coefficients_left_out_are_zero_and_too_many_are_an_error(read_back):
    model = read_back["ICT-FaceKit .npz"]
    assert np.array_equal(model.shape([2.0]), model.shape([2.0, 0, 0, 0, 0]))
    assert np.array_equal(model.shape([]), model.mean)
    with pytest.raises(MorphableError, match=r"identity coefficients of shape \(6,\).*at most 5"):
        model.shape(np.zeros(6))


def test_samples_spread_as_the_population(read_back):
    model, generator = read_back["Basel 2009 .mat"], np.random.default_rng(3)
    drawn = np.stack([model.sample(generator) for _ in range(3000)])
    expected = np.sqrt((model.identity**2).sum(axis=0))
    assert np.abs(drawn.std(axis=0) / expected - 1).max() < 0.08
    assert np.array_equal(model.sample(generator, spread=0), model.mean)


def test_scaling_changes_lengths_only(read_back):
    model = read_back["Basel 2017 .h5"]
    double = model.scaled(2)
    assert np.allclose(
        double.shape(IDENTITY, EXPRESSION), 2 * model.shape(IDENTITY, EXPRESSION), atol=1e-4
    )
    assert np.array_equal(double.albedo, model.albedo)


def test_clockwise_triangles_are_turned_round(made_up):
    clockwise = np.ascontiguousarray(made_up.triangles[:, ::-1])
    assert not arrays.face_outwards(made_up.mean, clockwise)
    assert rings(arrays.turned_outwards(made_up.mean, clockwise)) == rings(made_up.triangles)
    front = made_up.triangles[made_up.mean[made_up.triangles][..., 2].min(axis=1) > 20]
    assert arrays.face_outwards(made_up.mean, front), "a mask is open behind"


def test_published_landmarks_are_vertices_of_their_mesh_and_no_vertex_twice():
    known = {53490: 18, 53149: 26, 3448: 50}  # as the mapping files list them
    for vertices, count in known.items():
        numbers = landmark_vertices.published(vertices)
        named = numbers[numbers >= 0]
        assert len(named) == len(set(named)) == count and named.max() < vertices
    assert (landmark_vertices.published(60) == -1).all()


@pytest.mark.skipif("FACE_LAB_REAL" not in os.environ, reason="FACE_LAB_REAL is not set")
def test_the_real_ict_model_is_a_face():
    folder = Path(os.environ["FACE_LAB_REAL"]) / "morphable"
    model = morphable.load(folder / "ict_face_head_eyes_mouth_k100_i8.npz")
    points = model.landmark_points()
    assert model.identity.shape == (100, 17202, 3) and model.expression.shape == (53, 17202, 3)
    mirrored = points[list(MIRROR)] * [-1, 1, 1]
    assert np.abs(mirrored - points).max() < 0.5
    right, left = points[36:42].mean(axis=0), points[42:48].mean(axis=0)
    assert 55 < left[0] - right[0] < 75 and right[0] < 0
    assert points[8, 1] < points[57, 1] < points[33, 1] < points[27, 1], "chin to brow"
    assert points[30, 2] > points[[0, 16], 2].max() + 50, "the nose is in front of the ears"
    assert arrays.face_outwards(model.mean, model.triangles)
