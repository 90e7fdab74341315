"""Batches of glossy pairs, as the models of system S1 take them."""

from __future__ import annotations

import numpy as np

from lib.gans.cut_outs import cut_out
from lib.prepare.layers import skin_of

FIELDS = ("photo", "diffuse", "matte", "specular_mask", "labels")
"""What `arrange` needs of a dataset of glossy pairs."""

DIRECTIONS = ("AtoB", "BtoA")
"""Taking shine off, and putting it on."""


def arrange(
    arrays: dict[str, np.ndarray], direction: str = "AtoB", cuts_out: bool = True
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Make a batch (x, y), for `Dataset.batches(arrange=...)`.

    Unpaired training must not see pairs: the targets that critics are shown are those of other
    samples, half a batch away.

    Args:
        arrays: of `FIELDS`: pictures float32 (N, S, S, 3) in [-1, 1], specular_mask (N, S, S),
            labels (N, S, S).
        direction: one of `DIRECTIONS`.
        cuts_out: whether skin alone is shown, on black.

    Returns:
        x: source, and targets of other faces; y: what the source should become: `paired`, `matte`
            (shiny faces' highlights alone removed), and `mask` of the highlights (N, S, S, 1).

    Raises:
        ValueError: for another direction, or a batch of one, which has no other sample.
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"found direction {direction!r}; expected one of {', '.join(DIRECTIONS)}")
    number = len(arrays["photo"])
    if number < 2:
        raise ValueError("found a batch of 1; expected 2 or more, to show targets of other faces")
    pictures = [arrays[name] for name in ("photo", "diffuse", "matte")]
    if cuts_out:
        skin = skin_of(arrays["labels"])
        pictures = [cut_out(one, skin) for one in pictures]
    source, target, matte = pictures
    if direction == "BtoA":
        source, target = target, source
    x = {"source": source, "target": np.roll(target, number // 2, axis=0)}
    return x, {"paired": target, "matte": matte, "mask": arrays["specular_mask"][..., None]}
