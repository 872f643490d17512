"""The answers that wait for chunks up to one segment's end, by lane and by how much they have.

Whoever has the same gets the same bytes in one write. A group is shared by all who are in step, so nothing
is made per listener when a chunk comes, nor moved at a segment's border. Holds exchanges; renders nothing and
writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rostra.core.pace import LANES
from rostra.core.samples import CHUNKS_PER_SEGMENT
from rostra.serving.exchange import Exchange

Had = int
"""How far an answer has come, in chunks since the programme began. Negative (``~first``) while not even the
head is out: then where it begins."""


def is_held(had: Had) -> bool:
    """Whether not even the head is out."""
    return had < 0


def position(had: Had) -> int:
    """The chunk that comes next, counted since the programme began."""
    return ~had if had < 0 else had


class Groups(dict[Had, dict[Exchange, None]]):
    """Those of one lane that want the same form, by what they have.

    A group is a dictionary without values: a set of some hundreds takes up to four times its memory.
    """

    def over(self, exchange: Exchange) -> None:
        """Somebody has gone, or has all."""
        for group in self.values():
            group.pop(exchange, None)


class Due(NamedTuple):
    """A group to write to: what it has, up to where it gets more, by chunked transfer or bare."""

    exchanges: list[Exchange]
    had: Had
    has: int
    http10: bool


class Waiting:
    """For chunks up to the end of one segment."""

    __slots__ = ("_lanes",)

    def __init__(self) -> None:
        self._lanes = tuple((Groups(), Groups()) for _ in range(LANES))

    @property
    def count(self) -> int:
        """Answers that wait."""
        return sum(len(group) for groups in self._lanes for each in groups for group in each.values())

    def add(self, exchange: Exchange, lane: int, *, had: Had, http10: bool) -> None:
        """Let an answer wait that has come so far."""
        groups = self._lanes[lane][http10]
        groups.setdefault(had, {})[exchange] = None
        exchange.watch(groups)

    def take(self, lane: int, has: int, *, leaving: bool = False) -> Iterator[Due]:
        """Yield the groups of one lane that are behind ``has``; from now on they are there.

        Where all are ``leaving`` nobody gets beyond the end of the segment that they are in.
        """
        for http10, groups in enumerate(self._lanes[lane]):
            for had in tuple(groups):
                until = min(has, _border(had)) if leaving else has
                if position(had) >= until:
                    continue
                group = groups.pop(had)
                if group:
                    yield Due(list(group), had, until, bool(http10))
                    groups[until] = groups[until] | group if until in groups else group

    def at_borders(self) -> Iterator[list[Exchange]]:
        """Yield those that have begun and are at the end of a segment, and let go of them."""
        for groups in (each for lane in self._lanes for each in lane):
            for had in [had for had in groups if not is_held(had) and had % CHUNKS_PER_SEGMENT == 0]:
                if group := groups.pop(had):
                    yield list(group)

    def everyone(self) -> Iterator[Exchange]:
        """Yield all that wait."""
        for groups in self._lanes:
            for each in (*groups[0].values(), *groups[1].values()):
                yield from each


def _border(had: Had) -> int:
    """Where the segment ends that an answer is in; one that has reached an end stays there."""
    return -(-(position(had) + is_held(had)) // CHUNKS_PER_SEGMENT) * CHUNKS_PER_SEGMENT
