"""A photo of any size in, the repaired photo at its own resolution out.

    from lib import restore
    mask = restore.find_mask(photo)
    bare = restore.unmask(photo)
    matte = restore.remove_shine(photo)
    repair = restore.repair(photo, "both")      # with the maps and the stages between

Every face is found, also masked, tilted and in any number; it is turned upright and to the size
that the shipped networks know (`lib.shipped`), repaired, and put back with a soft edge. Everything
else stays as it was, to the last bit. **What is painted under a mask is a guess made from rendered
people. It is not the person's face, and no evidence of anybody's identity.**
"""

from lib.restore.locating import Located, locate
from lib.restore.repairing import (
    TASKS,
    Repair,
    RepairedFace,
    find_mask,
    remove_shine,
    repair,
    unmask,
)

__all__ = [
    "TASKS",
    "Located",
    "Repair",
    "RepairedFace",
    "find_mask",
    "locate",
    "remove_shine",
    "repair",
    "unmask",
]
