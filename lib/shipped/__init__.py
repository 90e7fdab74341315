"""The weights that come with the lab: every system's model, trained on rendered faces alone.

    from lib import shipped
    model = shipped.load("unmask_two_critics")
    shipped.card("unmask_two_critics")["scores"]

`data/weights/` holds a file of float16 weights and a card for each of `shipped.NAMES`; `make
weights` trains them anew. A lesson that loads them needs no training.
"""

from lib.shipped.catalogue import ENTRIES, NAMES, Entry
from lib.shipped.files import ShippedError, card, folder, load

__all__ = ["ENTRIES", "NAMES", "Entry", "ShippedError", "card", "folder", "load"]
