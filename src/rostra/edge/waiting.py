"""The answers that wait for one segment's chunks, by lane and by how much of it they have.

Whoever has the same gets the same bytes in one write. A group is shared by all who are in step, so nothing
is made per listener when a chunk comes. Holds exchanges; renders nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from rostra.core.pace import LANES
from rostra.serving.exchange import Exchange

HELD: Final = -1
"""In place of a number of chunks: not even the head is out."""


class Groups(dict[int, dict[Exchange, None]]):
    """Those of one lane that want the same form, by how many chunks they have.

    A group is a dictionary without values: a set of some hundreds takes up to four times its memory.
    """

    def over(self, exchange: Exchange) -> None:
        """Somebody has gone, or has all."""
        for group in self.values():
            group.pop(exchange, None)


class Due(NamedTuple):
    """A group to write to: from which chunk on, by chunked transfer or bare."""

    exchanges: list[Exchange]
    has: int
    http10: bool


class Waiting:
    """Of one segment."""

    __slots__ = ("_lanes",)

    def __init__(self) -> None:
        self._lanes = tuple((Groups(), Groups()) for _ in range(LANES))

    @property
    def count(self) -> int:
        """Answers that wait."""
        return sum(len(group) for groups in self._lanes for each in groups for group in each.values())

    def add(self, exchange: Exchange, lane: int, *, has: int, http10: bool) -> None:
        """Let an answer wait that has so many chunks, or is HELD."""
        groups = self._lanes[lane][http10]
        groups.setdefault(has, {})[exchange] = None
        exchange.watch(groups)

    def take(self, lane: int, has: int) -> Iterator[Due]:
        """Yield the groups of one lane that have fewer chunks than ``has``; from now on they have those."""
        for http10, groups in enumerate(self._lanes[lane]):
            behind = [(had, groups.pop(had)) for had in tuple(groups) if had < has]
            if not behind:
                continue
            together = groups.get(has)
            for had, group in behind:
                if not group:
                    continue
                yield Due(list(group), had, bool(http10))
                together = group if together is None else together | group
            if together is not None:
                groups[has] = together

    def everyone(self) -> Iterator[Exchange]:
        """Yield all that wait."""
        for groups in self._lanes:
            for each in (*groups[0].values(), *groups[1].values()):
                yield from each
