"""The checkers of lesson 05, Morphable model renders."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise
from lib.labels import CLASSES, IGNORE, MIRROR

_FRONT = np.array([0.0, 0.0, 1.0])
_CLOSE = 1e-4


def _tilted(degrees: float) -> np.ndarray:
    """Return the unit normal that a turn to the right makes of one towards the camera."""
    angle = np.radians(degrees)
    return np.array([np.sin(angle), 0.0, np.cos(angle)])


@exercise("05.lambert")
def check_lambert(answer: Callable) -> None:
    """Check angles with known cosines, a light that is not of length 1, and the dark side."""
    normals = np.stack([_tilted(angle) for angle in (0, 60, 90, 150)]).reshape(2, 2, 3)
    kept = normals.copy()
    result = np.asarray(answer(normals, _FRONT))
    assert result.shape == (2, 2), f"the shape is {result.shape}, expected (2, 2): one number each"
    assert result.min() >= 0, "a surface turned away from the light got less than no light"
    for angle, value, wanted in zip((0, 60, 90, 150), result.ravel(), (1, 0.5, 0, 0), strict=True):
        message = f"a surface turned by {angle}° got {value:.3f}, expected {wanted}"
        assert abs(value - wanted) < _CLOSE, message
    longer = np.asarray(answer(normals, 5 * _FRONT))
    assert np.allclose(longer, result), "five times as long a direction is the same direction"
    assert (normals == kept).all(), "the normals themselves were changed: work on a copy"


@exercise("05.blinn_phong")
def check_blinn_phong(answer: Callable) -> None:
    """Check the mirror direction, a half vector of known angle, and surfaces in the dark."""
    value = np.asarray(answer(_FRONT[None], _FRONT, _FRONT, 20))
    assert value.shape == (1,), f"the shape is {value.shape}, expected (1,): one number each"
    assert abs(value[0] - 1) < _CLOSE, f"light, camera and normal in line give {value[0]:.3f}"
    value = np.asarray(answer(_tilted(30)[None], _tilted(60), _FRONT, 20))
    assert abs(value[0] - 1) < _CLOSE, f"a normal half way to the light gives {value[0]:.3f}, not 1"
    value, wanted = np.asarray(answer(_FRONT[None], _tilted(60), _FRONT, 4)), 0.75**2
    message = f"the half vector 30° off, to the power of 4, gives {value[0]:.4f}, not {wanted:.4f}"
    assert abs(value[0] - wanted) < _CLOSE, message
    away = np.asarray(answer(_tilted(-50)[None], _tilted(60), _FRONT, 4))
    assert abs(away[0]) < _CLOSE, "a surface that the light does not reach must not shine"


@exercise("05.project_landmarks")
def check_project_landmarks(answer: Callable) -> None:
    """Check the picture's middle, its edge, the turn of y, perspective and a turned head.

    Pixels count from the picture's edge, as in `lib.scene.camera.project`.
    """
    still, camera = np.eye(3), {"distance": 1000.0, "field": 250.0, "size": 100}
    points = np.array([[0, 0, 0], [125, 0, 0], [0, 125, 0], [50, 0, 500]], float)
    result = np.asarray(answer(points, still, **camera))
    assert result.shape == (4, 2), f"the shape is {result.shape}, expected (4, 2)"
    cases = (
        ("the middle of the face", (50, 50)),
        ("half the field to the right", (100, 50)),
        ("half the field up", (50, 0)),
        ("50 mm to the right, half as far away", (90, 50)),
    )
    centred = np.allclose(result + 0.5, [wanted for _, wanted in cases])
    assert not centred, "half a pixel off: count from the picture's edge, not from a pixel's centre"
    for (name, wanted), found in zip(cases, result, strict=True):
        place = f"({found[0]:.1f}, {found[1]:.1f})"
        assert np.allclose(found, wanted), f"{name} lies at {place}, expected {wanted}"
    turn = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], float)  # by 90°: the nose to the right
    found = np.asarray(answer(np.array([[0, 0, 125.0]]), turn, **camera))[0]
    message = "a quarter turn must bring a point in front of the face to the picture's right edge"
    assert np.allclose(found, (100, 50)), message


@exercise("05.mirror_labels")
def check_mirror_labels(answer: Callable) -> None:
    """Check places, the exchange of sides, what has no side, unknown pixels and a second mirror."""
    classes = np.arange(len(CLASSES), dtype=np.uint8).reshape(1, -1)
    labels = np.concatenate([classes, np.full((1, 1), IGNORE, np.uint8)], axis=1)
    kept = labels.copy()
    result = np.asarray(answer(labels, MIRROR))
    assert result.shape == labels.shape, f"the shape is {result.shape}, expected {labels.shape}"
    assert result.dtype == np.uint8, f"the type is {result.dtype}, expected uint8"
    assert result[0, 0] == IGNORE, f"an unknown pixel ({IGNORE}) became {result[0, 0]}"
    backwards = result[0, :0:-1]
    for name, found, wanted in zip(CLASSES, backwards, MIRROR, strict=True):
        known = CLASSES[found] if found < len(CLASSES) else found
        assert found == wanted, f"{name} became {known}: the subject's sides must be exchanged"
    assert (np.asarray(answer(result, MIRROR)) == labels).all(), "two mirrors must undo each other"
    assert (labels == kept).all(), "the map itself was changed: work on a copy"
