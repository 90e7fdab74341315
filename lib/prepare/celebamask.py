"""CelebAMask-HQ as its authors give it away: photos, and a mask for every part of every face.

    faces = sources.celebamask_hq("data/prepared/hq256", "data/raw/CelebAMask-HQ", size=256)

Annotators of CelebAMask-HQ drew each part by itself (Lee et al., CVPR 2020), so parts overlap: hair
over ears, a hat over hair. A label map keeps the uppermost; `parts` keeps them all.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import joblib
import numpy as np

from lib import images, store
from lib.faces import detect, landmarks
from lib.files import sha256
from lib.prepare import arguments, celebamask_files, chips, plain_png, semantic, semantic_sets
from lib.prepare.celeba_files import NOBODY
from lib.prepare.celebamask_files import PARTS, Tree
from lib.prepare.part_pictures import read_mask, read_photo
from lib.store import Dataset, Field, Rejected, StoreError
from lib.store.building import CARD, Sample

LICENCE = (
    "CelebAMask-HQ: non-commercial research and education only; photos and annotations may not be "
    "passed on; supplied by the user"
)
"""What the authors ask (https://github.com/switchablenorms/CelebAMask-HQ)."""

SOURCE = "CelebAMask-HQ (Lee et al., CVPR 2020): photos of CelebA-HQ, parts drawn by annotators"

SPLITS = ("authors", "lab")
"""Whose splits there are: the authors' own, or the lab's, by a hash of the identity."""

FINE = 512
"""Pixels across at which faces are searched for landmarks: dlib gives these in whole ones."""


@dataclass(frozen=True, eq=False)
class Annotated:
    """Makes the samples of CelebAMask-HQ's own tree.

    Attributes:
        tree: its files.
        size: side of photo and maps, pixels.
        landmarks: whether faces are searched for 68 points.
        nobody: for each face whether the identity file leaves it out.
        described: what a dataset's card says of the annotations.
    """

    tree: Tree
    size: int
    landmarks: bool
    nobody: np.ndarray
    described: dict[str, Any]

    @property
    def fields(self) -> list[Field]:
        """The arrays of a sample: `overlap` is the share of pixels with several parts."""
        found = [*semantic.fields(self.size), Field("overlap", (1,), "float32", "vector")]
        points = Field("landmarks", (68, 2), "float32", "landmarks")
        return [*found, points] if self.landmarks else found

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of its making."""
        return {"size": self.size, **semantic.MEANINGS, **self.described}

    def __call__(self, index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Make a sample; nothing about it is random.

        Raises:
            Rejected: naming the file, if photo or skin is missing, a picture is broken, or sizes
                differ; or if landmarks are wanted and no face is found.
        """
        if self.nobody[index]:
            raise Rejected(f"not in {celebamask_files.IDENTITIES}")
        folder, photo = self.tree.folder, str(self.tree.photos[index])
        number = int(self.tree.numbers[index])
        if not photo:
            raise Rejected(f"no photo {number} in {celebamask_files.PHOTOS}")
        files = self.tree.masks(index)
        if "skin" not in files:
            raise Rejected(f"no {celebamask_files.mask_file(number, 'skin')}: no face without skin")
        masks = read_masks(folder, files)
        if not masks["skin"].any():
            raise Rejected(f"{files['skin']}: the mask is empty: no face without skin")
        labels, planes, overlap = paint(masks)
        parts = semantic.shrink_parts(planes, self.size)
        made = read_photo(folder, photo, max(self.size, FINE if self.landmarks else 0))
        points = {"landmarks": find_landmarks(made, self.size)} if self.landmarks else {}
        sample = semantic.arrange(images.resize(made, self.size), labels, parts)
        return sample | {"overlap": np.array([overlap], np.float32)} | points


def read_masks(folder: Path, files: dict[str, str]) -> dict[str, np.ndarray]:
    """Read the masks of a face.

    Args:
        folder: of the dataset.
        files: relative paths by part.

    Returns:
        By part uint8 (side, side), above 0 where it is.

    Raises:
        Rejected: naming the file, if one is broken, not square, or not of the first one's size.
    """
    masks: dict[str, np.ndarray] = {}
    for part, file in files.items():
        mask = read_mask(folder, file)
        side = len(next(iter(masks.values()))) if masks else len(mask)
        if mask.shape != (side, side):
            found = f"{file}: found {mask.shape[1]} x {mask.shape[0]} pixels"
            expected = f"{side} x {side} as the others have" if masks else "a square mask"
            raise Rejected(f"{found}; expected {expected}")
        masks[part] = mask
    return masks


def paint(masks: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, float]:
    """Paint masks over each other in the authors' order (CelebAMask-HQ, g_mask.py).

    Later parts have the larger numbers, so that the largest number at a pixel is the uppermost.

    Args:
        masks: by part uint8 (side, side), above 0 where it is; one at least.

    Returns:
        The label map, uint8 (side, side); the groups' planes, uint8 (7, side, side), 0 or 255; and
        the share of pixels with several parts.
    """
    shape = next(iter(masks.values())).shape
    labels, counts = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    planes = np.zeros((len(semantic.GROUPS), *shape), np.uint8)
    for part, mask in masks.items():
        plane = planes[semantic.GROUP_OF[part]]
        cv2.max(labels, _where(mask, PARTS.index(part) + 1), labels)
        cv2.max(plane, _where(mask, 255), plane)
        cv2.add(counts, _where(mask, 1), counts)
    return labels, planes, float((counts > 1).mean())


def _where(mask: np.ndarray, value: int) -> np.ndarray:
    return cv2.threshold(mask, 0, value, cv2.THRESH_BINARY)[1]


def find_landmarks(photo: np.ndarray, size: int) -> np.ndarray:
    """Find the 68 points of a face, in pixels of the photo at another size.

    Args:
        photo: uint8 (side, side, 3).
        size: the side that the points are for.

    Returns:
        float32 (68, 2).

    Raises:
        Rejected: if dlib finds no face.
    """
    try:
        points = landmarks.landmarks68(photo, detect.one_face(photo))
    except detect.NoFaceError as error:
        raise Rejected(str(error)) from error
    return ((points + 0.5) * (size / len(photo)) - 0.5).astype(np.float32)


def celebamask_hq(
    path: str | os.PathLike,
    folder: str | os.PathLike,
    size: int,
    workers: int | None = None,
    *,
    splits: str = "authors",
    limit: int | None = None,
    landmarks: bool = False,
    identity: bool = False,
    licence: str = LICENCE,
    **options: Any,
) -> Dataset:
    """Prepare CelebAMask-HQ, or open the dataset if it is there.

    Faces without skin or photo, or with broken files, are in ``rejected.csv``. CelebA's
    ``identity_CelebA.txt`` beside the tree says who they are, else each is somebody else.

    Args:
        path: the dataset's folder.
        folder: holds ``CelebA-HQ-img`` and ``CelebAMask-HQ-mask-anno``, itself or one deeper.
        size: side of photo and maps, pixels.
        workers: processes; by default as many as there are cores.
        splits: "authors" for theirs by CelebA's numbers, found in the mapping file; or "lab".
        limit: how many faces to take at most, in the order of their numbers.
        landmarks: whether to find 68 points, too; where dlib finds no face it is rejected.
        identity: whether to describe the faces, too; a dataset without that is made beside.
        licence: of the pictures, for the dataset's card.
        **options: `shares`, `max_rejected` and `progress` of `lib.store.build`.

    Returns:
        The dataset: photo, labels, parts, colours, overlap (share of pixels with several parts),
        and landmarks and identity where asked for.

    Raises:
        StoreError: for no sense, no tree, a broken table, or a folder with something else.
    """
    arguments.require_build_options(options)
    (workers,) = arguments.whole(1, workers=joblib.cpu_count() if workers is None else workers)
    path = Path(path)
    make, samples = maker(Path(folder), size, splits, limit, bool(landmarks or identity))
    origin = {"source": SOURCE, "licence": licence, "parameters": make.parameters}
    if workers > 1 and not (path / CARD).exists():
        plain_png.compile_reader()
    first = path.with_name(path.name + "-found") if identity else path
    made = store.build(first, make.fields, samples, make, 0, workers, **origin, **options)
    if not identity:
        return made
    options.pop("shares", None)
    return semantic_sets.semantic(path, made, 0, workers, keep=("overlap", "landmarks"), **options)


def maker(
    folder: Path, size: int, splits: str, limit: int | None, landmarks: bool
) -> tuple[Annotated, list[Sample]]:
    """Read the tree and its tables, and return what makes its samples; see `celebamask_hq`.

    Raises:
        StoreError: if there are no such splits, no such tree, or a table is broken.
    """
    (size,) = arguments.whole(arguments.SMALLEST_SIZE, size=size)
    (limit,) = (None,) if limit is None else arguments.whole(1, limit=limit)
    if splits not in SPLITS:
        raise StoreError(f"found splits = {splits!r}; expected one of {', '.join(SPLITS)}")
    tree = celebamask_files.read_tree(folder, limit)
    table = tree.folder / celebamask_files.MAPPING
    wanted = splits == "authors" or table.is_file()
    mapping = celebamask_files.read_mapping(table) if wanted else {}
    people, known_from = celebamask_files.people_of(tree, mapping)
    names = [f"{number:05d}" for number in tree.numbers]
    samples: list[Sample] = [*zip(names, people, strict=True)]
    moved: list[str] = []
    if splits == "authors":
        parts, moved = celebamask_files.splits_of(tree, mapping, people)
        samples = [*zip(names, people, parts, strict=True)]
    described = {
        "files": chips.digest(tree.folder, tree.files()),
        "tables": [sha256(Path(one))[:12] for one in ([table] if mapping else []) + known_from],
        "splits": splits,
        "moved to the split of their first photo": moved,
        "stray files": tree.stray,
    }
    nobody = np.array([who == NOBODY for who in people])
    return Annotated(tree, size, landmarks, nobody, described), samples
