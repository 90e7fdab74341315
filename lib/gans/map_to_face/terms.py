"""The loss terms of system S4, by the names that designs weigh them with."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from keras import ops

from lib import losses

if TYPE_CHECKING:
    from lib.gans.map_to_face.model import MapToFace

Tensor = Any

PERCEIVED = 2
"""Pictures of each kind that the face network looks at, when it looks."""

LOOKS = 3
"""It looks at every third step, and counts three times: a look costs more than the step does."""

DIFFERENT = 0.08
"""By how much other parts should differ from the truth, in shares of white: S4's own number."""


@dataclasses.dataclass(frozen=True)
class Round:
    """The pictures of one step, all float32 (N, S, S, ...).

    Attributes:
        x: what the generator was given, see `lib.gans.map_to_face.arrange`.
        truth: the true face on black.
        fake: the face rebuilt from its own map.
        other: the face painted on another person's map, or None.
        training: whether this is a training step.
        answers: what the critic has been asked before: each picture is shown to it once.
    """

    x: dict[str, Tensor]
    truth: Tensor
    fake: Tensor
    other: Tensor | None
    training: bool
    answers: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)

    @property
    def fakes(self) -> list[tuple[str, Tensor]]:
        """The maps' names and the pictures painted on them."""
        painted = [("map", self.fake)]
        return painted if self.other is None else [*painted, ("other_map", self.other)]

    def on_fake(self, model: MapToFace, name: str) -> tuple[Any, Any]:
        """Ask the critic about the picture painted on a map of `fakes`, for both players."""
        if name not in self.answers:
            fake = dict(self.fakes)[name]
            self.answers[name] = model.judge_fakes(self.x[name], fake, self.training)
        return self.answers[name]

    def on_truth(self, model: MapToFace) -> Any:
        """Ask the critic about the true face."""
        if "truth" not in self.answers:
            self.answers["truth"] = model.judge(self.x["map"], self.truth, self.training)
        return self.answers["truth"]


def _adversarial(model: MapToFace, played: Round) -> Tensor:
    """S4's second version judges no manipulation: it has to look like its map (`redrawn`)."""
    judged = played.fakes[:1] if model.design.redraws else played.fakes
    found = [
        model.game.generator(model.logits_of(played.on_fake(model, name)[0])) for name, _ in judged
    ]
    return sum(found) / len(found)


def _critic(model: MapToFace, played: Round) -> Tensor:
    """Real faces on their own maps against all fakes, which S4 weighed two to one."""
    real = model.logits_of(played.on_truth(model))
    found = [
        model.game.critic(real, model.logits_of(played.on_fake(model, name)[1]))
        for name, _ in played.fakes
    ]
    return sum(found) / len(found)


def overlap(first: Tensor, second: Tensor) -> Tensor:
    """Return where two part maps have a group in common.

    S4 counted how many they have, so that its "everywhere else", 1 - overlap, became negative.

    Args:
        first: (N, H, W, K) of 0 and 1.
        second: the same shape.

    Returns:
        (N, H, W, 1) of 0 and 1.
    """
    return ops.max(first * second, axis=-1, keepdims=True)


def _keep(model: MapToFace, played: Round) -> Tensor:
    """Where both people have the same part, the manipulation should be the person's own face."""
    same = overlap(played.x["planes"], played.x["other_planes"])
    return ops.mean(same * ops.abs(played.truth - played.other))


def _differ(model: MapToFace, played: Round) -> Tensor:
    """Elsewhere it should differ from it by `DIFFERENT` at least; beyond that nothing is asked."""
    changed = 1.0 - overlap(played.x["planes"], played.x["other_planes"])
    seen = changed * ops.max(played.x["other_planes"], axis=-1, keepdims=True)
    difference = ops.mean(ops.abs(played.truth - played.other), axis=-1, keepdims=True)
    return ops.mean(seen * ops.relu(2.0 * DIFFERENT - difference))


def mean_colours(pictures: Tensor, planes: Tensor) -> Tensor:
    """Return the mean colour of pictures within each plane; 0 for one that is empty.

    Args:
        pictures: (N, H, W, 3).
        planes: (N, H, W, K) of 0 and 1.

    Returns:
        float32 (N, K, 3).
    """
    sums = ops.einsum("nhwk,nhwc->nkc", planes, pictures)
    return sums / ops.maximum(ops.sum(planes, axis=(1, 2)), 1.0)[..., None]


def _colours(model: MapToFace, played: Round) -> Tensor:
    """Each part of the manipulation should have its colour in the mean, large or small.

    A part that the person lacks has no colour to be kept.
    """
    planes = played.x["other_planes"]
    asked = ops.max(played.x["planes"], axis=(1, 2)) * ops.max(planes, axis=(1, 2))
    off = ops.abs(mean_colours(played.other, planes) - played.x["plane_colours"])
    return ops.sum(asked * ops.mean(off, axis=-1)) / ops.maximum(ops.sum(asked), 1.0)


def _redrawn(model: MapToFace, played: Round) -> Tensor:
    """The critic should see in a manipulation the map that it was painted from."""
    (drawn, _), _ = played.on_fake(model, "other_map")
    return losses.l1(model.glance(played.x["other_map"]), drawn)


def _redrawing(model: MapToFace, played: Round) -> Tensor:
    """The critic should draw the maps of real faces."""
    drawn, _ = played.on_truth(model)
    return losses.l1(model.glance(played.x["map"]), drawn)


def _looked_at(term: Callable[[MapToFace, Round], Tensor]) -> Callable[[MapToFace, Round], Tensor]:
    """Return a term that is worked out at every `LOOKS`-th training step only."""

    def _now_and_then(model: MapToFace, played: Round) -> Tensor:
        if not played.training:
            return term(model, played)
        return ops.cond(
            ops.equal(model.step % LOOKS, 0),
            lambda: LOOKS * term(model, played),
            lambda: ops.zeros(()),
        )

    return _now_and_then


def _perceptual(model: MapToFace, played: Round) -> Tensor:
    wanted = [ops.stop_gradient(tap) for tap in model.features(played.truth[:PERCEIVED])]
    return losses.perceptual(model.features(played.fake[:PERCEIVED]), wanted)


def _identity(model: MapToFace, played: Round) -> Tensor:
    """Squared distance between whose face was asked for and whose the face network sees."""
    seen = ops.concatenate([fake[:PERCEIVED] for _, fake in played.fakes], axis=0)
    asked = ops.concatenate([played.x["identity"][:PERCEIVED]] * len(played.fakes), axis=0)
    return ops.mean(ops.sum(ops.square(model.embed(seen) - asked), axis=-1))


TERMS: Mapping[str, Callable[[MapToFace, Round], Tensor]] = types.MappingProxyType(
    {
        "adversarial": _adversarial,
        "critic": _critic,
        "l1": lambda model, played: losses.l1(played.truth, played.fake),
        "keep": _keep,
        "differ": _differ,
        "colours": _colours,
        "redrawn": _redrawn,
        "redrawing": _redrawing,
        "perceptual": _looked_at(_perceptual),
        "identity": _looked_at(_identity),
    }
)
"""Every loss term by name: (model, round) -> float32 scalar."""
