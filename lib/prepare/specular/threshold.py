"""Shine by two thresholds: what is brighter and paler than the rest is cut out and filled.

The detector follows Morgand and Tamaazousti ("Generic and real-time detection of specular
reflections in images", VISAPP 2014, section 3) in looking for high value and low saturation, with
thresholds that follow the picture; the filling is that of Arnold et al. ("Automatic segmentation
and inpainting of specular highlights for endoscopic imaging", EURASIP JIVP 2010, section 4) in
kind: the cut is closed from its border, and nothing of what was there is used.
"""

from __future__ import annotations

import cv2
import numpy as np

from lib.prepare.specular.light import to_linear
from lib.scene.pictures import to_srgb

BRIGHTER = 1.2
"""Shine is so many times as bright as the median pixel, or more."""

PALER = 0.9
"""Shine is at most so many times as saturated as the median pixel."""

GROWN = 1
"""Pixels by which the cut is widened: the rim of a highlight fails both thresholds."""

RADIUS = 5
"""How far the filling looks around a pixel, in pixels."""


def is_shine(light: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Find the pixels that are bright and unsaturated.

    Args:
        light: float32 (H, W, 3), linear, 0..1.
        inside: bool (H, W), the pixels to look at; at least one.

    Returns:
        bool (H, W), none outside.
    """
    brightest, darkest = light.max(axis=-1), light.min(axis=-1)
    saturation = 1 - darkest / np.maximum(brightest, 1e-6)
    bright = brightest > BRIGHTER * np.median(brightest[inside])
    pale = saturation < PALER * np.median(saturation[inside])
    return bright & pale & inside


def _continued(picture: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Give every pixel that is not known the colour of the nearest known one."""
    _, owners = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((owners.max() + 1, 3), np.uint8)
    colours[owners[known]] = picture[known]
    return colours[owners]


def diffuse(light: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Cut the shine out and fill it from its border (Telea 2004); as in `METHODS`.

    Where everything shines there is nothing to fill from, and the light comes back as it is.
    """
    square = np.ones((2 * GROWN + 1,) * 2, np.uint8)
    cut = cv2.dilate(is_shine(light, inside).astype(np.uint8), square).astype(bool) & inside
    known = inside & ~cut
    if not (cut.any() and known.any()):
        return light
    # off the skin stands the nearest skin, so that no black of a background flows in
    picture = np.where(inside[..., None], to_srgb(light), _continued(to_srgb(light), known))
    filled = cv2.inpaint(picture, cut.astype(np.uint8), RADIUS, cv2.INPAINT_TELEA)
    return np.where(cut[..., None], to_linear(filled), light)
