"""The kinds of surface in a scene: which material a triangle is made of."""

from __future__ import annotations

import enum


class Kind(enum.IntEnum):
    """The surface a triangle belongs to."""

    SKIN = 0
    """The head, with all that is painted on its skin: brows, lips, scalp hair, beard."""
    LID_RIM = 1
    INNER_LIP = 2
    EYE = 3
    EAR = 4
    TEETH = 5
    TONGUE = 6
    MOUTH_BACK = 7
    TORSO = 8
    BUN = 9
    HAT = 10
    FRAME = 11
    LENS = 12
    EARRING = 13
    NECKLACE = 14
