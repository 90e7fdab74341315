"""What a real camera adds to light: a soft lens, noise, and JPEG.

The renderer's photos are exact, and networks trained on exact photos alone are surprised by real
ones. The flaws are put on copies for training; what is true of the scene stays exact.
"""

from __future__ import annotations

import io
import numbers
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from lib import images
from lib.scene.pictures import to_srgb


@dataclass(frozen=True)
class CameraFlaws:
    """How bad a camera is; each picture's flaws are drawn evenly between two limits.

    Noise is Poissonian-Gaussian (Foi et al., "Practical Poissonian-Gaussian Noise Modeling and
    Fitting for Single-Image Raw-Data", IEEE TIP 2008): its variance grows with the light.

    Attributes:
        blur: standard deviation of the lens's blur, pixels, at most 100.
        shot_noise: standard deviation of the photons' noise at full light (1), linear.
        read_noise: standard deviation of the noise in the dark, linear.
        quality: of the JPEG file, 1 to 100; ``None`` for no JPEG.

    Raises:
        ValueError: for anything but two limits, the lower one first, or limits out of range.
    """

    blur: tuple[float, float] = (0.0, 0.7)
    shot_noise: tuple[float, float] = (0.0, 0.03)
    read_noise: tuple[float, float] = (0.0, 0.004)
    quality: tuple[int, int] | None = (70, 98)

    def __post_init__(self) -> None:
        """Refuse limits that are the wrong way round or out of range."""
        highest = {"blur": 100, "shot_noise": 1, "read_noise": 1}
        for name, limit in highest.items():
            _require_limits(name, getattr(self, name), 0, limit, numbers.Real)
        if self.quality is not None:
            _require_limits("quality", self.quality, 1, 100, numbers.Integral)


def _require_limits(name: str, found: object, lowest: int, highest: int, kind: type) -> None:
    try:
        low, high = found
        fitting = isinstance(low, kind) and isinstance(high, kind)
        fitting = fitting and lowest <= low <= high <= highest
    except (TypeError, ValueError):
        fitting = False
    if not fitting:
        whole = "whole numbers " if kind is numbers.Integral else ""
        raise ValueError(
            f"camera flaw {name}: found {found!r}, expected {whole}(low, high) with "
            f"{lowest} <= low <= high <= {highest}"
        )


def photograph(light: np.ndarray, flaws: CameraFlaws, generator: np.random.Generator) -> np.ndarray:
    """Take a picture of linear light with a flawed camera: lens, sensor, file.

    Args:
        light: (height, width, 3) float32, linear; what is over 1 clips.
        flaws: of the camera.
        generator: of the random numbers.

    Returns:
        (height, width, 3) uint8 sRGB.
    """
    blur, shot, read = (
        generator.uniform(*limits) for limits in (flaws.blur, flaws.shot_noise, flaws.read_noise)
    )
    seen = _soften(np.clip(light, 0, 1).astype(np.float32), blur)
    deviation = np.sqrt(shot**2 * seen + read**2)
    noise = generator.standard_normal(seen.shape, np.float32)
    picture = to_srgb(seen + deviation.astype(np.float32) * noise)
    if flaws.quality is None:
        return picture
    return _through_jpeg(picture, int(generator.integers(*flaws.quality, endpoint=True)))


def _soften(light: np.ndarray, deviation: float) -> np.ndarray:
    if deviation < 0.05:  # the kernel's neighbours would weigh nothing
        return light
    return cv2.GaussianBlur(light, (0, 0), deviation, borderType=cv2.BORDER_REPLICATE)


def _through_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    with Image.open(io.BytesIO(images.encode_jpeg(picture, quality))) as stored:
        return np.array(stored)
