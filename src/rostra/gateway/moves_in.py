"""Spaces that go on in one that is on the air: their lines are taken in, their listeners keep their seats.

Asked at every turn of the rooms; feeds what :mod:`rostra.admission.moving` decides. Does no I/O but reading
the journal of a space that is over, after a restart of the door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from rostra.bus.messages import Lifecycle
from rostra.core.clock import Clock
from rostra.core.errors import Unavailable
from rostra.core.ids import SpaceId
from rostra.gateway.directory import Directory, Entry
from rostra.gateway.unwritten import Unwritten
from rostra.gateway.waiting_room import WaitingRoom

ON_THE_WAY_MS: Final = 60_000
"""For so long after the end of a space those whom the edge still counts in it are on their way."""


class MovesIn:
    """Of one door process."""

    def __init__(
        self,
        directory: Directory,
        *,
        of: Callable[[Entry], WaitingRoom],
        read: Callable[[SpaceId], WaitingRoom],
        unwritten: Unwritten,
        clock: Clock,
    ) -> None:
        """``of`` returns the room of what is live, Unavailable; ``read`` reads one that is over, OSError."""
        self._directory = directory
        self._of = of
        self._read = read
        self._unwritten = unwritten
        self._over: dict[SpaceId, WaitingRoom] = {}
        """Read ahead of the room that they moved to."""
        self._clock = clock

    def sources(self, entry: Entry) -> Iterator[Entry]:
        """Yield the spaces that go on in this one, as far as they are known."""
        for space in entry.state.moved_from:
            if space in self._directory:
                yield self._directory.entry(space)

    def is_awaited(self, entry: Entry) -> bool:
        """Whether a space has moved to one that is on the air: those who wait here are awaited there."""
        there = entry.state.moved_to
        if there is None or there not in self._directory:
            return False
        return self._directory.entry(there).state.lifecycle is Lifecycle.LIVE

    def on_the_way(self, entry: Entry) -> list[Entry]:
        """Return those of them that are just over, whose listeners have not come yet."""
        if not entry.state.moved_from:
            return []
        since_ms = self._clock.utc_ns() // 1_000_000 - ON_THE_WAY_MS
        return [source for source in self.sources(entry) if source.state.ended_at > since_ms]

    def read_ahead(self, entry: Entry, room: WaitingRoom) -> None:
        """Read the journals of those whose line came along and who are over, in a thread. OSError."""
        for space in entry.state.moved_from:
            if self._is_over(space, room):
                self._over[space] = self._read(space)

    def take_in(self, entry: Entry, room: WaitingRoom) -> None:
        """Take in the lines of the spaces that go on in this one, once both are drawn.

        What cannot be read or written now is tried again with the next turn.
        """
        if entry.state.lifecycle is not Lifecycle.LIVE or not room.drawn:
            return
        for space in entry.state.moved_from:
            if space not in room.taken_in.sources:
                with suppress(Unavailable), self._unwritten.tolerated(room.space):
                    self._take_in(space, room)

    def _take_in(self, space: SpaceId, room: WaitingRoom) -> None:
        if self._is_over(space, room):
            room.take_in(self._over.pop(space) if space in self._over else self._read(space))
        elif space in self._directory:
            source = self._directory.entry(space)
            other = self._of(source) if source.state.lifecycle is Lifecycle.LIVE else None
            if other is not None and other.drawn:
                room.take_in(other)

    def _is_over(self, space: SpaceId, room: WaitingRoom) -> bool:
        """Whether a space is over, or hidden, whose line came along before this process of the door."""
        if not room.taken_in.has(space):
            return False
        if space not in self._directory:
            return self._directory.complete
        return self._directory.entry(space).state.ended_at > 0
