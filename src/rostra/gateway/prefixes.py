"""How many have entered from one network: /24 of IPv4, /56 of IPv6. Bounded; keeps no whole address."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from rostra.core.networks import network

MOST: Final = 100_000
"""Networks remembered; beyond, the one heard of least lately is forgotten."""


class Prefixes:
    """Of one space."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._count: OrderedDict[str, int] = OrderedDict()
        self._asked = 0
        self._reached: dict[str, None] = {}
        """Networks with as many entries as :meth:`at_least` was last asked for: it looks at no others."""

    def entered(self, of: str) -> int:
        """How many entries of a network (:func:`prefix_of`) were counted."""
        return self._count.get(of, 0)

    def enter(self, of: str) -> int:
        """Count one entry; return how many there were of its network before."""
        before = self._count.pop(of, 0)
        self._note(of, before + 1)
        return before

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
