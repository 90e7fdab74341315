"""Scoring pictures made of renders: how real, how obedient, and still who they were.

judge = Judge.of(held_out_renders, photos)
judge.score(render_to_photo.translate(model, judge.renders))
sweep(model, seed, people, size)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np

from lib import metrics
from lib.faces import align, detect, identity, landmarks
from lib.gans import render_to_photo
from lib.gans.render_to_photo import RenderToPhoto
from lib.metrics.kernel import KernelDistance
from lib.scene.render import render
from lib.scene.sampling import sample, sweeps
from lib.store import Dataset

ENLARGED = 4
"""Pictures are made so much larger before dlib looks for a face in them."""

YAWS, AZIMUTHS = tuple(range(-30, 31, 10)), tuple(range(-75, 76, 25))
"""Of the sweeps, degrees."""


@dataclasses.dataclass(frozen=True)
class Judge:
    """Scores pictures made of held-out people's renders.

    Attributes:
        renders: uint8 (N, S, S, 3).
        points: (N, 68, 2), the renders' own landmarks.
        names: (N,) who each shows; the same number of pictures of each, side by side.
        crowd: descriptors of one photo of each person in the photo domain.
    """

    renders: np.ndarray
    points: np.ndarray
    names: np.ndarray
    crowd: np.ndarray

    @classmethod
    def of(cls, people: Dataset, photos: Dataset) -> Judge:
        """Make the judge of held-out people, and of the photos that theirs should look like."""
        arrays = people.read(range(len(people)), ["render", "landmarks"])
        first = np.unique(photos.samples["identity"].to_numpy(), return_index=True)[1]
        seen = photos.read(first, ["photo", "landmarks"])
        names = people.samples["identity"].to_numpy()
        crowd = describe(seen["photo"], seen["landmarks"])
        return cls(arrays["render"], arrays["landmarks"], names, crowd)

    def score(self, pictures: np.ndarray) -> dict[str, float]:
        """Return one row of a table.

        Args:
            pictures: uint8 (N, S, S, 3), made of the renders.
        """
        who = describe(pictures, self.points)
        realism = self.realism(who)
        found, apart = self.control(pictures)
        return {
            "KID": realism.value,
            "KID from": realism.low,
            "KID to": realism.high,
            "faces found": found,
            "landmarks": apart,
            **self.identity(who),
        }

    def realism(self, who: np.ndarray) -> KernelDistance:
        """Return KID on face-ID features to the photo domain, of one picture a person at a time.

        Pictures of one person are not independent. So the first picture of each makes one estimate,
        the second another; their means are returned, of the intervals as well, which is too wide
        rather than too narrow.
        """
        order = np.argsort(self.names, kind="stable")
        each = len(order) // len(set(self.names))
        turns = order.reshape(-1, each).T
        found = [metrics.kernel_distance(who[turn], self.crowd, gamma=1.0) for turn in turns]
        return KernelDistance(
            *(
                float(np.mean([getattr(one, end) for one in found]))
                for end in ("value", "low", "high")
            )
        )

    def control(self, pictures: np.ndarray) -> tuple[float, float]:
        """Return in which share dlib finds a face, and how far its landmarks are off.

        In outer eye distances of the render, the mean over points and pictures.
        """
        points = [find_landmarks(picture) for picture in pictures]
        apart = [
            np.linalg.norm(found - own, axis=1).mean() / np.linalg.norm(own[36] - own[45])
            for found, own in zip(points, self.points, strict=True)
            if found is not None
        ]
        return len(apart) / len(points), float(np.mean(apart)) if apart else float("nan")

    def identity(self, who: np.ndarray) -> dict[str, float]:
        """Return how well distances tell people apart, and the mean distances."""
        first, second = np.triu_indices(len(who), 1)
        same = self.names[first] == self.names[second]
        distances = np.linalg.norm(who[first] - who[second], axis=1)
        return {
            "AUC": identity.verify(distances, same).auc,
            "same": float(distances[same].mean()),
            "different": float(distances[~same].mean()),
        }


def describe(pictures: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return descriptors (N, 128) of faces whose landmarks are known."""
    chips = [
        align.chip(picture, face, identity.SIZE, identity.PADDING)[0]
        for picture, face in zip(pictures, points, strict=True)
    ]
    return identity.descriptors(np.stack(chips))


def find_landmarks(picture: np.ndarray) -> np.ndarray | None:
    """Return dlib's landmarks of a small picture, (68, 2) in its pixels; None without a face."""
    large = cv2.resize(picture, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    faces = detect.find_faces(large)
    if not faces:
        return None
    return (landmarks.landmarks68(large, faces[0]) + 0.5) / ENLARGED - 0.5


def shading(pictures: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return by how much faces brighten from left to right and from top to bottom, (N, 2).

    The slopes of the plane that fits the grey levels of the face best, levels a picture's width.

    Args:
        pictures: uint8 (N, S, S, 3).
        faces: (N, S, S) bool, what counts.
    """
    y, x = np.mgrid[: pictures.shape[1], : pictures.shape[2]] / pictures.shape[1]
    slopes = []
    for picture, face in zip(pictures, faces, strict=True):
        places = np.stack([x[face], y[face], np.ones(face.sum())], axis=-1)
        slopes.append(np.linalg.lstsq(places, picture[face].mean(axis=-1), rcond=None)[0][:2])
    return np.array(slopes)


def sweep(model: RenderToPhoto, seed: int, people: Sequence[int], size: int) -> dict[str, float]:
    """Turn heads and move a lamp; return how what is seen goes along with the renders.

    Args:
        model: trained.
        seed: of the collection of people.
        people: numbers of held-out ones.
        size: of the pictures.

    Returns:
        Correlations: of the landmarks' horizontal motion about each person's mean, and of the
        slopes of the shading.
    """
    moved, lit = [], []
    for person in people:
        start = sample(seed, person, 0, accessories=False, expression=False)
        turned = [render(one, size) for one in sweeps.poses(start, YAWS)]
        moved.append(_motion(model, turned))
        lamps = [render(one, size)["render"] for one in sweeps.lights(start, AZIMUTHS)]
        lit.append(_slopes(model, np.stack(lamps)))
    return {
        name: float(np.corrcoef(*np.concatenate(pairs, axis=1))[0, 1])
        for name, pairs in {"motion": moved, "light": lit}.items()
    }


def _motion(model: RenderToPhoto, turned: list[dict[str, np.ndarray]]) -> np.ndarray:
    """Return the motion of landmarks in renders and photos, (2, number), about their means."""
    photos = render_to_photo.translate(model, np.stack([one["render"] for one in turned]))
    found = [find_landmarks(photo) for photo in photos]
    kept = [n for n, points in enumerate(found) if points is not None]
    pairs = [[turned[n]["landmarks"][17:, 0], found[n][17:, 0]] for n in kept]
    if not pairs:
        return np.empty((2, 0))
    motion = np.array(pairs)
    return (motion - motion.mean(axis=0)).transpose(1, 0, 2).reshape(2, -1)


def _slopes(model: RenderToPhoto, lamps: np.ndarray) -> np.ndarray:
    faces = lamps.any(axis=-1)
    photos = render_to_photo.translate(model, lamps)
    slopes = np.stack([shading(lamps, faces)[:, 0], shading(photos, faces)[:, 0]])
    return slopes - slopes.mean(axis=1, keepdims=True)
