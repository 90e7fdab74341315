"""options.json: what defines a run, and the refusal to resume it as something else."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import json
import pathlib
import platform
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from lib import env
from lib.files import replacing
from lib.profiles import Profile

MAY_CHANGE = {"versions", "profile.steps", "profile.sample_every", "profile.max_minutes"}
PACKAGES = ("keras", "numpy", "tensorflow", "tensorflow-cpu", "jax", "torch")


class ResumeError(ValueError):
    """A run folder that was made with other options."""


def describe(
    model: keras.Model,
    dataset: keras.utils.PyDataset,
    profile: Profile,
    moving_average: float | None,
    options: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return what defines a run, as plain JSON values.

    Args:
        model: compiled and built.
        dataset: its length and, where it has one, its seed are noted.
        profile: of the run.
        moving_average: decay of the weights' average, or None.
        options: whatever else the caller counts in.

    Returns:
        A dictionary that survives a round trip through JSON unchanged.
    """
    networks = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    description = {
        "profile": dataclasses.asdict(profile),
        "model": {
            "class": type(model).__name__,
            "code": _fingerprint(type(model)),
            "parameters": model.count_params(),
            "networks": [network.count_params() for network in networks],
            "precision": model.dtype_policy.name,
            "term_weights": getattr(model, "term_weights", None),
            "optimizer": keras.saving.serialize_keras_object(model.optimizer),
        },
        "data": {"batches": len(dataset), "seed": getattr(dataset, "seed", None)},
        "moving_average": moving_average,
        "options": dict(options or {}),
        "versions": {
            "python": platform.python_version(),
            "backend": keras.backend.backend(),
            **{name: env.version(name) for name in PACKAGES},
        },
    }
    return json.loads(json.dumps(description, default=str))


def _fingerprint(kind: type) -> str:
    """Return a hash of a class's own methods, so that a lesson with changed losses is a new run.

    Method by method, because Python finds no source of a whole class that a notebook defines.
    """
    methods = [inspect.unwrap(value) for value in vars(kind).values() if inspect.isfunction(value)]
    try:
        code = "".join(sorted(inspect.getsource(method) for method in methods))
    except OSError:  # typed at a prompt, say
        return ""
    return hashlib.sha256(code.encode()).hexdigest()[:12]


def _leaves(options: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the dotted key and the value of every leaf of nested dictionaries."""
    numbered = key.startswith("model.optimizer.") and key.endswith(".name")  # adam, adam_1, ...
    if key in MAY_CHANGE or numbered:
        return
    if isinstance(options, dict):
        for name, value in options.items():
            yield from _leaves(value, f"{key}.{name}" if key else name)
    else:
        yield key, options


def settle(folder: pathlib.Path, options: dict[str, Any], resume: bool) -> None:
    """Compare with the options that the run began with, then write today's.

    Args:
        folder: of the run, which need not exist.
        options: what `describe` returned.
        resume: False deletes the run first; only a folder that holds an options.json is deleted.

    Raises:
        ResumeError: naming the first key that differs, what was found and expected.
    """
    path = folder / "options.json"
    if path.is_file() and not resume:
        shutil.rmtree(folder)
    if path.is_file():
        found, expected = dict(_leaves(json.loads(path.read_text("utf-8")))), dict(_leaves(options))
        for key in sorted(found.keys() | expected.keys()):
            if found.get(key) != expected.get(key):
                raise ResumeError(
                    f"{path}: {key}: found {found.get(key)!r}, expected {expected.get(key)!r}: "
                    "choose another run name, or resume=False to start this one anew"
                )
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(options, indent=2) + "\n", "utf-8")
