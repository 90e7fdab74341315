"""Weights on disk: there and back, half precision, refusals, and saves that fail."""

import keras
import numpy as np
import pytest
from test_training import assert_same, build, values

from lib.training import WeightsError, load, save


@pytest.mark.parametrize("name", ["a.weights.h5", "a.npz"])
def test_weights_survive_the_disk(tmp_path, name):
    model, other = build(), build()
    for layer in other.layers:
        layer.set_weights([array + 1 for array in layer.get_weights()])
    assert save(model, tmp_path / "made" / name) == tmp_path / "made" / name
    load(other, tmp_path / "made" / name)
    assert_same(values(model), values(other))
    assert [path.name for path in (tmp_path / "made").iterdir()] == [name]


def test_half_precision_halves_the_file_and_rounds_by_two_to_the_minus_eleven(tmp_path):
    model = build(units=5000)
    full, half = save(model, tmp_path / "full.npz"), save(model, tmp_path / "half.npz", half=True)
    assert half.stat().st_size < 0.52 * full.stat().st_size
    before = values(model)
    load(model, half)
    for old, new in zip(before, values(model), strict=True):
        assert new.dtype == np.float32
        np.testing.assert_allclose(new, old, rtol=2**-11, atol=2**-25)


@pytest.mark.parametrize("name", ["a.weights.h5", "a.npz"])
def test_weights_of_another_network_are_refused_and_change_nothing(tmp_path, name):
    save(build(units=6), tmp_path / name)
    model = build()
    before = values(model)
    expected = rf"{name}: .*dense\w*.*: found shape \(3, 6\), expected \(3, 5\)"
    if keras.backend.backend() == "torch" and name.endswith(".h5"):
        expected = rf"{name}: does not fit this network: .*dense"  # Keras says no shapes there
    with pytest.raises(WeightsError, match=expected):
        load(model, tmp_path / name)
    assert_same(values(model), before)


@pytest.mark.parametrize("name", ["a.weights.h5", "a.npz"])
def test_damaged_and_missing_files_are_one_clear_error(tmp_path, name):
    with pytest.raises(FileNotFoundError, match=f"{name}: found no weights file"):
        load(build(), tmp_path / name)
    (tmp_path / name).write_bytes(b"not weights")
    with pytest.raises(WeightsError, match=name):
        load(build(), tmp_path / name)


def test_pickles_are_never_read(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, **{"0000": np.array([print], dtype=object)})
    with pytest.raises(WeightsError, match="expected a readable"):
        load(build(), path)


def test_what_a_weights_file_cannot_hold_is_refused(tmp_path):
    model = build()
    with pytest.raises(WeightsError, match=r"expected \.weights\.h5 or \.npz"):
        save(model, tmp_path / "a.pickle")
    with pytest.raises(WeightsError, match=r"found suffix '.h5', expected \.npz"):
        save(model, tmp_path / "a.weights.h5", half=True)
    model.layers[-1].bias.assign([1e6])
    with pytest.raises(WeightsError, match=r"bias: found 1000000.0, expected at most 65504"):
        save(model, tmp_path / "a.npz", half=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.weights.h5", "a.npz"])
def test_a_failed_save_leaves_the_old_file(tmp_path, name, monkeypatch):
    model = build()
    path = save(model, tmp_path / name)
    before = path.read_bytes()

    def fail(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr(np.lib.format, "write_array", fail)
    monkeypatch.setattr(model, "save_weights", fail)
    with pytest.raises(OSError, match="no space left"):
        save(model, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
