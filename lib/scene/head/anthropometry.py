"""Measures heads as anthropologists measure people, and holds what they found.

The dimensions are Farkas' (Anthropometry of the Head and Face, 1994), between points of the
template: n nasion, sn subnasale, prn pronasale, sto stomion, gn gnathion, en and ex the inner and
outer corners of the eyes, al the wings of the nose, ch the corners of the mouth, zy the widest
points of the cheekbones, go the angles of the jaw.

Published are young adult North American Whites. Farkas' own tables were not at hand; the numbers
are his as others quote them:

* men: Virdi, Wertheim and Naini 2019 (Maxillofacial Plastic and Reconstructive Surgery 41:9,
  PMC6384287), quoted in turn by a program's table of norms; "zy-zy", "n-gn" and their deviations
  from there too, the two deviations marked there as estimates;
* women: the means of the same paper and of Husein et al. 2010 (Journal of Plastic, Reconstructive
  and Aesthetic Surgery 63:1825), quoted likewise. No deviations were found: each is the men's in
  proportion to the mean;
* "sn-prn": Kesterke et al. 2016 (Biology of Sex Differences 7:23, additional file 1), 3D Facial
  Norms, 19 to 25 years, quoted likewise; its deviation is an estimate, a tenth of the mean.

Two definitions differ: calipers press zygion and gonion onto the bone, ours lie on the skin. At the
cheekbones that is little, so "zy-zy" is aimed at; at the angles of the jaw much, so "go-go" is
measured only. So is "sn-gn": the men's published n-sn, sn-gn and n-gn cannot hold in one face.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from lib.scene.head.model import Head


@dataclass(frozen=True)
class Norm:
    """A published dimension: mean and standard deviation of men and women, mm."""

    men: tuple[float, float]
    women: tuple[float, float]

    def of(self, sex: float) -> tuple[float, float]:
        """Mean and deviation for a sex: -1 (female) or 1 (male)."""
        return self.men if sex > 0 else self.women


def _norm(men: float, women: float, deviation: float) -> Norm:
    """Give women the men's deviation in proportion to the mean."""
    return Norm((men, deviation), (women, deviation * women / men))


NORMS: dict[str, Norm] = {
    "n-gn": _norm(121.3, 111.8, 6.0),
    "n-sn": _norm(54.8, 50.6, 3.3),
    "sn-sto": _norm(22.3, 20.1, 2.1),
    "sn-prn": _norm(21.1, 20.0, 2.1),
    "en-en": _norm(33.3, 31.8, 2.7),
    "ex-ex": _norm(91.2, 87.8, 3.0),
    "ex-en": _norm(31.3, 30.7, 1.3),
    "al-al": _norm(34.9, 31.4, 2.1),
    "ch-ch": _norm(54.5, 50.2, 3.0),
    "zy-zy": _norm(137.0, 130.0, 5.0),
}
"""What drawn heads are fitted to."""
UNFITTED: dict[str, Norm] = {"sn-gn": _norm(72.6, 64.3, 4.5), "go-go": _norm(97.0, 91.1, 6.0)}
"""What is measured only."""

# Places of single points: on the canonical face, or on the unwrapped skin.
_ON_FACE = {"n": (0.0, 6.0), "prn": (0.0, -34.5), "sn": (0.0, -46.5), "al": (15.8, -39.0)}
_ON_SKIN = {"gn": (0.0, -108.0), "go": (98.0, -78.0)}
_ZYGION_HEIGHTS = (-34.0, -8.0)
_EAR = 104.0


@functools.cache
def points(head: Head) -> dict[str, tuple[int, int]]:
    """Find the points' vertices: the subject's right one and their left one; twice one amidships.

    Args:
        head: whose template.
    """
    left = {}
    for places, where in ((head.canonical, _ON_FACE), (head.unwrapped, _ON_SKIN)):
        for name, place in where.items():
            away = np.square(places - place).sum(axis=1) + 1e6 * (head.mean[:, 2] < 0)
            left[name] = int(away[: head.skin].argmin())
    eye, mouth = head.slits["left_eye"], head.slits["mouth"]
    left["en"], left["ex"] = (int(corner) for corner in eye.upper[[0, -1]])
    left["ch"], left["sto"] = int(mouth.upper[-1]), int(mouth.upper[len(mouth.upper) // 2])
    across, down = head.unwrapped[: head.skin].T
    cheek = (across > 0) & (across <= _EAR)
    cheek &= (down > _ZYGION_HEIGHTS[0]) & (down < _ZYGION_HEIGHTS[1])
    left["zy"] = int(np.where(cheek, head.mean[: head.skin, 0], 0).argmax())
    return {name: (int(head.mirror[vertex]), vertex) for name, vertex in left.items()}


def measure(head: Head, vertices: np.ndarray) -> dict[str, float]:
    """Measure a head with a neutral face.

    Args:
        head: the head's model.
        vertices: (V, 3) mm; lids may be open or closed.

    Returns:
        Dimensions by name ("n-gn", ...), mm: all of `NORMS` and `UNFITTED`.
    """
    found = points(head)
    dimensions = {}
    for name in (*NORMS, *UNFITTED):
        first, second = name.split("-")
        start = found[first][0 if first == second else 1]
        apart = vertices[start] - vertices[found[second][1]]
        dimensions[name] = float(np.linalg.norm(apart))
    return dimensions
