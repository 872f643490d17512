"""Tickets given out and not seen in use yet: who has one fills a place, though no edge counts them.

A ticket that is not used by its *admit-by* frees its place. Those by reserved links are followed for as long
as they are in use. Fed by what edge workers tell of who is there.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator

from rostra.bus.messages import Present
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId
from rostra.gateway.attendance import Attendance


class TicketsOut:
    """Of all spaces, by listener's id."""

    def __init__(self, *, clock: Clock) -> None:
        self.here = Attendance(clock=clock)
        self._unused: dict[bytes, tuple[SpaceId, int]] = {}
        """With its *admit-by*."""
        self._until: deque[tuple[int, bytes]] = deque()
        self._count: Counter[SpaceId] = Counter()
        self._reserved: dict[bytes, tuple[SpaceId, bytes]] = {}
        """Who came by which reserved link."""

    def give(self, listener: bytes, space: SpaceId, *, until_s: int, link: bytes = b"") -> None:
        """A ticket was given out, good for its first use until ``until_s``.

        ``link``: of the reserved link that it came by.
        """
        self._count[space] += listener not in self._unused
        self._unused[listener] = (space, until_s)
        self._until.append((until_s, listener))
        if link:
            self._reserved[listener] = (space, link)

    def holds(self, listener: bytes) -> bool:
        """Whether somebody has their place still: they listen, or have a ticket that is to be used."""
        return listener in self._unused or listener in self.here

    def until_s(self, listener: bytes) -> int | None:
        """Until when a ticket that is out may be used first; None once it is in use."""
        given = self._unused.get(listener)
        return None if given is None else given[1]

    def unused(self, space: SpaceId) -> int:
        """How many are out and not in use."""
        return self._count[space]

    def reserved_inside(self, space: SpaceId) -> int:
        """How many by reserved links listen, or are about to."""
        return sum(of == space for of, _ in self._reserved_now())

    def inside_by_link(self, link: bytes) -> int:
        """How many by one reserved link listen, or are about to."""
        return sum(each == link for _, each in self._reserved_now())

    def take(self, value: Present) -> None:
        """An edge worker tells who is there."""
        came, _ = self.here.take(value)
        for each in came:
            self._use(each)

    def forget(self, now_s: int) -> None:
        """Tickets whose first use did not come in time free their places."""
        while self._until and self._until[0][0] < now_s:
            self._use(self._until.popleft()[1])
        self.here.expire()

    def _reserved_now(self) -> Iterator[tuple[SpaceId, bytes]]:
        return (by for each, by in self._reserved.items() if self.holds(each))

    def _use(self, listener: bytes) -> None:
        given = self._unused.pop(listener, None)
        if given is not None:
            self._count[given[0]] -= 1
