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
    SOCKET = 4
    """What shows where lids leave a gap beside the eyeball."""
    EAR = 5
    TEETH = 6
    TONGUE = 7
    MOUTH_BACK = 8
    TORSO = 9
    BUN = 10
    HAT = 11
    FRAME = 12
    LENS = 13
    EARRING = 14
    NECKLACE = 15
