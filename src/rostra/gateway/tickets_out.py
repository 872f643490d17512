"""Tickets given out and not seen in use yet: who has one fills a place, though no edge counts them.

A ticket that is not used by its *admit-by* frees its place. Those by reserved links are followed for as long
as they are in use. Fed by what edge workers tell of who is there.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator

from rostra.bus.messages import Present
from rostra.core.ids import SpaceId

ID_BYTES = 8


class TicketsOut:
    """Of all spaces, by listener's id."""

    def __init__(self) -> None:
        self._unused: dict[bytes, SpaceId] = {}
        self._until: deque[tuple[int, bytes]] = deque()
        self._count: Counter[SpaceId] = Counter()
        self._reserved: dict[bytes, tuple[SpaceId, bytes]] = {}
        """Who came by which reserved link."""
        self._here: dict[int, set[bytes]] = {}
        """By worker: those with reserved links who are there."""

    def give(self, listener: bytes, space: SpaceId, *, until_s: int, link: bytes = b"") -> None:
        """A ticket was given out, good for its first use until ``until_s``; again, if its answer was lost.

        ``link``: of the reserved link that it came by.
        """
        self._count[space] += listener not in self._unused
        self._unused[listener] = space
        self._until.append((until_s, listener))
        if link:
            self._reserved[listener] = (space, link)

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
        here = self._here.setdefault(value.worker, set())
        if value.everybody:
            here.clear()
        for each in _ids(value.came):
            self._use(each)
            if each in self._reserved:
                here.add(each)
        here.difference_update(_ids(value.gone))

    def forget(self, now_s: int) -> None:
        """Tickets whose first use did not come in time free their places."""
        while self._until and self._until[0][0] < now_s:
            self._use(self._until.popleft()[1])

    def _reserved_now(self) -> Iterator[tuple[SpaceId, bytes]]:
        here = set().union(*self._here.values())
        return (by for each, by in self._reserved.items() if each in here or each in self._unused)

    def _use(self, listener: bytes) -> None:
        space = self._unused.pop(listener, None)
        if space is not None:
            self._count[space] -= 1


def _ids(packed: bytes) -> Iterator[bytes]:
    return (packed[first : first + ID_BYTES] for first in range(0, len(packed), ID_BYTES))
