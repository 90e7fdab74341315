"""Set-up: which Python, which lock, when to do nothing, and from the standard library alone."""

import subprocess
import sys

import pytest

from lib import env
from lib.commands import setup


def test_setup_knows_a_complete_environment(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "ENVIRONMENT", tmp_path)
    lock = tmp_path / "requirements.lock"
    lock.write_text("numpy==2\n")
    assert not setup.is_complete(lock)
    setup.python().parent.mkdir()
    setup.python().write_text("")
    (tmp_path / setup.STAMP).write_text(setup._fingerprint(lock))
    assert setup.is_complete(lock)
    lock.write_text("numpy==3\n")
    assert not setup.is_complete(lock), "a changed lock is installed"


def test_setup_refuses_a_python_without_tensorflow(monkeypatch):
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    with pytest.raises(setup.SetupError, match=r"needs 3.11, 3.12 or 3.13"):
        setup.supported_python()
    monkeypatch.setattr(setup.shutil, "which", lambda name: name if name == "python3.12" else None)
    assert setup.supported_python() == "python3.12"


def test_the_gpu_switch_beats_the_earlier_choice_which_beats_the_driver(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(setup.platform, "system", lambda: "Linux")
    monkeypatch.setattr(setup.env, "has_gpu", lambda: True)
    monkeypatch.delenv("GPU", raising=False)
    assert setup.lock().name == "requirements-gpu.lock"
    (tmp_path / setup.STAMP).write_text("requirements.lock 0123")
    assert setup.lock().name == "requirements.lock"
    monkeypatch.setenv("GPU", "1")
    assert setup.lock().name == "requirements-gpu.lock"
    monkeypatch.setenv("GPU", "0")
    assert setup.lock().name == "requirements.lock"


def test_a_gpu_is_refused_where_tensorflow_has_no_support(monkeypatch):
    monkeypatch.setenv("GPU", "1")
    monkeypatch.setattr(setup.platform, "system", lambda: "Windows")
    with pytest.raises(setup.SetupError, match="on Linux only"):
        setup.lock()


def test_setup_needs_nothing_but_the_standard_library():
    code = "import lib.__main__, lib.commands.setup, lib.commands.clean"
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.'); {code}"]
    assert subprocess.run(command, cwd=env.ROOT).returncode == 0
