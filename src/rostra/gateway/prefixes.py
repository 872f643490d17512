"""How many have entered from one network: /24 of IPv4, /56 of IPv6. Bounded; keeps no whole address."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from rostra.core.networks import network

MOST: Final = 100_000
"""Networks remembered; beyond, the one heard of least lately is forgotten."""


class Prefixes:
    """Of one space."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._count: OrderedDict[str, int] = OrderedDict()

    def entered(self, address: str) -> int:
        """How many entries of its network were counted."""
        return self._count.get(_network(address), 0)

    def enter(self, address: str) -> int:
        """Count one entry; return how many there were of its network before."""
        of = _network(address)
        before = self._count.pop(of, 0)
        self._count[of] = before + 1
        if len(self._count) > self._most:
            self._count.popitem(last=False)
        return before


def _network(address: str) -> str:
    return network(address, v4=24, v6=56)
