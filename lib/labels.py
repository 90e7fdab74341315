"""The 19 face-part classes of label maps, in the order of CelebAMask-HQ's authors.

Lee et al., "MaskGAN: Towards Diverse and Interactive Facial Image Manipulation", CVPR 2020. ``l_``
and ``r_`` are the subject's own sides, so mirroring a picture swaps them.
"""

from __future__ import annotations

CLASSES: tuple[str, ...] = (
    "background",
    "skin",
    "nose",
    "eye_g",
    "l_eye",
    "r_eye",
    "l_brow",
    "r_brow",
    "l_ear",
    "r_ear",
    "mouth",
    "u_lip",
    "l_lip",
    "hair",
    "hat",
    "ear_r",
    "neck_l",
    "neck",
    "cloth",
)
"""Class names by index: ``eye_g`` are glasses, ``ear_r`` an earring, ``neck_l`` a necklace.

``l_lip`` is the lower lip: beside ``u_lip`` it has no right-hand partner, and a mirror leaves it.
"""

IGNORE = 255
"""The value of a pixel whose class is unknown: losses and scores leave it out."""


def mirror_class(name: str) -> str:
    """Name what a class becomes when the picture is mirrored.

    Args:
        name: one of `CLASSES`.

    Returns:
        The same part on the subject's other side, or ``name`` itself where there is no such class.
    """
    partner = {"l": "r", "r": "l"}.get(name[0], "") + name[1:]
    return partner if partner in CLASSES else name


MIRROR: tuple[int, ...] = tuple(CLASSES.index(mirror_class(name)) for name in CLASSES)
"""Class i becomes class ``MIRROR[i]`` under a mirror."""
