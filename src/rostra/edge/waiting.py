"""The answers that wait for chunks up to one segment's end, by lane and by how much they have.

Nobody is moved at a segment's border (:mod:`rostra.edge.in_step`). Holds exchanges; renders nothing and
writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rostra.core.pace import LANES
from rostra.core.samples import CHUNKS_PER_SEGMENT
from rostra.edge.in_step import Groups
from rostra.serving.exchange import Exchange
from rostra.serving.recipients import Seats

Had = int
"""How far an answer has come, in chunks since the programme began. Negative (``~first``) while not even the
head is out: then where it begins."""


def is_held(had: Had) -> bool:
    """Whether not even the head is out."""
    return had < 0


def position(had: Had) -> int:
    """The chunk that comes next, counted since the programme began."""
    return ~had if had < 0 else had


class InStep(NamedTuple):
    """A group to write to: what it has, up to where it gets more, by chunked transfer or bare."""

    seats: Seats
    had: Had
    has: int
    http10: bool


class Waiting:
    """For chunks up to the end of one segment."""

    __slots__ = ("_lanes",)

    def __init__(self) -> None:
        self._lanes: tuple[tuple[Groups[Had], Groups[Had]], ...] = tuple(
            (Groups(lane), Groups(lane)) for lane in range(LANES)
        )

    @property
    def count(self) -> int:
        """Answers that wait."""
        return sum(groups.count for groups in self._groups)

    @property
    def empty(self) -> bool:
        """Whether none waits."""
        return not any(group for groups in self._groups for group in groups.values())

    @property
    def _groups(self) -> Iterator[Groups[Had]]:
        return (groups for lane in self._lanes for groups in lane)

    def add(self, exchange: Exchange, lane: int, *, had: Had, http10: bool) -> None:
        """Let an answer wait that has come so far."""
        self._lanes[lane][http10].put(had, exchange)

    def take(self, lane: int, has: int, *, leaving: bool = False) -> Iterator[InStep]:
        """Yield the groups of one lane that are behind ``has``; from now on they are there.

        Where all are ``leaving`` nobody gets beyond the end of the segment that they are in.
        """
        for http10, groups in enumerate(self._lanes[lane]):
            until = {had: min(has, _border(had)) if leaving else has for had in groups}
            steps = [(had, to) for had, to in until.items() if position(had) < to]
            for had, seats in groups.advance(steps):
                yield InStep(seats, had, until[had], bool(http10))

    def at_borders(self) -> Iterator[list[Exchange]]:
        """Yield those that have begun and are at the end of a segment, and let go of them."""
        for groups in self._groups:
            for had in [had for had in groups if not is_held(had) and had % CHUNKS_PER_SEGMENT == 0]:
                if group := groups.pop(had):
                    yield list(group)

    def everyone(self) -> Iterator[Exchange]:
        """Yield all that wait."""
        return (exchange for groups in self._groups for exchange in groups.everyone())


def _border(had: Had) -> int:
    """Where the segment ends that an answer is in; one that has reached an end stays there."""
    return -(-(position(had) + is_held(had)) // CHUNKS_PER_SEGMENT) * CHUNKS_PER_SEGMENT
