"""Training in bfloat16: what is rounded, by hand; what is not, to the bit; and what comes back."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from lib import env, profiles
from lib.models.enlargement import EnlargedConvolution
from lib.muon import Muon
from lib.training import precision, train

FINE = 1 + 2.0**-10
"""A number that float32 holds and bfloat16 rounds to 1."""


@pytest.fixture
def paying(monkeypatch):
    monkeypatch.setattr(precision, "pays", lambda: True)


def convolution(channels=8, scale=1.0):
    """Return a compiled model of one convolution that multiplies every channel by a number."""
    inputs = keras.Input((1, 1, channels))
    layer = layers.Conv2D(channels, 1, use_bias=False, name="only")
    model = keras.Model(inputs, layer(inputs))
    layer.kernel.assign(scale * np.eye(channels)[None, None])
    model.compile(keras.optimizers.SGD(0.0), loss="mean_absolute_error")
    return model


def batch(value, channels=8):
    return np.full((4, 1, 1, channels), value, np.float32)


class Same(keras.utils.PyDataset):
    """One batch, again and again."""

    epoch = 0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return batch(FINE), batch(1.0)


def loss_of_a_step(model, picture, truth):
    return float(model.fit(picture, truth, verbose=0).history["loss"][0])


@pytest.mark.parametrize(
    ("words", "has"), [("fpu amx_bf16 amx_tile", True), ("fpu avx512_bf16", False), ("", False)]
)
def test_linux_tells_whether_the_cpu_has_the_unit(tmp_path, words, has):
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags\t\t: {words}\n")
    assert env.has_bfloat16_unit(tmp_path / "cpuinfo") is has


def test_where_nothing_tells_there_is_no_unit(tmp_path):
    assert env.has_bfloat16_unit(tmp_path / "none") is False


def test_the_report_tells_of_the_unit(monkeypatch):
    monkeypatch.setattr(env, "has_bfloat16_unit", lambda: True)
    assert env.machine()["cores"].endswith("with units for bfloat16")


@pytest.mark.parametrize(
    ("unit", "gpu", "variable", "expected"),
    [
        (True, False, None, keras.backend.backend() == "tensorflow"),
        (True, False, "0", False),
        (True, True, None, False),
        (False, False, None, False),
    ],
)
def test_it_pays_on_tensorflow_with_a_unit_and_no_gpu(monkeypatch, unit, gpu, variable, expected):
    monkeypatch.setattr(env, "has_bfloat16_unit", lambda: unit)
    monkeypatch.setattr(env, "has_gpu", lambda: gpu)
    monkeypatch.delenv(precision.VARIABLE, raising=False)
    if variable:
        monkeypatch.setenv(precision.VARIABLE, variable)
    assert precision.pays() is expected


def test_wide_float32_convolutions_alone_are_chosen():
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(8, 3, name="of three channels")(inputs)
    x = layers.Conv2D(8, 3, name="wide")(x)
    x = layers.Conv2D(8, 1, dtype="mixed_float16", name="half as it is")(x)
    x = EnlargedConvolution(16, name="enlarging")(x)
    x = layers.Conv2DTranspose(8, 2, name="transposed")(x)
    x = layers.Conv2D(7, 3, name="narrow")(x)
    inner = keras.Sequential([layers.Flatten(), layers.Dense(9), layers.Dense(9)], name="inner")
    chosen = precision.wide_convolutions(keras.Model(inputs, inner(x)))
    assert {layer.name for layer in chosen} == {"wide", "enlarging", "transposed"}


@pytest.mark.usefixtures("paying")
@pytest.mark.parametrize("eager", [False, True])
def test_a_step_rounds_what_it_multiplies_and_nothing_else_is_rounded(eager):
    model = convolution(scale=2.0)
    model.run_eagerly = eager
    with precision.narrowed(model):
        assert loss_of_a_step(model, batch(FINE), batch(2.0)) == 0.0  # 2 x 1
        assert loss_of_a_step(model, batch(1.0), batch(2 * FINE)) > 0.0  # the truth is exact
        np.testing.assert_array_equal(ops.convert_to_numpy(model(batch(FINE))), 2 * FINE)
        np.testing.assert_array_equal(model.predict(batch(FINE), verbose=0), 2 * FINE)


@pytest.mark.usefixtures("paying")
def test_after_it_all_is_as_before():
    model = convolution()
    model.compile(Muon(0.0), loss="mean_absolute_error", run_eagerly=True)
    with pytest.raises(ZeroDivisionError), precision.narrowed(model):
        loss_of_a_step(model, batch(1.0), batch(1.0))
        raise ZeroDivisionError
    assert model.get_layer("only").dtype_policy.name == "float32"
    assert model.optimizer.precision == "float32"
    model.compile(keras.optimizers.SGD(0.0), loss="mean_absolute_error")
    assert loss_of_a_step(model, batch(FINE), batch(1.0)) == pytest.approx(FINE - 1)


def test_where_it_does_not_pay_a_step_is_exact(monkeypatch):
    monkeypatch.setattr(precision, "pays", lambda: False)
    model = convolution()
    with precision.narrowed(model):
        assert loss_of_a_step(model, batch(FINE), batch(1.0)) == pytest.approx(FINE - 1)


@pytest.mark.usefixtures("paying")
@pytest.mark.parametrize(("mixed", "first"), [(True, 0.0), (False, FINE - 1)])
def test_train_narrows_where_the_profile_asks_for_it(tmp_path, mixed, first):
    profile = profiles.choose("smoke", steps=2, sample_every=1, mixed_precision=mixed)
    run = train(convolution(), Same(), profile, "only", runs=tmp_path, live=False)
    assert run.history["loss"].iloc[0] == pytest.approx(first)


@pytest.mark.usefixtures("paying")
def test_weights_and_averages_stay_float32_and_move_the_same_way():
    ends = {}
    for name in ("float32", "bfloat16"):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((6, 6, 8))
        model = keras.Model(inputs, layers.Conv2D(16, 3)(inputs))
        model.compile(Muon(0.01), loss="mean_squared_error")
        model.optimizer.build(model.trainable_variables)
        draw = np.random.default_rng(1)
        pictures, truths = draw.normal(size=(8, 6, 6, 8)), draw.normal(size=(8, 4, 4, 16))
        begun = model.get_weights()
        if name == "bfloat16":
            with precision.narrowed(model):
                model.fit(pictures, truths, epochs=3, verbose=0)
        else:
            model.fit(pictures, truths, epochs=3, verbose=0)
        variables = [*model.variables, *model.optimizer.variables]
        floats = {v.dtype for v in variables if "int" not in v.dtype}
        assert floats == {"float32"}
        ends[name] = model.get_weights()[0] - begun[0]
    apart = np.linalg.norm(ends["bfloat16"] - ends["float32"]) / np.linalg.norm(ends["float32"])
    assert 0 < apart < 0.05
