"""The loss terms of system S5, by the names that designs weigh them with."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from keras import ops

from lib import losses
from lib.gans.adversarial import frozen
from lib.gans.render_to_photo import centroids

if TYPE_CHECKING:
    from lib.gans.render_to_photo.model import RenderToPhoto

Tensor = Any

BLACK = -1.0
"""The ground of a render, in the networks' range."""

DARK = -0.9
"""Below it, what G' answers is ground."""

SURROUND = 0.2
"""What a pixel around the face counts in a pair, where one inside counts 1."""


@dataclasses.dataclass(frozen=True)
class Round:
    """The pictures of one step.

    Attributes:
        x: render, person, photo and, where there are pairs, pair_render and pair_photo.
        fake: the renders as photos.
        decoded: the fakes as renders again; to the weights of the way back only the share that
            game 3 leaves them.
        painted: the pairs' renders as photos, where a term asks for them.
        bared: what G' sees in the photos, without a gradient, where a term asks for it.
        training: whether this is a training step.
    """

    x: dict[str, Tensor]
    fake: Tensor
    decoded: Tensor | None
    painted: Tensor | None
    bared: Tensor | None
    training: bool

    @property
    def ground(self) -> Tensor:
        """Where G' sees no face in the photos: float32 (N, S, S, 1) of 0 and 1."""
        return ops.cast(ops.max(self.bared, axis=-1, keepdims=True) < DARK, "float32")


def face_of(renders: Tensor) -> Tensor:
    """Return where a render shows a face, float32 (N, S, S, 1): where any channel is not black.

    Our renders are exact there. S5's lay as JPEG, which smears colour over the face's edge.
    """
    return ops.cast(ops.max(renders, axis=-1, keepdims=True) > BLACK, "float32")


def on_black(pictures: Tensor, shown: Tensor) -> Tensor:
    """Return pictures, float32 (N, S, S, 3) in [-1, 1], black where `shown` (N, S, S, 1) is 0."""
    return shown * (ops.cast(pictures, "float32") + 1.0) - 1.0


def _photo_real(model: RenderToPhoto, played: Round) -> Tensor:
    photos = played.x["photo"]
    return losses.l1(model.photo_critic(photos, training=played.training), photos)


def _photo_fake(model: RenderToPhoto, played: Round) -> Tensor:
    """G lowers what the critic of photos raises k times."""
    redrawn = model.oppose("photo", model.photo_critic, played.fake, played.training)
    return losses.l1(redrawn, played.fake)


def _render_real(model: RenderToPhoto, played: Round) -> Tensor:
    renders = played.x["render"]
    return losses.l1(model.render_critic(renders, training=played.training), renders)


def _render_fake(model: RenderToPhoto, played: Round) -> Tensor:
    """G' lowers what the critic of renders raises k times; G has no part in this game."""
    decoded = model.backwards(ops.stop_gradient(played.fake), training=played.training)
    redrawn = model.oppose("render", model.render_critic, decoded, played.training)
    return losses.l1(redrawn, decoded)


def _cycle(model: RenderToPhoto, played: Round) -> Tensor:
    """Return how far renders are from themselves after a way there and back."""
    return losses.l1(played.x["render"], played.decoded)


def _pair(model: RenderToPhoto, played: Round) -> Tensor:
    """G' decodes real photos into their own renders: what it is worth as a critic of G."""
    found = model.backwards(played.x["pair_photo"], training=played.training)
    return losses.l1(played.x["pair_render"], found)


def _pair_photo(model: RenderToPhoto, played: Round) -> Tensor:
    """G makes of a pair's render its photo; the face counts more than what surrounds it."""
    photos, face = played.x["pair_photo"], face_of(played.x["pair_render"])
    inside = losses.l1(photos, played.painted, face)
    return inside + SURROUND * losses.l1(photos, played.painted, 1.0 - face)


def _pair_perceptual(model: RenderToPhoto, played: Round) -> Tensor:
    """Compare a pair's faces as the face network sees them, each on black.

    What makes a render look like one is its fine detail, lids and lashes and pores, and L1 alone
    makes that smooth.
    """
    face = face_of(played.x["pair_render"])
    found, truth = on_black(played.painted, face), on_black(played.x["pair_photo"], face)
    wanted = [ops.stop_gradient(tap) for tap in model.features(truth)]
    return losses.perceptual(model.features(found), wanted)


def _adversarial(model: RenderToPhoto, played: Round) -> Tensor:
    """Return what G pays for faces that the critic of patches sees through."""
    fake = on_black(played.fake, face_of(played.x["render"]))
    return model.game.generator(frozen(model.photo_critic, fake, played.training))


def _critic(model: RenderToPhoto, played: Round) -> Tensor:
    """Return what the critic of patches pays for its mistakes about faces, each on black.

    Shown whole pictures, it would judge by hair and ground, where it can hardly be wrong.
    """
    fake = on_black(ops.stop_gradient(played.fake), face_of(played.x["render"]))
    real = on_black(played.x["photo"], 1.0 - played.ground)
    return model.game.critic(
        model.photo_critic(real, training=played.training),
        model.photo_critic(fake, training=played.training),
    )


def _surround(model: RenderToPhoto, played: Round) -> Tensor:
    """G paints around what G' sees in a real photo what surrounds it there.

    A pair made of a single picture. The face itself is left out, for G' leaves in it what no
    render has; and G' learns nothing here, or it would hide the photo in its render.
    """
    seen = on_black(played.bared, 1.0 - played.ground)
    painted = model.forwards(seen, training=played.training)
    return losses.l1(played.x["photo"], painted, played.ground)


def _face(model: RenderToPhoto, played: Round) -> Tensor:
    """Tie colour and shape inside the face; what surrounds it is free to become hair and ground."""
    renders = played.x["render"]
    return ops.mean(face_of(renders) * ops.abs(played.fake - ops.cast(renders, "float32")))


def _magnet(model: RenderToPhoto, played: Round) -> Tensor:
    found, person = model.look(played)
    places = ops.convert_to_tensor(model.centroids.places)
    return centroids.magnet(found, person, places, ops.convert_to_tensor(model.centroids.seen))


def _center(model: RenderToPhoto, played: Round) -> Tensor:
    found, person = model.look(played)
    return centroids.center(found, person, ops.convert_to_tensor(model.centroids.places))


def _softmax(model: RenderToPhoto, played: Round) -> Tensor:
    found, person = model.look(played)
    return centroids.softmax(model.classifier(found), person)


TERMS: Mapping[str, Callable[[RenderToPhoto, Round], Tensor]] = types.MappingProxyType(
    {
        "photo_real": _photo_real,
        "photo_fake": _photo_fake,
        "render_real": _render_real,
        "render_fake": _render_fake,
        "cycle": _cycle,
        "pair": _pair,
        "pair_photo": _pair_photo,
        "pair_perceptual": _pair_perceptual,
        "surround": _surround,
        "adversarial": _adversarial,
        "critic": _critic,
        "face": _face,
        "magnet": _magnet,
        "center": _center,
        "softmax": _softmax,
    }
)
"""Every loss term by name: (model, round) -> float32 scalar."""
