"""How many have entered from one network: /24 of IPv4, /56 of IPv6. Bounded; keeps no whole address."""

from __future__ import annotations

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

    def entered(self, of: str) -> int:
        """How many entries of a network (:func:`prefix_of`) were counted."""
        return self._count.get(of, 0)

    def enter(self, of: str) -> int:
        """Count one entry; return how many there were of its network before."""
        before = self._count.pop(of, 0)
        self._count[of] = before + 1
        if len(self._count) > self._most:
            self._count.popitem(last=False)
        return before

    def at_least(self, count: int, *, most: int) -> dict[str, int]:
        """Return the networks from which so many entered, and how many; of too many those heard of lately."""
        found = [(of, entered) for of, entered in self._count.items() if entered >= count]
        return dict(found[-most:])

    def recall(self, counted: Mapping[str, int]) -> None:
        """Count those, too, whom an earlier process of the door had counted."""
        for of, entered in counted.items():
            self._count[of] = self._count.pop(of, 0) + entered
        while len(self._count) > self._most:
            self._count.popitem(last=False)


def prefix_of(address: str) -> str:
    """The network of an address."""
    return network(address, v4=24, v6=56)
