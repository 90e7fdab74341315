"""options.json: what defines a run, and the refusal to resume it as something else."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import platform
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from lib import env, fingerprint
from lib.files import write_json
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
            "code": fingerprint.of_class(type(model)),
            "loss": _loss(model),
            "parameters": model.count_params(),
            "networks": [_network(network) for network in networks or [model]],
            "precision": model.dtype_policy.name,
            "term_weights": getattr(model, "term_weights", None),
            "optimizer": keras.saving.serialize_keras_object(model.optimizer),
        },
        "data": _data(dataset),
        "moving_average": moving_average,
        "options": dict(options or {}),
        "versions": {
            "python": platform.python_version(),
            "backend": keras.backend.backend(),
            **{name: env.version(name) for name in PACKAGES},
        },
    }
    return json.loads(json.dumps(description, default=str))


def _without_names(config: Any) -> Any:
    """Drop layers' names, which count up from one building of a network to the next."""
    if isinstance(config, dict):
        return {key: _without_names(value) for key, value in config.items() if key != "name"}
    return [_without_names(value) for value in config] if isinstance(config, list) else config


def _network(network: keras.Model) -> dict[str, Any]:
    """Return a network's size and a hash of its layers' settings."""
    layers = [
        (type(layer).__name__, _without_names(layer.get_config())) for layer in network.layers
    ]
    text = json.dumps(layers, default=lambda value: type(value).__name__)
    return {
        "parameters": network.count_params(),
        "layers": fingerprint.of_text(text),
    }


def _loss(model: keras.Model) -> str:
    loss = getattr(model, "loss", None)
    return str(getattr(loss, "name", None) or getattr(loss, "__name__", None) or loss)


def _data(dataset: keras.utils.PyDataset) -> dict[str, Any]:
    """Return what decides the batches, as far as the dataset tells."""
    settings = ("seed", "batch_size", "steps", "shuffle", "fields", "augment", "people")
    card = getattr(getattr(dataset, "dataset", None), "card", {})
    recipe = {key: value for key, value in card.items() if key not in {"created", "versions"}}
    return {
        "batches": len(dataset),
        **{name: getattr(dataset, name, None) for name in settings},
        "arrange": fingerprint.of_notebook_function(getattr(dataset, "arrange", None)),
        "card": fingerprint.of_text(json.dumps(recipe)),
        **{name: _data(part) for name, part in getattr(dataset, "parts", {}).items()},
    }


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
    log = folder / "metrics.jsonl"
    has_begun = log.is_file() and log.stat().st_size > 0  # else nothing is lost by new options
    if path.is_file() and has_begun:
        found, expected = dict(_leaves(json.loads(path.read_text("utf-8")))), dict(_leaves(options))
        for key in sorted(found.keys() | expected.keys()):
            if found.get(key) != expected.get(key):
                raise ResumeError(
                    f"{path}: the run began with {key} = {found.get(key)!r}, and this call has "
                    f"{expected.get(key)!r}: "
                    "choose another run name, or resume=False to start this one anew"
                )
    write_json(path, options)
