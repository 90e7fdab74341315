"""What a rendered sample consists of, and how sample number i is made.

Beside pictures and maps a sample has what the scene was made from: the numbers that lessons on
conditioning, relighting and inverse rendering need.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lib import scene
from lib.prepare.camera import CameraFlaws, photograph
from lib.scene.capture import Capture
from lib.scene.head import EXPRESSIONS, IDENTITY_MODES
from lib.scene.render import render
from lib.scene.sampling import sample
from lib.store import Field, StoreError

MOST_LIGHTS = 3
"""Rows of the field `lights`; where a capture has fewer, the rest are zero. Of more (the sampler's
`more_lights`) the first are listed: the arrangement's own, then the strongest of the lamps."""

RASTERS: Mapping[str, tuple[tuple[int, ...], str, str]] = {
    "photo": ((3,), "uint8", "picture"),
    "diffuse": ((3,), "uint8", "picture"),
    "specular": ((3,), "uint8", "picture"),
    "render": ((3,), "uint8", "picture"),
    "specular_mask": ((), "uint8", "mask"),
    "labels": ((), "uint8", "labels"),
    "diffuse_linear": ((3,), "float32", "vector"),
    "specular_linear": ((3,), "float32", "vector"),
    "depth": ((), "float32", "vector"),
    "normals": ((3,), "float32", "vector"),
}
"""For each channel of `lib.scene.render.render` with pixels: axes after height and width, dtype and
kind. Those of float32 are no "pictures": augmentation would leave them behind, and they are large.
"""

ON_REQUEST = ("diffuse_linear", "specular_linear", "depth", "normals")
"""Fields that a dataset has only where they are asked for."""

ATTRIBUTES: Mapping[str, Callable[[Capture], float]] = {
    "sex": lambda capture: capture.person.sex,
    "melanin": lambda capture: capture.person.skin.melanin,
    "haemoglobin": lambda capture: capture.person.skin.haemoglobin,
    "age": lambda capture: capture.person.skin.age,
    "freckles": lambda capture: capture.person.skin.freckles,
    "oil": lambda capture: capture.oil,
    "exposure": lambda capture: capture.exposure,
    "hair": lambda capture: capture.look.hair.density,
    "beard": lambda capture: capture.look.beard.density if capture.look.beard else 0.0,
    "lipstick": lambda capture: capture.look.make_up.lipstick,
    "glasses": lambda capture: capture.look.glasses is not None,
    "hat": lambda capture: capture.look.hat is not None,
    "earrings": lambda capture: capture.look.earrings is not None,
    "necklace": lambda capture: capture.look.necklace is not None,
}
"""The columns of the field `attributes`: sex is -1 (female) or 1, things are there (1) or not (0),
the rest as in `lib.scene.person` and `lib.scene.look`."""


def _lights(capture: Capture) -> list[list[float]]:
    rows = [[*light.direction, *light.colour] for light in capture.lights[:MOST_LIGHTS]]
    return rows + [[0.0] * 6] * (MOST_LIGHTS - len(rows))


def _camera(capture: Capture) -> list[float]:
    camera = capture.camera
    return [camera.yaw, camera.pitch, camera.roll, camera.distance, camera.field, *camera.shift]


VECTORS: Mapping[str, tuple[tuple[int, ...], Callable[[Capture], Any]]] = {
    "shape": ((len(IDENTITY_MODES),), lambda capture: capture.person.shape),
    "expression": ((len(EXPRESSIONS),), lambda capture: capture.expression),
    "camera": ((7,), _camera),
    "lights": ((MOST_LIGHTS, 6), _lights),
    "attributes": (
        (len(ATTRIBUTES),),
        lambda capture: [float(value(capture)) for value in ATTRIBUTES.values()],
    ),
}
"""Fields that describe the scene, float32: their shape and where they come from.

`lights` has a direction (in the head's axes) and a colour in each row, the strongest light first.
"""

COLUMNS: Mapping[str, Sequence[str]] = {
    "shape": tuple(IDENTITY_MODES),
    "expression": tuple(EXPRESSIONS),
    "camera": ("yaw", "pitch", "roll", "distance", "field", "shift right", "shift down"),
    "lights": ("x", "y", "z", "red", "green", "blue"),
    "attributes": tuple(ATTRIBUTES),
}
"""What the columns of those fields mean; a dataset's card repeats it."""


def fields(size: int, names: Collection[str] | None = None) -> list[Field]:
    """Describe the arrays of a rendered sample.

    Vectors say what was rendered. Augmentation leaves them, `landmarks_visible` included, as they
    are, so where it mirrors pictures they no longer fit.

    Args:
        size: width and height of the pictures, pixels.
        names: the fields wanted; by default all but those `ON_REQUEST`.

    Returns:
        The fields, in an order that does not depend on that of the names.

    Raises:
        StoreError: if there is no field of such a name, or no name at all, or no list of names.
    """
    every = [
        *(
            Field(name, (size, size, *rest), dtype, kind)
            for name, (rest, dtype, kind) in RASTERS.items()
        ),
        Field("landmarks", (68, 2), "float32", "landmarks"),
        Field("landmarks_visible", (68,), "uint8", "vector"),
        *(Field(name, shape, "float32", "vector") for name, (shape, _) in VECTORS.items()),
    ]
    known = [field.name for field in every]
    if names is not None and not _are_names(names):
        raise StoreError(f"found fields = {names!r}; expected a list such as ['photo', 'labels']")
    wanted = set(known) - set(ON_REQUEST) if names is None else set(names)
    if not wanted or wanted - set(known):
        found = ", ".join(sorted(wanted - set(known))) or "none"
        raise StoreError(f"found fields {found}; expected some of {', '.join(known)}")
    return [field for field in every if field.name in wanted]


def _are_names(names: object) -> bool:
    listed = isinstance(names, Collection) and not isinstance(names, (str, bytes))
    return listed and all(isinstance(name, str) for name in names)


@dataclass(frozen=True)
class Renders:
    """Makes the samples of a rendered dataset: ``captures`` pictures of each identity in turn.

    Attributes:
        seed: of the collection of people.
        captures: pictures of each identity.
        size: width and height, pixels.
        names: the fields of a sample.
        flaws: of the camera that takes `photo`; ``None`` for exact photos.
        sampling: options of `lib.scene.sampling.sample`.
    """

    seed: int
    captures: int
    size: int
    names: tuple[str, ...]
    flaws: CameraFlaws | None
    sampling: Mapping[str, Any]

    @property
    def fields(self) -> list[Field]:
        """The arrays of a sample."""
        return fields(self.size, self.names)

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of its making, and of the columns of its vectors.

        With the renderer's digest in it, pictures of two renderers are never taken for one set.
        """
        return {
            "captures": self.captures,
            "size": self.size,
            "sampling": dict(self.sampling),
            "camera": asdict(self.flaws) if self.flaws else None,
            "renderer": scene.source_digest(),
            "columns": {name: COLUMNS[name] for name in self.names if name in COLUMNS},
        }

    def capture(self, index: int) -> Capture:
        """Return what there is to see in sample ``index``."""
        identity, number = divmod(index, self.captures)
        return sample(self.seed, identity, number, **self.sampling)

    def __call__(self, index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Make a sample.

        Args:
            index: of the sample.
            generator: its own; the camera's flaws are drawn from it, and nothing else.

        Returns:
            The arrays by field name, as `fields` describes them.
        """
        capture = self.capture(index)
        arrays = render(capture, self.size, bare_model="render" in self.names)
        if self.flaws:
            light = arrays["diffuse_linear"] + arrays["specular_linear"]
            arrays["photo"] = photograph(light, self.flaws, generator)
        for name, (_, describe) in VECTORS.items():
            arrays[name] = np.asarray(describe(capture), np.float32)
        return {name: arrays[name] for name in self.names}


def compile_renderer() -> None:
    """Render one tiny face, so that processes started later find the renderer compiled."""
    render(sample(0, 0, 0), 8)
