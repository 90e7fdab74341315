"""TensorFlow's threads: shared out on request, and never against what somebody has set."""

import joblib
import keras
import pytest

from lib import cores

TENSORFLOW = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's own")


@pytest.mark.parametrize(
    ("number", "shares"), [(1, (1, 2)), (2, (1, 2)), (8, (4, 2)), (16, (8, 2))]
)
def test_each_operation_gets_half_of_the_cores(number, shares):
    assert cores.share_out(number) == shares


@pytest.mark.parametrize("name", [cores.WITHIN, cores.BETWEEN])
def test_threads_that_somebody_has_set_are_left_alone(monkeypatch, name):
    monkeypatch.delenv(cores.WITHIN, raising=False)
    monkeypatch.delenv(cores.BETWEEN, raising=False)
    monkeypatch.setenv(name, "1")
    assert not cores.two_at_a_time()


@pytest.fixture
def tensorflow(monkeypatch):
    """TensorFlow on eight cores without a GPU, and no number of threads set."""
    tensorflow = pytest.importorskip("tensorflow")
    monkeypatch.delenv(cores.WITHIN, raising=False)
    monkeypatch.delenv(cores.BETWEEN, raising=False)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)
    monkeypatch.setattr(tensorflow.config, "list_physical_devices", lambda kind: [])
    return tensorflow


@TENSORFLOW
def test_both_numbers_are_set(monkeypatch, tensorflow):
    asked, threading = {}, tensorflow.config.threading
    for kind in ("intra", "inter"):
        name = f"set_{kind}_op_parallelism_threads"
        monkeypatch.setattr(threading, name, lambda number, kind=kind: asked.update({kind: number}))
    assert cores.two_at_a_time()
    assert asked == {"intra": 4, "inter": 2}


@TENSORFLOW
def test_too_late_is_said(monkeypatch, tensorflow):
    tensorflow.zeros(1)
    monkeypatch.setattr(cores, "share_out", lambda number: (61, 67))
    with pytest.raises(RuntimeError, match="restart the kernel and call two_at_a_time first"):
        cores.two_at_a_time()


@TENSORFLOW
def test_a_gpu_is_left_alone(monkeypatch, tensorflow):
    monkeypatch.setattr(tensorflow.config, "list_physical_devices", lambda kind: ["one"])
    assert not cores.two_at_a_time()
