"""Whose faces a dataset shows: described aligned, or in the whole frame, as S4 does."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np

from lib.faces import align
from lib.faces.detect import Face
from lib.faces.landmarks import landmarks5
from lib.store import Dataset, Field

DESCRIPTOR = Field("identity", (128,), "float32", "vector")
"""A face's 128 numbers, see `lib.faces.identity`."""


@dataclass(frozen=True)
class Describe:
    """Describes faces of a dataset, a few at a time.

    Attributes:
        faces: a dataset with photo and, unless the whole frame is taken, landmarks.
        whole_frame: whether to seek the points as S4 does.
    """

    faces: Dataset
    whole_frame: bool

    def __call__(self, indices: np.ndarray) -> np.ndarray:
        """Describe faces.

        Args:
            indices: (N,) places in the dataset.

        Returns:
            float32 (N, 128), NaN where the landmarks are of no use.
        """
        from lib.faces import identity  # TensorFlow: only where a face is described

        fields = ["photo"] if self.whole_frame else ["photo", "landmarks"]
        read = self.faces.read(indices, fields)
        found = np.full((len(indices), *DESCRIPTOR.shape), np.nan, np.float32)
        chips: dict[int, np.ndarray] = {}
        for place, photo in enumerate(read["photo"]):
            own = whole_frame_landmarks(photo) if self.whole_frame else read["landmarks"][place]
            with contextlib.suppress(ValueError):
                chips[place] = align.chip(photo, own, identity.SIZE, identity.PADDING)[0]
        if chips:
            found[list(chips)] = identity.descriptors(np.stack([*chips.values()]))
        return found


def whole_frame_landmarks(photo: np.ndarray) -> np.ndarray:
    """Find a face's five points as S4 does: as if its box were the whole picture.

    dlib's predictor expects a box from brows to chin, and a face of CelebA-HQ fills about half of
    the frame. Of nine such photographs four got descriptors 0.8 and more from those of the aligned
    faces, which is as far as a stranger's; the others lay within 0.2.

    Args:
        photo: uint8 (height, width, 3).

    Returns:
        float32 (5, 2), x and y in pixels, see `lib.faces.landmarks.landmarks5`.
    """
    height, width = photo.shape[:2]
    return landmarks5(photo, Face((0.0, 0.0, float(width), float(height)), 1.0))
