"""`make setup`: a virtual environment with the locked packages, from nothing but Python.

Only the standard library is used here. The steps: a `.venv`, uv into it, then every package of the
lock through uv. A stamp in `.venv` remembers the lock, so that a second call returns at once and a
changed lock is installed by itself. To change the Python, remove `.venv` first.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import time

from lib import env

ROOT = env.ROOT
ENVIRONMENT = ROOT / ".venv"
STAMP, CPU_LOCK = "lab-setup.txt", "requirements.lock"
OLDEST, NEWEST = (3, 11), (3, 13)


class SetupError(RuntimeError):
    """The environment could not be made; the message says what to do."""


def python() -> pathlib.Path:
    """Return where the environment's Python is (or will be)."""
    windows = platform.system() == "Windows"
    return ENVIRONMENT / ("Scripts/python.exe" if windows else "bin/python")


def is_inside() -> bool:
    """Say whether this process runs on the environment's Python."""
    return pathlib.Path(sys.prefix).resolve() == ENVIRONMENT.resolve()


def lock() -> pathlib.Path:
    """Return the lock file for this machine.

    GPU=1 or GPU=0 decides; else the choice made before; else whether an NVIDIA driver answers.

    Raises:
        SetupError: for GPU=1 where TensorFlow has no GPU support.
    """
    stamp, asked = ENVIRONMENT / STAMP, os.environ.get("GPU", "")
    if asked == "1" and platform.system() != "Linux":
        raise SetupError("GPU=1, but TensorFlow uses NVIDIA GPUs on Linux only: leave it out")
    if asked not in {"0", "1"} and stamp.exists():
        return ROOT / stamp.read_text("utf-8").split()[0]
    gpu = asked == "1" or (asked != "0" and env.has_gpu())
    return ROOT / ("requirements-gpu.lock" if gpu else CPU_LOCK)


def supported_python() -> str:
    """Return a Python between 3.11 and 3.13: this one if it is, else one found on the PATH.

    Raises:
        SetupError: when there is none.
    """
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return getattr(sys, "_base_executable", sys.executable)
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    raise SetupError(
        f"this is Python {platform.python_version()}; TensorFlow needs 3.11, 3.12 or 3.13: "
        "install one and call `make PYTHON=python3.12 setup`"
    )


def _run(command: list[str | pathlib.Path], failure: str) -> None:
    if subprocess.run([str(part) for part in command], cwd=ROOT).returncode:
        raise SetupError(failure)


def _has_pip() -> bool:
    if not python().exists():
        return False
    return subprocess.run([python(), "-m", "pip", "--version"], capture_output=True).returncode == 0


def _install_venv_module(interpreter: str) -> None:
    """Debian splits `venv` off Python; as root on a bare machine fetch it, else say how."""
    query = [interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    package = f"python{subprocess.check_output(query, text=True).strip()}-venv"
    advice = f"this Python cannot make virtual environments: `sudo apt-get install {package}`"
    may_install = shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0
    if not may_install:
        raise SetupError(advice)
    print(f"Debian's {package} is missing: installing it with apt-get", flush=True)
    subprocess.run(["apt-get", "update", "-qq"])
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], advice)


def make_environment() -> None:
    """Make an empty `.venv` that has pip; one left half made is made anew.

    Raises:
        SetupError: when Python cannot; the message names the package to install.
    """
    if _has_pip():
        return
    interpreter = supported_python()
    print(f"Making .venv with {interpreter}", flush=True)
    command = [interpreter, "-m", "venv", "--clear", str(ENVIRONMENT)]
    first = subprocess.run(command, capture_output=True, text=True)
    if first.returncode and "ensurepip" not in first.stdout + first.stderr:
        raise SetupError(f"`{' '.join(command)}` failed: {(first.stdout + first.stderr).strip()}")
    if not _has_pip():
        _install_venv_module(interpreter)
        _run(command, f"`{' '.join(command)}` failed: see the message above")


def install_packages(requirements: pathlib.Path) -> None:
    """Install uv, at the version the lock names, and through it every package of the lock.

    Raises:
        SetupError: when a package cannot be fetched; calling again goes on from the cache.
    """
    version = re.search(r"^uv==(\S+)", requirements.read_text("utf-8"), re.MULTILINE)
    pinned = f"uv=={version.group(1)}" if version else "uv"
    retry = "packages could not be fetched: check the network and call `make setup` again"
    quiet = [python(), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    _run([*quiet, pinned], retry)
    size = "2.3 GB, about a minute" if requirements.name == CPU_LOCK else "several GB with CUDA"
    print(f"Installing the packages of {requirements.name} ({size})", flush=True)
    uv = [python(), "-m", "uv", "pip"]
    # the two distributions own the same files; the one that stays must be written last
    other = ["tensorflow", "tensorflow-cpu"]
    subprocess.run([*uv, "uninstall", "-q", "--python", python(), *other], capture_output=True)
    # the lock names all that is needed, and leaves out what only slows Jupyter down
    _run([*uv, "install", "--no-deps", "--python", python(), "-r", requirements], retry)


def _fingerprint(requirements: pathlib.Path) -> str:
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    return f"{requirements.name} {digest}\n"


def is_complete(requirements: pathlib.Path) -> bool:
    """Say whether `.venv` holds exactly this lock; a Python removed since counts as no."""
    stamp = ENVIRONMENT / STAMP
    made = stamp.exists() and python().exists()
    return made and stamp.read_text("utf-8") == _fingerprint(requirements)


def main(arguments: list[str]) -> int:
    """Make or refresh the environment; one that is complete is kept, whichever Python made it.

    Args:
        arguments: none are taken.

    Returns:
        The exit status.
    """
    started = time.monotonic()
    try:
        requirements = lock()
        if is_complete(requirements):
            return 0
        make_environment()
        install_packages(requirements)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    (ENVIRONMENT / STAMP).write_text(_fingerprint(requirements), "utf-8")
    print(f"The environment is ready ({time.monotonic() - started:.0f} s).")
    return 0
