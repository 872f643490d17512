"""Those who get the same next, by what they have.

Whoever has the same gets the same bytes in one write. A group is shared by all who are in step, so nothing
is made per listener when a chunk comes; where groups meet, the smaller joins the larger. Holds exchanges;
renders nothing and writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from rostra.serving.exchange import Exchange
from rostra.serving.recipients import Recipients, Seats

Has = TypeVar("Has", bound=Hashable)


class Group(Recipients):
    """Those of one lane that have the same."""

    __slots__ = ("lane",)

    def __init__(self, lane: int) -> None:
        super().__init__()
        self.lane = lane


class Groups(dict[Has, Group], Generic[Has]):
    """Those of one lane that want the same form, by what they have."""

    def __init__(self, lane: int) -> None:
        super().__init__()
        self._lane = lane

    @property
    def count(self) -> int:
        """How many are in all of them."""
        return sum(map(len, self.values()))

    def put(self, has: Has, exchange: Exchange) -> None:
        """Have somebody in step with whoever has the same. They leave as they are over."""
        group = self.get(has)
        if group is None:
            group = self[has] = Group(self._lane)
        group.add(exchange)

    def advance(self, steps: Iterable[tuple[Has, Has]]) -> list[tuple[Has, Seats]]:
        """Have each group that has the first of a step the second from now on; empty ones go.

        Return who took each step, by what they had.
        """
        moving: defaultdict[Has, list[tuple[Has, Group]]] = defaultdict(list)
        for had, has in steps:
            if group := self.pop(had):
                moving[has].append((had, group))
        return [each for has, groups in moving.items() for each in self._meet(has, groups)]

    def _meet(self, has: Has, groups: list[tuple[Has, Group]]) -> list[tuple[Has, Seats]]:
        """These have the same from now on, with whoever has it already, and become one group: the largest."""
        there = self.get(has)
        largest = max([group for _, group in groups] + ([there] if there else []), key=len)
        everyone = largest.seats()
        stepped = [(had, everyone if group is largest else largest.absorb(group)) for had, group in groups]
        if there and there is not largest:
            largest.absorb(there)
        self[has] = largest
        return stepped

    def everyone(self) -> Iterator[Exchange]:
        """Return all of them."""
        return (exchange for group in tuple(self.values()) for exchange in group)
