"""Turns a face upright and to one size, and puts the edited face back into its photo.

    chip, alignment = align.chip(photo, landmarks, size=256, padding=0.5)
    photo = alignment.paste_back(photo, edit(chip))

A chip is the picture of one face in a fixed pose: the same landmarks at the same places, whatever
the photo. Points are x then y, with (0, 0) at the *centre* of the first pixel.
"""

from __future__ import annotations

import numpy as np

from lib.faces.alignment import Alignment
from lib.faces.detect import Face, check_picture
from lib.faces.landmarks import eye_centres, five_points
from lib.faces.warping import invert, scale_of

__all__ = ["Alignment", "chip", "mtcnn_chip"]

_DLIB_FIVE = np.array(
    [
        (0.8595674595992, 0.2134981538014),
        (0.6460604764104, 0.2289674387677),
        (0.1205750620789, 0.2137274526848),
        (0.3340850613712, 0.2290642403242),
        (0.4901123135679, 0.6277975316475),
    ]
)
# Where the middles between the eye corners lie in CelebA's own aligned pictures: medians of 410 of
# them, standard deviation 1.6 pixels; the pupils lie 2 pixels higher. Counted from the frame's
# edge: half a pixel more than from the first pixel's centre.
_CELEBA_EYES = np.array([(70.0, 113.5), (108.0, 113.5)])
# Where rendered portraits have the same five points on average, as shares of the picture: means of
# 5,400 pictures of `lib.scene`, made symmetric.
_PORTRAIT_FIVE = np.array(
    [(0.677, 0.465), (0.572, 0.472), (0.323, 0.465), (0.428, 0.472), (0.5, 0.6565)]
)
_FIVE = {"dlib": _DLIB_FIVE, "portrait": _PORTRAIT_FIVE}
_FRAMES = {"dlib": (1.0, 1.0), "celeba": (218.0, 178.0), "portrait": (1.0, 1.0)}
MTCNN_MARGIN = 44 / (182 - 44)
"""By what share of its sides `mtcnn_chip` widens a box altogether."""


def _similarity(chip_points: np.ndarray, photo_points: np.ndarray) -> np.ndarray:
    """Fit rotation, scale and shift by least squares in the photo; return photo -> chip.

    Points are complex numbers here, so that one factor is rotation and scale at once.
    """
    source, target = (points[:, 0] + 1j * points[:, 1] for points in (chip_points, photo_points))
    centred = source - source.mean()
    turn = np.vdot(centred, target - target.mean()) / np.vdot(centred, centred).real
    if not abs(turn) > 1e-9:  # not a number is no turn either
        raise ValueError(
            "the landmarks lie all on one point, or are no numbers: found no face to align"
        )
    shift = target.mean() - turn * source.mean()
    return invert(
        np.array([(turn.real, -turn.imag, shift.real), (turn.imag, turn.real, shift.imag)])
    )


def _as_dlib_samples(matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Zoom about the chip's middle by the fraction of a pixel by which dlib's own chips are zoomed.

    A frame of n pixels that spans s * n pixels of the photo is sampled by dlib at n places over
    s * n - 1 pixels: the outermost lie half a *photo* pixel inside the frame, not half a chip's.
    """
    side = min(size)
    spacing = 1 / scale_of(matrix)
    zoom = (spacing * side - 1) / (spacing * (side - 1)) if side > 1 else 1.0
    middle = (np.array(size[::-1]) - 1) / 2
    return np.column_stack([matrix[:, :2] / zoom, (matrix[:, 2] - middle) / zoom + middle])


def _place(points: np.ndarray, frame: tuple[float, float], size, padding: float) -> np.ndarray:
    """Place template points, in a frame (height, width), in the middle of a chip."""
    frame, size = np.array(frame[::-1]), np.array(size[::-1])
    scale = (size / frame).min() / (1 + 2 * padding)
    # Template points count from the frame's edge, pixels from the first one's centre.
    return (points - frame / 2) * scale + size / 2 - 0.5


def _both(size: int | tuple[int, int]) -> tuple[int, int]:
    height, width = (int(side) for side in ((size, size) if np.ndim(size) == 0 else size))
    if min(height, width) < 1:
        raise ValueError(f"found chip size {size}, expected a positive number of pixels")
    return height, width


def chip(
    picture: np.ndarray,
    landmarks: np.ndarray,
    size: int | tuple[int, int] = 150,
    padding: float = 0.25,
    convention: str = "dlib",
) -> tuple[np.ndarray, Alignment]:
    """Cut out a face, upright and at one size, by a similarity transform.

    Convention "dlib" fits dlib's five points (eye corners and nose base) and is what its face
    network was trained on at size 150 and padding 0.25; outside the photo is black. "celeba" puts
    the eyes where CelebA's aligned pictures (Liu et al., ICCV 2015) have them at size (218, 178)
    and padding 0, and repeats the photo's last pixels outside it, as they do. "portrait" puts the
    five points where our rendered pictures have them at padding 0, hair and collar in view, so that
    networks trained on renders see photos in the frame they know; it repeats last pixels, too.

    Args:
        picture: uint8 RGB (height, width, 3).
        landmarks: (5, 2) or (68, 2); of 68 the five of dlib's convention are used.
        size: side of the chip in pixels, or (height, width).
        padding: room around the convention's frame, as a share of the frame, on every side.
        convention: "dlib", "celeba" or "portrait".

    Returns:
        The chip, uint8 (height, width, 3), and the alignment that leads back.

    Raises:
        ValueError: if the picture, the landmarks, the size or the convention is unusable.
    """
    if convention not in _FRAMES:
        raise ValueError(f"found convention {convention!r}, expected one of {', '.join(_FRAMES)}")
    if padding <= -0.5:
        raise ValueError(f"found padding {padding}, expected more than -0.5")
    picture, size = check_picture(picture), _both(size)
    if convention in _FIVE:
        points, template = five_points(landmarks), _FIVE[convention]
    else:
        points, template = eye_centres(landmarks), _CELEBA_EYES
    targets = _place(template, _FRAMES[convention], size, padding)
    matrix = _similarity(targets, np.asarray(points, "float64"))
    if convention == "dlib":
        matrix = _as_dlib_samples(matrix, size)
    alignment = Alignment(matrix, size, picture.shape[:2], extend=convention != "dlib")
    return alignment.extract(picture), alignment


def identity_window(padding: float, convention: str = "dlib") -> tuple[float, tuple[float, float]]:
    """Return which part of a square chip is the face network's own, dlib's chip of padding 0.25.

    Args:
        padding: of the chip.
        convention: of the chip, "dlib" or "portrait".

    Returns:
        The part's side and its centre (x, y), as shares of the chip's side.

    Raises:
        ValueError: if the chip shows less than the network needs, or for another convention.
    """
    if convention not in _FIVE:
        raise ValueError(f"found convention {convention!r}, expected one of {', '.join(_FIVE)}")
    own = _place(_DLIB_FIVE, (1, 1), (1, 1), 0.25) + 0.5
    here = _place(_FIVE[convention], (1, 1), (1, 1), padding) + 0.5
    spread = own - own.mean(axis=0)
    window = (spread * here).sum() / (spread * spread).sum()
    window, x, y = np.round((window, *(here.mean(axis=0) + window * (0.5 - own.mean(axis=0)))), 9)
    overhang = max(abs(x - 0.5), abs(y - 0.5)) + window / 2 - 0.5
    if overhang > 1e-6:
        raise ValueError(
            f"found padding {padding}, expected at least {0.25 if convention == 'dlib' else 0}: "
            "the face network sees more of the photo than such chips show"
        )
    return float(window), (float(x), float(y))


def mtcnn_chip(
    picture: np.ndarray, face: Face, size: int = 108, margin: float = MTCNN_MARGIN
) -> tuple[np.ndarray, Alignment]:
    """Cut out a face by MTCNN's box alone, unturned, as facegan's data were (108 pixels).

    facegan feeds FaceNet's recogniser, whose align_dataset_mtcnn widens the box by 44 pixels and
    resizes it, whatever its shape, to a square of 182. There the margin is 44 pixels of the photo
    however large the face; here it is the share of the box that 44 is of 182 - 44.

    Args:
        picture: uint8 RGB (height, width, 3).
        face: from `detect.find_faces` with masked=True.
        size: side of the chip in pixels.
        margin: what the box is widened by altogether, as a share of its sides.

    Returns:
        The chip, uint8 (size, size, 3), and the alignment that leads back.

    Raises:
        ValueError: if the picture or the size is unusable.
    """
    picture, (height, width) = check_picture(picture), _both(size)
    x_scale, y_scale = (np.array([width, height]) / (1 + margin)) / (face.width, face.height)
    x, y = face.centre
    matrix = np.array(
        [(x_scale, 0, width / 2 - 0.5), (0, y_scale, height / 2 - 0.5)], "float64"
    ) - np.array([(0, 0, x_scale * (x - 0.5)), (0, 0, y_scale * (y - 0.5))])
    alignment = Alignment(matrix, (height, width), picture.shape[:2], extend=True)
    return alignment.extract(picture), alignment
