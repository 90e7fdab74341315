"""The checkers of lesson 03, Specular masks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise

_CLOSE = 1e-6


def _random_light(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.05, 0.6, (*shape, 3))


@exercise("03.specular_free")
def check_specular_free(answer: Callable) -> None:
    """Check one pixel, greys, white added anywhere, the shape, and that the input stays."""
    light = _random_light(0, (4, 5))
    kept = light.copy()
    result = np.asarray(answer(light))
    assert result.shape == light.shape, f"the shape is {result.shape}, expected {light.shape}"
    assert (light == kept).all(), "the light itself was changed: work on a copy"
    one = np.asarray(answer(np.array([[[0.5, 0.3, 0.2]]])))[0, 0]
    message = f"(0.5, 0.3, 0.2) became {tuple(one.round(3).tolist())}: which channel is darkest?"
    assert np.allclose(one, (0.3, 0.1, 0.0), atol=_CLOSE), message
    shine = np.random.default_rng(1).uniform(0, 0.4, (4, 5, 1))
    moved = np.abs(np.asarray(answer(light + shine)) - result).max()
    assert moved < _CLOSE, f"white shine changes it by up to {moved:.2g}"
    grey = np.asarray(answer(np.full((2, 2, 3), 0.4)))
    assert np.abs(grey).max() < _CLOSE, "a grey pixel has nothing but white in it"


@exercise("03.recompose")
def check_recompose(answer: Callable) -> None:
    """Check no shine, the lab's own composing at three factors, clipping and the input."""
    from lib.prepare.layers import compose

    generator = np.random.default_rng(2)
    diffuse = generator.integers(0, 256, (6, 7, 3), dtype=np.uint8)
    specular = generator.integers(0, 120, (6, 7, 3), dtype=np.uint8)
    kept = diffuse.copy(), specular.copy()
    result = np.asarray(answer(diffuse, specular, 0.0))
    assert result.shape == diffuse.shape, f"the shape is {result.shape}, expected {diffuse.shape}"
    assert result.dtype == np.uint8, f"the type is {result.dtype}, expected uint8"
    off = np.abs(result.astype(int) - diffuse).max()
    assert off <= 1, f"without shine the diffuse layer comes back, and it is off by {off} levels"
    for factor in (0.5, 1.0, 3.0):
        wanted = compose(diffuse, specular, factor)["photo"].astype(int)
        off = np.abs(np.asarray(answer(diffuse, specular, factor)).astype(int) - wanted).max()
        assert off <= 1, f"at a factor of {factor:g} it is off by up to {off} levels"
    same = (diffuse == kept[0]).all() and (specular == kept[1]).all()
    assert same, "the layers themselves were changed: work on copies"


@exercise("03.shine_by_ratio")
def check_shine_by_ratio(answer: Callable) -> None:
    """Check one surface with known shine on a few pixels, a grey pixel, and a surface without."""
    generator = np.random.default_rng(3)
    body = np.array([0.5, 0.3, 0.2])
    shading = generator.uniform(0.3, 1.0, 40)
    shine = np.where(np.arange(40) % 4 == 0, generator.uniform(0.05, 0.3, 40), 0.0)
    pixels = shading[:, None] * body + shine[:, None]
    kept = pixels.copy()
    result = np.asarray(answer(pixels), float)
    assert result.shape == (40,), f"the shape is {result.shape}, expected (40,): one number each"
    assert (pixels == kept).all(), "the pixels themselves were changed: work on a copy"
    for index in (0, 1):
        message = f"a pixel with {shine[index]:.3f} of shine got {result[index]:.3f}"
        assert abs(result[index] - shine[index]) < _CLOSE, message
    assert np.abs(result - shine).max() < _CLOSE, "some pixel's shine is wrong"
    with np.errstate(divide="ignore", invalid="ignore"):
        mixed = np.asarray(answer(np.vstack([pixels, np.full((60, 3), 0.4)])), float)
    assert np.isfinite(mixed).all(), "a grey pixel gives no finite number: its range is 0"
    missed = np.abs(mixed[:40] - shine).max()
    assert missed < _CLOSE, "many grey pixels change what others get: leave them out of the median"
    darker = body * np.array([1.0, 1.0, 0.5])
    least = np.asarray(answer(np.vstack([pixels, darker])), float)[-1]
    assert least >= 0, "a pixel more saturated than the others got less than no shine"
