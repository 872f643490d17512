"""Listeners whose seat went along to another space, though the edge still counts them in the old one.

A page hears the old space until it is let in at the other, and an edge counts it for a few seconds more. It
must not fill two places meanwhile. Whoever is still there after :data:`LONGEST_NS` listens to both and counts
in both. Does no I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from typing import Final

from rostra.core.clock import Clock
from rostra.core.ids import SpaceId

LONGEST_NS: Final = 30_000_000_000


class Leaving:
    """Of all spaces, by listener's id."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[bytes, tuple[SpaceId, int]] = {}
        """The space they leave, and since when: the longest ago first."""
        self._here: set[bytes] = set()
        """Of those, whom the edge still counts."""
        self._count: Counter[SpaceId] = Counter()

    def __contains__(self, listener: bytes) -> bool:
        return listener in self._since

    def count(self, space: SpaceId) -> int:
        """How many listeners the edge counts in ``space`` who have a place elsewhere for it."""
        return self._count[space]

    def add(self, listener: bytes, space: SpaceId, *, here: bool) -> None:
        """Somebody has got a place elsewhere; ``here``: the edge counts them."""
        self._since[listener] = (space, self._clock.monotonic_ns())
        if here:
            self.came({listener})

    def came(self, listeners: Set[bytes]) -> None:
        """The edge counts these."""
        for listener in (self._since.keys() & listeners) - self._here:
            self._here.add(listener)
            self._count[self._since[listener][0]] += 1

    def gone(self, listeners: Set[bytes]) -> Set[bytes]:
        """The edge counts these no more; return those of them who have not moved."""
        moved = self._since.keys() & listeners
        for listener in moved:
            self._forget(listener)
        return listeners - moved

    def expire(self) -> None:
        """Count those again who are still there."""
        since_ns = self._clock.monotonic_ns() - LONGEST_NS
        while self._since:
            listener, (_, at_ns) = next(iter(self._since.items()))
            if at_ns >= since_ns:
                return
            self._forget(listener)

    def _forget(self, listener: bytes) -> None:
        space, _ = self._since.pop(listener)
        if listener in self._here:
            self._here.remove(listener)
            self._count[space] -= 1
            if not self._count[space]:
                del self._count[space]
