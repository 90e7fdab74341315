"""Finds the faces in a photo: dlib's HOG detector, or MTCNN where faces wear masks.

    from lib.faces import detect
    face = detect.find_faces(picture)[0]
    left, top, right, bottom = face.box

dlib's detector slides five filters (front, two sides, two tilts) over gradient histograms (Dalal
and Triggs, CVPR 2005): exact, fast, and blind to a covered mouth. MTCNN (Zhang et al., IEEE SPL
2016) is a cascade of three small networks. Of 180 faces under painted masks it finds 99 to 125
where dlib finds 7 to 28 (`python -m lib.benchmarks.detection`); it needs TensorFlow.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import dlib
import numpy as np

from lib import images

SMALLEST_HOG_FACE = 80
"""Side in pixels of the smallest face that dlib's detector knows; smaller ones need upsampling."""

LONGEST_SIDE = 2000
"""Photos longer than this are searched at this size, so that 12 megapixels take under a second."""

MINIMUM_SCORES = {"hog": 0.2, "mtcnn": 0.9}
"""Below these scores most boxes are no faces; HOG's score is a margin, MTCNN's a probability."""

LARGE_FACE = 0.57
"""Side of a large face, as a share of the picture's longer one: those of chips and portraits are
nearly always larger."""

_KEYPOINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


class NoFaceError(ValueError):
    """There is no face where one is needed."""


@dataclasses.dataclass(frozen=True)
class Face:
    """One detected face.

    Attributes:
        box: left, top, right, bottom in pixels of the picture, right and bottom exclusive; it may
            reach beyond the picture.
        score: the detector's confidence; comparable only between faces of one detector.
        detector: "hog" or "mtcnn".
        keypoints: (5, 2) float32, x and y of the subject's right eye, left eye, nose, right and
            left corner of the mouth (MTCNN's own names are the viewer's: its "left_eye" is the
            subject's right one); None from HOG. Left out of comparisons and of the hash.
    """

    box: tuple[float, float, float, float]
    score: float
    detector: str = "hog"
    keypoints: np.ndarray | None = dataclasses.field(default=None, compare=False)

    @property
    def width(self) -> float:
        """Width of the box in pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Height of the box in pixels."""
        return self.box[3] - self.box[1]

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box, x and y in pixels."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def check_picture(picture: np.ndarray) -> np.ndarray:
    """Make sure of a picture, and lay its pixels out as dlib and OpenCV need them.

    Args:
        picture: uint8 RGB (height, width, 3); any view of one, such as a mirrored one.

    Returns:
        The picture in one piece of memory; the same array where it already was.

    Raises:
        ValueError: says what was found instead.
    """
    if not isinstance(picture, np.ndarray):
        raise ValueError(f"found a {type(picture).__name__}, expected a NumPy array (H, W, 3)")
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        remedy = "lib.images.read makes one of any file"
        if picture.dtype.kind == "f":
            remedy = "for values in 0..1 take (255 * p).round().astype('uint8')"
        elif picture.ndim == 3 and picture.shape[2] == 4:
            remedy = "take [..., :3], without the transparency"
        raise ValueError(
            f"found {picture.dtype} of shape {picture.shape}, expected an RGB picture: "
            f"uint8 (height, width, 3); {remedy}"
        )
    return np.ascontiguousarray(picture)


def _search_scale(
    shape: tuple[int, ...], upsample: int | None, minimum_size: float | None
) -> tuple[float, int]:
    """Choose the shrinking (<= 1) and the number of doublings at which HOG searches."""
    longest = max(shape[:2])
    if upsample is not None:
        return min(1.0, LONGEST_SIDE / longest), upsample
    if minimum_size is not None:
        wanted = SMALLEST_HOG_FACE / minimum_size
        return min(1.0, wanted), max(0, math.ceil(math.log2(wanted)))
    return min(1.0, LONGEST_SIDE / longest), 2 if longest <= 100 else 1 if longest <= 400 else 0


def _shrink(picture: np.ndarray, scale: float) -> np.ndarray:
    if scale == 1.0:
        return picture
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return images.resize(picture, (height, width))


@functools.cache
def _hog_detector() -> dlib.fhog_object_detector:
    return dlib.get_frontal_face_detector()


def _find_hog(picture: np.ndarray, upsample: int, minimum_score: float) -> list[Face]:
    boxes, scores, _ = _hog_detector().run(picture, upsample, minimum_score)
    return [
        Face((float(b.left()), float(b.top()), b.right() + 1.0, b.bottom() + 1.0), float(score))
        for b, score in zip(boxes, scores, strict=True)
    ]


@functools.cache
def _mtcnn_detector():
    try:
        from mtcnn import MTCNN
    except ImportError as error:
        raise RuntimeError(
            f"masked=True needs MTCNN and TensorFlow ({error}): run `pip install mtcnn tensorflow`,"
            " or leave masked=False, which needs neither"
        ) from error
    return MTCNN(device="CPU:0")


def _find_mtcnn(picture: np.ndarray, smallest: float, minimum_score: float) -> list[Face]:
    found = _mtcnn_detector().detect_faces(
        picture,
        min_face_size=max(12, round(smallest)),
        threshold_rnet=min(0.7, minimum_score + 0.1),  # its own thresholds, and lower ones only
        threshold_onet=min(0.8, minimum_score),  # where fainter faces are asked for
    )
    faces = []
    for entry in found:
        left, top, width, height = (float(value) for value in entry["box"])
        points = np.array([entry["keypoints"][name] for name in _KEYPOINTS], "float32")
        box = (left, top, left + width, top + height)
        faces.append(Face(box, float(entry["confidence"]), "mtcnn", points))
    return [face for face in faces if face.score >= minimum_score]


def _scale_back(face: Face, scale: float) -> Face:
    # Box edges lie between pixels and scale by themselves; keypoints lie on pixel centres.
    points = None if face.keypoints is None else (face.keypoints + 0.5) / scale - 0.5
    box = tuple(edge / scale for edge in face.box)
    return dataclasses.replace(face, box=box, keypoints=points)


def find_faces(
    picture: np.ndarray,
    masked: bool = False,
    minimum_score: float | None = None,
    upsample: int | None = None,
    minimum_size: float | None = None,
) -> list[Face]:
    """Find the faces in a picture, best first.

    Left to itself the search doubles small pictures (twice up to 100 pixels, once up to 400),
    because dlib knows no face under 80 pixels, and shrinks those over 2000 pixels.

    Args:
        picture: uint8 RGB (height, width, 3).
        masked: search with MTCNN, which also finds faces that wear a mask.
        minimum_score: leave out fainter faces; default 0.2 (HOG) or 0.9 (MTCNN).
        upsample: how often HOG doubles the picture, instead of the automatic choice.
        minimum_size: side in pixels of the smallest face wanted, instead of the automatic choice.

    Returns:
        The faces, highest score first; empty where there are none.

    Raises:
        ValueError: if the picture is not uint8 RGB or a size is not positive.
        RuntimeError: if masked=True and mtcnn or TensorFlow is not installed.
    """
    picture = check_picture(picture)
    if minimum_size is not None and minimum_size <= 0:
        raise ValueError(f"found minimum_size {minimum_size}, expected a positive number of pixels")
    if not picture.size:
        return []
    if minimum_score is None:
        minimum_score = MINIMUM_SCORES["mtcnn" if masked else "hog"]
    if masked:
        scale = min(1.0, LONGEST_SIDE / max(picture.shape))
        smallest = (minimum_size or 20 / scale) * scale
        faces = _find_mtcnn(_shrink(picture, scale), smallest, minimum_score)
    else:
        scale, upsample = _search_scale(picture.shape, upsample, minimum_size)
        faces = _find_hog(_shrink(picture, scale), upsample, minimum_score)
    return sorted((_scale_back(face, scale) for face in faces), key=lambda face: -face.score)


def _find_large(picture: np.ndarray, masked: bool) -> list[Face]:
    side = max(check_picture(picture).shape)
    return find_faces(picture, masked, minimum_size=LARGE_FACE * side)


def one_face(
    picture: np.ndarray, masked: bool = False, name: str = "the picture", quick: bool = False
) -> Face:
    """Return the best face of a picture that must hold one.

    Args:
        picture: uint8 RGB (height, width, 3).
        masked: search with MTCNN, as in `find_faces`.
        name: what to call the picture in the error, such as its file name.
        quick: be content with a large face (`LARGE_FACE`), and search for others only where there
            is none; for chips and portraits, which it makes a tenth of the work.

    Returns:
        The face with the highest score.

    Raises:
        NoFaceError: if there is none.
    """
    faces = _find_large(picture, masked) if quick else []
    faces = faces or find_faces(picture, masked)
    if not faces:
        hint = "" if masked else "; try masked=True if the face is covered"
        height, width = picture.shape[:2]
        raise NoFaceError(f"no face found in {name} ({width} x {height} pixels){hint}")
    return faces[0]
