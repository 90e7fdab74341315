"""How the face is cut out of a photo of a folder, and which files a folder holds."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lib import images
from lib.faces import align, detect, landmarks
from lib.files import one_line
from lib.prepare import arguments
from lib.store import Field, Rejected, StoreError

LANDMARK_TERMS = "landmarks by dlib's 68-point model (iBUG 300-W: not for commercial use)"
"""What the card of every dataset with landmarks found in photos must say."""


def find_files(folder: Path, suffixes: Collection[str], meaning: str) -> list[str]:
    """List the visible files of a folder and its sub-folders.

    Args:
        folder: where to look; links to folders are not followed.
        suffixes: lower-case endings of the names.
        meaning: what the files are, for the error.

    Returns:
        Paths relative to the folder, with forward slashes, sorted.

    Raises:
        StoreError: if there is no such folder, or no such file in it.
    """
    if not folder.is_dir():
        raise StoreError(f"{folder}: there is no such folder; check the path of the {meaning}")
    found, others = [], 0
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            wanted = not name.startswith(".") and Path(name).suffix.lower() in suffixes
            others += not wanted
            if wanted:
                found.append(Path(where, name).relative_to(folder).as_posix())
    if not found:
        endings = ", ".join(sorted(suffixes))
        raise StoreError(f"{folder}: found {others} files and no {meaning}; expected {endings}")
    return sorted(found)


def digest(folder: Path, files: Sequence[str]) -> str:
    """Return a hash of the files' names and sizes, so that a changed folder is noticed."""
    listed = [f"{name} {_size(folder / name)}" for name in files]
    return hashlib.sha256("\n".join(listed).encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _size(path: Path) -> int:
    """Return the size of a file; -1 for a link that leads nowhere or in a circle."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def identity_of(file: str) -> str:
    """Return who is in a photo: its sub-folder's name, or in no sub-folder the file's own."""
    place = Path(file)
    return one_line(place.parts[0] if len(place.parts) > 1 else place.stem)


def read(folder: Path, file: str) -> np.ndarray:
    """Read a photo, uint8 (height, width, 3).

    Raises:
        Rejected: if it is no whole picture.
    """
    try:
        return images.read(folder / file)
    except images.PictureError as error:
        raise Rejected(error.reason) from error


@dataclass(frozen=True)
class Frame:
    """What a chip shows around its face, see `lib.faces.align.chip`.

    Attributes:
        size: side of the chip, pixels.
        padding: room around the convention's own frame.
        convention: "dlib", "portrait" for the frame of rendered faces, "mtcnn" for the box alone.
    """

    size: int
    padding: float
    convention: str = "dlib"

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of it."""
        return dataclasses.asdict(self)

    @property
    def boxed(self) -> bool:
        """Whether MTCNN's box alone decides; a box of dlib's detector is drawn more narrowly."""
        return self.convention == "mtcnn"


PADDINGS = {"dlib": 0.5, "portrait": 0.0, "mtcnn": align.MTCNN_MARGIN / 2}
"""The usual room around each convention's frame: hair and chin are in view, but for "mtcnn", which
is what system S5 was trained on."""


def frame(size: int, padding: float | None, convention: str) -> Frame:
    """Return the frame that a user asks for.

    Raises:
        StoreError: if an argument makes no sense.
    """
    if convention not in PADDINGS:
        expected = ", ".join(PADDINGS)
        raise StoreError(f"found convention = {convention!r}; expected one of {expected}")
    (size,) = arguments.whole(arguments.SMALLEST_SIZE, size=size)
    padding = PADDINGS[convention] if padding is None else padding
    (padding,) = arguments.real(arguments.SMALLEST_PADDING, padding=padding)
    return Frame(size, padding, convention)


def cut(
    photo: np.ndarray, points: np.ndarray, frame: Frame, face: detect.Face | None = None
) -> tuple[np.ndarray, align.Alignment]:
    """Cut a face out of its photo.

    Args:
        photo: uint8 (height, width, 3).
        points: (68, 2) the face's landmarks, pixels of the photo.
        frame: of the chip.
        face: where MTCNN found the face, for a frame that is `boxed`.

    Raises:
        Rejected: if the landmarks are of no use.
    """
    if frame.boxed:
        return align.mtcnn_chip(photo, face, frame.size, 2 * frame.padding)
    try:
        return align.chip(photo, points, frame.size, frame.padding, frame.convention)
    except ValueError as error:
        raise Rejected(str(error)) from error


def fields(size: int) -> list[Field]:
    """Return the arrays of a face in a photo; `box` and `alignment` lead back to the photo."""
    return [
        Field("photo", (size, size, 3)),
        Field("landmarks", (68, 2), "float32", "landmarks"),
        Field("box", (4,), "float32", "vector"),
        Field("alignment", (2, 3), "float32", "vector"),
    ]


def sample(
    photo: np.ndarray, face: detect.Face, points: np.ndarray, frame: Frame
) -> dict[str, np.ndarray]:
    """Cut a face out, and say where it was.

    Args:
        photo: uint8 (height, width, 3).
        face: where the face is.
        points: (68, 2) its landmarks, pixels of the photo.
        frame: of the chip.

    Returns:
        The arrays of `fields`: the chip, its landmarks, the face's box in the photo (left, top,
        right, bottom), and the map from the photo's points to the chip's.

    Raises:
        Rejected: if the landmarks are of no use.
    """
    chip, alignment = cut(photo, points, frame, face)
    return {
        "photo": chip,
        "landmarks": alignment.to_chip(points),
        "box": np.array(face.box, np.float32),
        "alignment": alignment.matrix.astype(np.float32),
    }


@dataclass(frozen=True)
class Photos:
    """Makes the samples of a folder of photos: the best face of each, upright and at one size.

    Attributes:
        folder: where the photos lie.
        files: relative paths.
        frame: of the chips.
        smallest: width of the smallest face taken, pixels of the photo.
        masked: whether to search with MTCNN, which finds faces under masks.
    """

    folder: Path
    files: tuple[str, ...]
    frame: Frame
    smallest: float
    masked: bool

    @property
    def fields(self) -> list[Field]:
        """The arrays of a sample."""
        return fields(self.frame.size)

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of its making."""
        return {
            **self.frame.parameters,
            "smallest": self.smallest,
            "masked": self.masked,
            "files": digest(self.folder, self.files),
        }

    def __call__(self, index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Make a sample; nothing about it is random.

        Returns:
            The arrays by field name, see `sample`.

        Raises:
            Rejected: if the file is no picture, or shows no face or too small a one.
        """
        photo = read(self.folder, self.files[index])
        face = self._face(photo)
        return sample(photo, face, landmarks.landmarks68(photo, face), self.frame)

    def _face(self, photo: np.ndarray) -> detect.Face:
        try:
            face = detect.one_face(photo, self.masked or self.frame.boxed)
        except detect.NoFaceError as error:
            raise Rejected(str(error)) from error
        if face.width < self.smallest:
            raise Rejected(f"the face is {face.width:.0f} pixels wide, below {self.smallest:g}")
        return face
