"""The loss terms of system S1, by the names that designs weigh them with."""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from keras import ops

from lib import losses
from lib.gans.adversarial import frozen

if TYPE_CHECKING:
    from lib.gans.specularity.model import Specularity

Tensor = Any

PERCEIVED = 2
"""Pictures of each batch that the perceptual term looks at; it is costly."""


SLIGHT = 0.5
"""Squares of a face that hardly shines, in the networks' range: its share is not asked for."""


@dataclasses.dataclass(frozen=True)
class Round:
    """The pictures of one step.

    Attributes:
        x: source and target, float32 (N, S, S, 3).
        y: paired, matte and mask: what the source should become, and where it shines.
        fake: the source translated.
        back: the target translated back, or None.
        again: source and target after a whole cycle, or None.
        training: whether this is a training step.
    """

    x: dict[str, Tensor]
    y: dict[str, Tensor]
    fake: Tensor
    back: Tensor | None
    again: tuple[Tensor, Tensor] | None
    training: bool


def _fakes(played: Round) -> list[Tensor]:
    return [fake for fake in (played.fake, played.back) if fake is not None]


def _adversarial(model: Specularity, played: Round) -> Tensor:
    """Add up what the translators pay for being seen through."""
    return sum(
        model.game.generator(frozen(critic, fake, played.training))
        for critic, fake in zip(model.critics, _fakes(played), strict=True)
    )


def _critic(model: Specularity, played: Round) -> Tensor:
    """Add up what the critics pay for their mistakes, on fakes of now and of before."""
    training, total = played.training, 0.0
    reals = (played.x["target"], played.x["source"])[: len(model.critics)]
    for critic, pool, real, fake in zip(
        model.critics, model.pools, reals, _fakes(played), strict=True
    ):
        seen = pool(fake) if training else fake
        total += model.game.critic(critic(real, training=training), critic(seen, training=training))
    return total


def _cycle(distance: Callable, model: Specularity, played: Round) -> Tensor:
    """Add up how far both pictures are from themselves after a way there and back."""
    pairs = zip((played.x["source"], played.x["target"]), played.again, strict=True)
    return sum(distance(model, truth, again) for truth, again in pairs)


def _perceived(model: Specularity, truth: Tensor, again: Tensor) -> Tensor:
    wanted = [ops.stop_gradient(tap) for tap in model.features(truth[:PERCEIVED])]
    return losses.perceptual(model.features(again[:PERCEIVED]), wanted)


def _identity(model: Specularity, played: Round) -> Tensor:
    """Ask that what is of the kind wanted stays as it is (Zhu et al. 2017, section 5.2)."""
    target, source = played.x["target"], played.x["source"]
    total = losses.l1(target, model.translate(target, training=played.training))
    if model.backwards is not None:
        total += losses.l1(source, model.backwards(source, training=played.training))
    return total


def _l2(a: Tensor, b: Tensor) -> Tensor:
    return ops.mean(ops.square(ops.cast(a, "float32") - ops.cast(b, "float32")))


def _inside(model: Specularity, played: Round, kind: str) -> Tensor:
    """Return which share of the highlights is left, the mean over the pictures.

    As shares, a faint highlight on light skin counts as much as a strong one on dark skin, where
    plain squares would hardly notice it.
    """
    truth, mask = ops.cast(played.y[kind], "float32"), ops.cast(played.y["mask"], "float32")
    left, before = (
        ops.sum(mask * ops.square(ops.cast(picture, "float32") - truth), axis=(1, 2, 3))
        for picture in (played.fake, played.x["source"])
    )
    return ops.mean(left / (before + SLIGHT))


TERMS: Mapping[str, Callable[[Specularity, Round], Tensor]] = types.MappingProxyType(
    {
        "adversarial": _adversarial,
        "critic": _critic,
        "cycle_l1": functools.partial(_cycle, lambda model, a, b: losses.l1(a, b)),
        "cycle_ssim": functools.partial(_cycle, lambda model, a, b: losses.ssim(a, b)),
        "cycle_perceptual": functools.partial(_cycle, _perceived),
        "identity_l1": _identity,
        "stay_l1": lambda model, played: losses.l1(played.x["source"], played.fake),
        "paired_l2": lambda model, played: _l2(played.y["paired"], played.fake),
        "paired_inside": functools.partial(_inside, kind="paired"),
        "matte_l2": lambda model, played: _l2(played.y["matte"], played.fake),
        "matte_inside": functools.partial(_inside, kind="matte"),
    }
)
"""Every loss term by name: (model, round) -> float32 scalar.

A squared difference asks for the mean of what may be there; an absolute one for the median, and
the median pixel does not shine.
"""
