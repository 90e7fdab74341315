"""The model of system S5, whatever its design; and its use on pictures."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from lib import images, inference, losses
from lib.gans.adversarial import AdversarialModel, scaled
from lib.gans.perception import Features, face_identity, fine_features
from lib.gans.render_to_photo.balance import Balance
from lib.gans.render_to_photo.centroids import Centroids
from lib.gans.render_to_photo.designs import CRITICS, IDENTITY_LOSSES, Design
from lib.gans.render_to_photo.terms import TERMS, Round, face_of, on_black
from lib.metrics.arrays import ScoreError, require_pictures
from lib.models.began import build_autoencoding_critic
from lib.models.patchgan import build_patchgan
from lib.models.surround import build_baring_unet, build_surrounding_unet

Tensor = Any

GAMES = {"photo": "photo_fake", "render": "render_fake", "pair": "cycle"}
"""The three games, and the term that both players of each pull at."""

Build = Callable[[str], keras.Model]

NUMBERS = 128
"""Of a descriptor."""


class RenderToPhoto(AdversarialModel):
    """One model of system S5, as its design says.

    Args:
        size: side of the square pictures, pixels.
        width: filters of the translators' first layer; S5 has 32.
        design: one of `DESIGNS`, or another.
        people: how many there are in the renders.
        critic_width: filters of the critics' first stage; S5 has 64.
        convolutions: of each stage of the critics; S5 has 2.
        gamma: of the balances of the first two games; S5 has 0.5.
        balance_rate: of the balances; S5 has 0.001.
        looks: pictures of each batch that the identity loss looks at, the first ones; None: all.
            The face network is by far the largest here.
        softness: blur of the photos made, standard deviation in pixels, as `measure_softness` says;
            the small U-Nets' alone.
        translator: "forwards" or "backwards" -> network; None builds small U-Nets that know where a
            face ends. S5's own are `lib.models.domain_translator`'s.
        embed: the network that says whose face it is, of the frame that the pictures have.
        features: the perceptual network of the term pair_perceptual.

    Attributes:
        forwards: G, render -> photo.
        backwards: G', photo -> render: the third game's critic.
        photo_critic: redraws photos, or judges patches of faces on black.
        render_critic: redraws renders; there where critics are autoencoding.
        balances: game -> its k.
        centroids: of the people, where the design has a loss that needs them.

    Raises:
        ValueError: for a term or critics that there are not, a term of the other kind of critics,
            one with two players and weight 0, or more than one identity loss.
    """

    def __init__(
        self,
        size: int,
        width: int,
        design: Design,
        people: int,
        *,
        critic_width: int | None = None,
        convolutions: int = 2,
        gamma: float = 0.5,
        balance_rate: float = 0.001,
        looks: int | None = None,
        softness: float = 0.0,
        translator: Build | None = None,
        embed: Callable[[Tensor], Tensor] = face_identity,
        features: Features = fine_features,
    ) -> None:
        _require(design)
        super().__init__(design.term_weights)
        self.design, self.looks = design, looks
        self.embed, self.features = embed, features
        build = translator or functools.partial(_small_translator, width, softness)
        self.forwards, self.backwards = build("forwards"), build("backwards")
        self.game = losses.ADVERSARIAL[design.game]
        critic_width = critic_width or width
        if design.critics == "patches":
            self.photo_critic = build_patchgan(
                size, critic_width, 3, "photo_critic", depth=1, normalize=False
            )
        else:
            critic = (size, critic_width, 64, convolutions)
            self.photo_critic = build_autoencoding_critic(*critic, name="photo_critic")
            self.render_critic = build_autoencoding_critic(*critic, name="render_critic")
        gammas = {"photo": gamma, "render": gamma, "pair": design.pair_gamma}
        self.balances = {name: Balance(name, gammas[name], balance_rate) for name in GAMES}
        if design.plays("pair_perceptual"):
            features(ops.zeros((1, size, size, 3)))  # made here, outside of a step's graph
        if design.identity:
            embed(ops.zeros((1, size, size, 3)))
        self.centroids = Centroids(people, NUMBERS) if design.identity else None
        self.classifier = None
        if design.identity == "softmax":
            self.classifier = keras.Sequential(
                [keras.Input((NUMBERS,)), keras.layers.Dense(people)], name="classifier"
            )

    def call(self, x: dict[str, Tensor], training: bool = False) -> Tensor:
        """Return the renders as photos, float32 (N, S, S, 3).

        Args:
            x: render, float (N, S, S, 3) in [-1, 1]; nothing else is looked at.
            training: whether this is a training step.
        """
        return self.forwards(x["render"], training=training)

    def oppose(self, game: str, critic: keras.Model, fakes: Tensor, training: bool) -> Tensor:
        """Redraw fakes, so that lowering the error raises it k times for the critic."""
        weight = self.term_weights[GAMES[game]]
        return scaled(critic, fakes, -self.balances[game].k / weight, training)

    def look(self, played: Round) -> tuple[Tensor, Tensor]:
        """Return descriptors of the fakes looked at and whose they are; centroids follow them."""
        fakes, person = played.fake[: self.looks], played.x["person"][: self.looks]
        found = self.embed(fakes)
        if played.training:
            self.centroids.update(found, person)
        return found, person

    def loss_terms(
        self, x: dict[str, Tensor], y: Tensor, y_pred: Tensor, training: bool
    ) -> dict[str, Tensor]:
        """Return the terms that the design weighs."""
        played = self._play(x, y_pred, training)
        terms = {name: TERMS[name](self, played) for name in self.term_weights}
        if training:
            self._balance(terms)
        return terms

    def _play(self, x: dict[str, Tensor], fake: Tensor, training: bool) -> Round:
        """Translate whatever the design's terms look at, once."""
        decoded = painted = bared = None
        if self.design.plays("cycle"):
            left = 1.0 - self.balances["pair"].k
            decoded = scaled(self.backwards, fake, left, training)
        if self.design.plays("pair_photo", "pair_perceptual"):
            painted = self.forwards(x["pair_render"], training=training)
        if self.design.plays("surround", "critic"):
            bared = ops.stop_gradient(self.backwards(x["photo"], training=training))
        return Round(x, fake, decoded, painted, bared, training)

    def _balance(self, terms: dict[str, Tensor]) -> None:
        """Let every game's k follow what it was played with."""
        for game, real in {"photo": "photo_real", "render": "render_real", "pair": "pair"}.items():
            if real in terms and GAMES[game] in terms:
                self.balances[game].update(terms[real], terms[GAMES[game]])


def _small_translator(width: int, softness: float, name: str) -> keras.Model:
    if name == "forwards":
        return build_surrounding_unet(None, width, name, softness)
    return build_baring_unet(None, width, name)


def _require(design: Design) -> None:
    weights, critics = design.term_weights, design.critics
    unknown = sorted(set(weights) - set(TERMS))
    if unknown:
        raise ValueError(f"no term {unknown[0]!r}: there are {', '.join(TERMS)}")
    if critics not in CRITICS:
        raise ValueError(f"no critics {critics!r}: there are {', '.join(CRITICS)}")
    for kind, terms in CRITICS.items():
        if kind != critics and design.plays(*terms):
            name = next(name for name in weights if name in terms)
            raise ValueError(f"found {name!r} with critics {critics!r}; expected {kind!r}")
    for name in ("photo_fake", "render_fake"):
        if weights.get(name) == 0:
            raise ValueError(f"found {name!r} with weight 0; expected more, or a design without it")
    chosen = [name for name in IDENTITY_LOSSES if name in weights]
    if len(chosen) > 1:
        raise ValueError(f"found the identity losses {', '.join(chosen)}; expected one at most")


def translate(
    model: RenderToPhoto,
    pictures: np.ndarray,
    *,
    backwards: bool = False,
    batch_size: int = 32,
) -> np.ndarray:
    """Make photos of renders by a trained model, or renders of photos.

    Args:
        model: of any design.
        pictures: uint8 (N, H, W, 3).
        backwards: whether to go from photo to render.
        batch_size: pictures at a time.

    Returns:
        uint8 (N, H, W, 3).

    Raises:
        ScoreError: if the pictures are no uint8 (N, H, W, 3).
    """
    pictures = require_pictures(pictures)
    network = model.backwards if backwards else model.forwards
    translated = np.empty_like(pictures)
    for part, look in inference.in_batches(network, len(pictures), batch_size):
        painted = look(images.to_network(pictures[part]))
        translated[part] = images.to_picture(ops.convert_to_numpy(painted))
    return translated


def confidence(
    model: RenderToPhoto, renders: np.ndarray, photos: np.ndarray, *, batch_size: int = 32
) -> dict[str, np.ndarray]:
    """Return S5's three errors of generated pictures, a ready filter: the lower the surer.

    Args:
        model: what made the photos; of a design with a critic.
        renders: uint8 (N, S, S, 3).
        photos: what `translate` made of them.
        batch_size: pictures at a time.

    Returns:
        float64 (N,) each. `realism`: how badly the autoencoding critic redraws the photo, or minus
        what the critic of patches says of its face. `cycle`: mean difference of the render decoded
        from the photo to the render itself, in the networks' range. `likeness`: distance of the
        descriptors of photo and render.

    Raises:
        ScoreError: if the pictures are no uint8 (N, S, S, 3), or not of one shape.
    """
    renders, photos = require_pictures(renders, "renders"), require_pictures(photos, "photos")
    if renders.shape != photos.shape:
        raise ScoreError(f"found renders {renders.shape} and photos {photos.shape}, expected alike")
    errors = {name: np.empty(len(renders)) for name in ("realism", "cycle", "likeness")}
    for start in range(0, len(renders), batch_size):
        part = slice(start, start + batch_size)
        asked, seen = images.to_network(renders[part]), images.to_network(photos[part])
        decoded = model.backwards(seen, training=False)
        apart = model.embed(seen) - model.embed(asked)
        errors["realism"][part] = ops.convert_to_numpy(_realism(model, asked, seen))
        errors["cycle"][part] = ops.convert_to_numpy(_mean_of_each(ops.abs(decoded - asked)))
        errors["likeness"][part] = ops.convert_to_numpy(ops.norm(apart, axis=-1))
    return errors


def _realism(model: RenderToPhoto, asked: Tensor, seen: Tensor) -> Tensor:
    """Return what the critic of photos says of each, shown what it was trained on."""
    if model.design.critics == "autoencoding":
        return _mean_of_each(ops.abs(model.photo_critic(seen, training=False) - seen))
    return -_mean_of_each(model.photo_critic(on_black(seen, face_of(asked)), training=False))


def _mean_of_each(x: Tensor) -> Tensor:
    return ops.mean(ops.cast(x, "float32"), axis=(1, 2, 3))
