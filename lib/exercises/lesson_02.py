"""The checkers of lesson 02, Mask synthesis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise


@exercise("02.compose")
def check_compose(answer: Callable) -> None:
    """Check nothing, all and a share of a mask, the rounding, and that the photo stays as it is."""
    photo = np.full((2, 3, 3), 10, np.uint8)
    colours = np.full((2, 3, 3), 201, np.uint8)
    kept = photo.copy()
    cover = np.array([[0, 1, 0.5], [0, 0.25, 0.75]], np.float32)
    result = np.asarray(answer(photo, colours, cover))
    assert result.shape == photo.shape, f"the shape is {result.shape}, expected {photo.shape}"
    assert result.dtype == np.uint8, f"the type is {result.dtype}, expected uint8"
    for share, found in zip(cover.ravel(), result[..., 0].ravel(), strict=True):
        exact = 10 + 191 * share
        message = f"201 over 10 with a cover of {share:g} is {exact:g}, rounded; found {found}"
        assert abs(int(found) - exact) <= 0.5, message
    assert (result == result[..., :1]).all(), "all three colours are mixed with the same share"
    assert (photo == kept).all(), "the photo itself was changed: work on a copy"


def _scattered(seed: int, number: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (number, 2))


@exercise("02.thin_plate")
def check_thin_plate(answer: Callable) -> None:
    """Check the anchors, an affine map, which costs no bending, and SciPy's spline elsewhere."""
    from scipy.interpolate import RBFInterpolator

    anchors, elsewhere = _scattered(0, 12), _scattered(1, 30)
    targets = anchors + 0.3 * _scattered(2, 12)
    result = np.asarray(answer(elsewhere, anchors, targets))
    assert result.shape == (30, 2), f"the shape is {result.shape}, expected (30, 2): x and y each"
    missed = np.abs(np.asarray(answer(anchors, anchors, targets)) - targets).max()
    assert np.isfinite(missed), "an anchor itself gives NaN: r² log r² is 0 where r is 0"
    assert missed < 1e-6, f"the anchors miss their targets by up to {missed:.2g}"
    matrix, shift = np.array([[0.8, -0.6], [0.6, 0.8]]), np.array([3.0, -1.0])
    turned = np.asarray(answer(elsewhere, anchors, anchors @ matrix.T + shift))
    bent = np.abs(turned - elsewhere @ matrix.T - shift).max()
    assert bent < 1e-6, f"anchors that only turn and shift must bend nothing: off by {bent:.2g}"
    reference = RBFInterpolator(anchors, targets, kernel="thin_plate_spline")(elsewhere)
    gap = np.abs(result - reference).max()
    assert gap < 1e-6, f"between the anchors it differs from SciPy's spline by {gap:.2g}"


@exercise("02.leaked")
def check_leaked(answer: Callable) -> None:
    """Check a mixed case, pictures counted instead of people, a clean split and a full leak."""
    cases = (
        ("nobody in both", ["ann", "bob", "bob"], ["eve", "joe"], 0.0),
        ("everybody in both", ["ann", "bob"], ["bob", "ann", "bob"], 1.0),
        (
            "bob in both, on 3 of 4 test pictures",
            ["ann", "bob"],
            ["bob", "bob", "joe", "bob"],
            0.75,
        ),
        ("one of 2 test pictures, many training ones", ["ann"] * 9, ["ann", "joe"], 0.5),
    )
    for name, train, test, wanted in cases:
        value = answer(train, test)
        assert np.ndim(value) == 0 and value is not None, "expected one number, a share"
        assert abs(float(value) - wanted) < 1e-9, f"{name}: found {float(value):g}, not {wanted:g}"
