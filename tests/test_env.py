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
    assert "pip install no-such-package" in env.report()
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
    assert seen["command"][-1] == "mtcnn"
    assert not {"-U", "--upgrade"} & set(seen["command"])
    assert f"numpy=={numpy.__version__}" in seen["constraints"]


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
