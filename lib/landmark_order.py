"""The order of the 68 face landmarks: what each point is, and which point a mirror turns it into.

The scheme is iBUG's (Sagonas et al., "300 Faces in-the-Wild Challenge", 2013, figure 1), which dlib
follows: points are numbered from 0, and the subject's right side, the left of the picture, comes
first.
"""

from __future__ import annotations

GROUPS: dict[str, range] = {
    "jaw": range(0, 17),
    "right_brow": range(17, 22),
    "left_brow": range(22, 27),
    "nose_bridge": range(27, 31),
    "nose_base": range(31, 36),
    "right_eye": range(36, 42),
    "left_eye": range(42, 48),
    "outer_lips": range(48, 60),
    "inner_lips": range(60, 68),
}
"""The points of each part of the face; left and right are the subject's own."""

# fmt: off
MIRROR: tuple[int, ...] = (
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,  # jaw, ear to ear
    26, 25, 24, 23, 22,                                        # right brow becomes the left
    21, 20, 19, 18, 17,                                        # left brow becomes the right
    27, 28, 29, 30,                                            # nose bridge stays
    35, 34, 33, 32, 31,                                        # nose base, nostril to nostril
    45, 44, 43, 42, 47, 46,                                    # right eye: upper lid, then lower
    39, 38, 37, 36, 41, 40,                                    # left eye: upper lid, then lower
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,            # outer lips
    64, 63, 62, 61, 60, 67, 66, 65,                            # inner lips
)
# fmt: on
"""Point i of a mirrored picture is point ``MIRROR[i]`` of the picture, its x turned round."""
