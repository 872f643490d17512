"""How many have entered from one network: /24 of IPv4, /56 of IPv6. Bounded; keeps no whole address.

A site may be given a /48 of IPv6 (RFC 6177, RIPE-690), which is 256 networks: all of it together counts as
well, as one network whose entries weigh less. Beyond a /48 are providers, whose customers are strangers.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from rostra.core.networks import network

MOST: Final = 100_000
"""Networks remembered; beyond, the one heard of least lately is forgotten."""

WIDE_SHARE: Final = 16
"""So many entries of a /48 weigh as one of each network in it: 1,024 of it stand where 64 of a /56 do."""


class Prefixes:
    """Of one space."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._count: OrderedDict[str, int] = OrderedDict()
        self._asked = 0
        self._reached: dict[str, None] = {}
        """Networks with as many entries as :meth:`at_least` was last asked for: it looks at no others."""

    def entered(self, of: str) -> int:
        """How many entries of a network (:func:`prefix_of`) were counted, or what those of its /48 weigh."""
        counted, wide = self._count.get(of, 0), _wide(of)
        return max(counted, self._count.get(wide, 0) // WIDE_SHARE) if wide else counted

    def enter(self, of: str) -> None:
        """Count one entry."""
        self._note(of, self._count.pop(of, 0) + 1)
        if wide := _wide(of):
            self._note(wide, self._count.pop(wide, 0) + 1)

    def at_least(self, count: int, *, most: int) -> dict[str, int]:
        """Return the networks from which so many entered, and how many; of too many those heard of lately.

        Asked for the same again, it does not go through all of them.
        """
        if count != self._asked:
            self._asked = count
            self._reached = {of: None for of, entered in self._count.items() if entered >= count}
        lately = itertools.islice(reversed(self._reached), most)
        return {of: self._count[of] for of in reversed(list(lately))}

    def recall(self, counted: Mapping[str, int]) -> None:
        """Count those, too, whom an earlier process of the door had counted."""
        for of, entered in counted.items():
            self._note(of, self._count.pop(of, 0) + entered)

    def _note(self, of: str, entered: int) -> None:
        """Of a network that stands in :attr:`_count` no more."""
        self._count[of] = entered
        if 0 < self._asked <= entered:
            self._reached.pop(of, None)
            self._reached[of] = None
        if len(self._count) > self._most:
            forgotten, _ = self._count.popitem(last=False)
            self._reached.pop(forgotten, None)


def prefix_of(address: str) -> str:
    """The network of an address."""
    return network(address, v4=24, v6=56)


def _wide(of: str) -> str:
    """The /48 of an IPv6 network, as text; empty for any other."""
    if ":" not in of:
        return ""
    address, slash, _ = of.partition("/")
    return network(address, v4=24, v6=48) if slash else ""
