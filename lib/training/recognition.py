"""A training of seconds: a small face recogniser, from pictures and names alone.

    embedding = train_recogniser(photos, generated, seed=0)

No run is kept: it is over before one would be resumed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import keras
import numpy as np

from lib import images
from lib.gans.learning_rates import rise_and_fall
from lib.models.recogniser import build_recogniser
from lib.store import Dataset

REACH = 1 / 16
"""How far a picture is shifted at most, as a share of its side."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """How a recogniser is trained.

    Attributes:
        steps: in all, whatever the pictures.
        batch: pictures of a step.
        rate: the highest learning rate; it rises for a tenth of the steps and falls as a cosine.
        width: of the network, see `build_recogniser`.
        numbers: of the embedding.
    """

    steps: int = 200
    batch: int = 64
    rate: float = 1e-2
    width: int = 16
    numbers: int = 64


@dataclasses.dataclass(frozen=True, eq=False)
class Faces:
    """Pictures and who they show.

    Attributes:
        photos: uint8 (N, size, size, 3).
        names: (N,), of the people.
    """

    photos: np.ndarray
    names: np.ndarray

    @classmethod
    def of(cls, dataset: Dataset, field: str = "photo") -> Faces:
        """Read all pictures of a dataset or view; a thousand of 64 pixels are 12 MB."""
        photos = dataset.read(range(len(dataset)), [field])[field]
        return cls(photos, dataset.samples["identity"].to_numpy())

    @property
    def people(self) -> list[str]:
        """The names, sorted."""
        return sorted(set(self.names))

    def of_people(self, people: Iterable[str]) -> Faces:
        """Return the pictures of some people."""
        kept = np.isin(self.names, list(people))
        return Faces(self.photos[kept], self.names[kept])


class Lessons:
    """Batches to learn faces from: equal shares of every part, mirrored and shifted at random.

    Args:
        parts: pictures of one size. People of two parts are different people, whatever their names.
        batch: pictures of a step.
        steps: batches.
        seed: of the choice and the changes; with a batch's number it decides both.

    Attributes:
        people: how many there are in all parts.
    """

    def __init__(self, parts: Sequence[Faces], batch: int, steps: int, seed: int) -> None:
        self.batch, self.steps, self.seed = batch, steps, seed
        self.size = parts[0].photos.shape[1]
        self.reach = round(self.size * REACH)
        border = [(0, 0), (self.reach, self.reach), (self.reach, self.reach), (0, 0)]
        self._photos = [np.pad(part.photos, border, mode="edge") for part in parts]
        counts = np.cumsum([0] + [len(part.people) for part in parts])
        self._person = [
            first + np.searchsorted(part.people, part.names)
            for first, part in zip(counts, parts, strict=False)
        ]
        self.people = int(counts[-1])

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return pictures float32 (N, size, size, 3) in [-1, 1] and people int64 (N,), from 0."""
        generator = np.random.default_rng([self.seed, index])
        shares = np.diff(np.linspace(0, self.batch, len(self._photos) + 1).round().astype(int))
        chosen, person = [], []
        for photos, people, share in zip(self._photos, self._person, shares, strict=True):
            rows = generator.integers(len(photos), size=share)
            chosen += [self._change(photos[row], generator) for row in rows]
            person.append(people[rows])
        return images.to_network(np.stack(chosen)), np.concatenate(person)

    def _change(self, padded: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Cut the picture out at a random place, and mirror every other one."""
        top, left = generator.integers(2 * self.reach + 1, size=2)
        picture = padded[top : top + self.size, left : left + self.size]
        return picture[:, ::-1] if generator.random() < 0.5 else picture


def train_recogniser(
    *parts: Dataset | Faces, seed: int = 0, plan: Plan | None = None
) -> keras.Model:
    """Train a recogniser from names; about 5 s on two cores, for any number of pictures.

    Args:
        *parts: pictures with names, datasets with photos or `Faces`; each has an equal share of
            every batch.
        seed: of the weights and the order.
        plan: how; by default `Plan()`.

    Returns:
        The embedding, see `lib.models.recogniser.build_recogniser`.
    """
    plan = plan or Plan()
    keras.utils.set_random_seed(seed)
    lessons = Lessons([faces_of(part) for part in parts], plan.batch, plan.steps, seed)
    classifier, embedding = build_recogniser(lessons.size, plan.width, lessons.people, plan.numbers)
    rate = rise_and_fall(plan.rate, plan.steps, plan.steps // 10, first=0.1, last=0.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(keras.optimizers.Adam(rate), loss, jit_compile=False)
    for step in range(len(lessons)):  # `fit` would take another second to begin
        classifier.train_on_batch(*lessons[step])
    return embedding


def faces_of(part: Dataset | Faces) -> Faces:
    """Return faces as they are, and those of a dataset read."""
    return Faces.of(part) if isinstance(part, Dataset) else part
