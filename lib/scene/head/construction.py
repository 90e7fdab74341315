"""The head built from its modes; what `load` takes its linear basis from.

The construction is nearly, not exactly, linear in the modes: features have places and widths. Its
finite differences about the mean head *are* the model; lids are left closed here (see `lids`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lib.scene.curves import MOUTH_HALF_WIDTH, MOUTH_HEIGHT
from lib.scene.head import expression, features, identity, template
from lib.scene.head.fields import step

_INNER_LIPS = ((0.985, 0.8, -4.0), (0.93, 2.5, -13.0))
"""Of each layer: share of x, and how far it lies behind the lip's edge in y and z, mm."""


class Construction:
    """Builds heads with closed eyes from named modes."""

    def __init__(self, detail: float):
        self.template = template.build(detail)
        bare = template.canonical(self.template)
        below = self.template.below[MOUTH_HEIGHT]
        self.place = expression.Place(bare[:, 0], bare[:, 1], below)
        self.front = step(bare[:, 2], 15, 45) * (self.template.unwrapped[:, 1] > -120)
        self.jaw = expression.jaw_weights(self.template.unwrapped, below)
        self.bare = bare

    def build(
        self,
        modes: Mapping[str, float] | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> np.ndarray:
        """Build a head.

        Args:
            modes: identity coefficients by name, 0 where not given.
            weights: expression weights by name, 0 where not given.

        Returns:
            (V, 3) vertices, mm.
        """
        full = dict.fromkeys(identity.NAMED_MODES, 0.0) | dict(modes or {})
        x, y, front = self.place.x, self.place.y, self.front
        moved = identity.warp(x, y, full) * front[:, None]
        vertices = self.template.spread(identity.control_net(full)) + moved
        relief = features.nose(x, y, full) + features.mouth(x, y, full) + features.sockets(x, y)
        relief += (0.55 + 0.5 * full["nasolabial_fold"]) * features.nasolabial_fold(x, y)
        vertices[:, 2] += front * relief
        vertices[:, 1] += front * (features.mouth_line(x, y) + identity.standing_rise(x, y))
        for name, amount in (weights or {}).items():
            if name in expression.MUSCLES:
                vertices += amount * front[:, None] * expression.MUSCLES[name](self.place)
        if weights and weights.get("jaw_open"):
            vertices = expression.open_jaw(vertices, self.place, self.jaw, weights["jaw_open"])
        vertices *= 1 + 0.018 * full["head_size"]
        return self._line_lips(vertices)

    def residuals(self) -> np.ndarray:
        """(modes, V, 3) displacements by the modes without names, mm."""
        x, y = self.place.x, self.place.y
        window = self.front * step(-y, -80, -50) * (1 - step(-y, 105, 125))
        return identity.residuals(x, y, window)

    def _line_lips(self, vertices: np.ndarray) -> np.ndarray:
        """Lead the inside of the lips back from their edges."""
        slit = self.template.slits["mouth"]
        for edge, layers, side in (
            (slit.upper, slit.strips[0], 1),
            (slit.lower, slit.strips[1], -1),
        ):
            inside = np.clip(1 - (self.place.x[edge] / MOUTH_HALF_WIDTH) ** 2, 0, 1)
            for layer, (narrower, apart, back) in zip(layers, _INNER_LIPS, strict=True):
                lining = vertices[edge] * (narrower, 1, 1)
                lining[:, 1] += side * apart * inside
                lining[:, 2] += back * (0.7 + 0.3 * inside)
                vertices[layer] = lining
        return vertices
