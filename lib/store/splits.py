"""Who is learnt from, validated on and tested on: a split goes by the identity's name alone.

    split_of("rendered-24-00007")                     # "train"
    split_of("rendered-24-00007", shares_for(names))  # where there are few of them

Nobody is in two splits, whoever else is there, on this machine and on any other.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping

from lib.store.rows import StoreError

SHARES: Mapping[str, float] = {"train": 0.8, "validation": 0.1, "test": 0.1}


def split_of(identity: str, shares: Mapping[str, float] = SHARES) -> str:
    """Decide by its name which split an identity belongs to, the same for ever and everywhere.

    The first eight bytes of the name's SHA-256 are a number in [0, 1), and the shares, laid end to
    end in their order, say whose that is. Adding samples or identities moves nobody.

    Args:
        identity: who is in the picture.
        shares: the share of identities in each split; they sum to one.

    Raises:
        StoreError: if the shares do not sum to one, or are no shares.
    """
    try:
        total, lowest = math.fsum(shares.values()), min(shares.values(), default=0)
    except (AttributeError, TypeError):
        raise StoreError(f"found shares = {shares!r}; expected such as {SHARES}") from None
    if lowest < 0 or not math.isclose(total, 1):
        raise StoreError(f"shares {dict(shares)} sum to {total:g}; expected 1, and none below 0")
    place = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8], "big") / 2**64
    for split, share in shares.items():
        place -= share
        if place < 0:
            return split
    return list(shares)[-1]


def shares_for(
    identities: Collection[str], needed: Collection[str] = tuple(SHARES)
) -> Mapping[str, float]:
    """Return shares by which somebody is in each split.

    Whom the usual tenths fall on is for the names to say: among a dozen people, every second time
    they fall on nobody. Few people get two tenths, or more, but never more than are learnt from.

    Args:
        identities: everybody's name.
        needed: names of the splits that somebody must be in, those to learn from first.

    Returns:
        `SHARES` where they will do, else shares of the needed splits alone.

    Raises:
        StoreError: if no shares will do.
    """
    first, *others = needed
    for tenths in range(1, 1 + 10 // len(needed)):
        rest = dict.fromkeys(others, tenths / 10)
        shares = SHARES if tenths == 1 else {first: 1 - sum(rest.values())} | rest
        filled = {split_of(name, shares) for name in identities}
        if filled >= {*needed}:
            return shares
    found = f"found {len(identities)} identities, too few for somebody in each split"
    raise StoreError(f"{found} ({', '.join(needed)}); expected more, or others")
