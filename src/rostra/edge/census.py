"""Counts every listener once, however many connections they have at however many workers.

Each worker tells the others once a second who has come and gone, now and then everybody; a listener counts at
the lowest worker that has them, so the sum over all workers is exact. Workers that fall silent are forgotten.
Does no I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Final

from rostra.bus.messages import Audience, Present
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId

ID_BYTES: Final = 8
"""Of a listener's id, as in the ticket."""
ALL_EVERY: Final = 10
"""Messages after which all are told again: a worker that starts, or lost one, knows after so many seconds."""
SILENT_NS: Final = 4_000_000_000
MOST_LATELY: Final = 80_000
MOST_AWAY_S: Final = 65_535
MOST_TOLD: Final = 100_000
"""Ids in one message, the bus's limit being a megabyte."""


class _Other:
    """What another worker has told."""

    __slots__ = ("heard_ns", "ids", "number")

    def __init__(self) -> None:
        self.ids: set[bytes] = set()
        self.number = -1
        self.heard_ns = 0


class Census:
    """Of one worker."""

    def __init__(self, *, worker: int, clock: Clock) -> None:
        self._worker = worker
        self._clock = clock
        self._number = 0
        self._others: dict[int, _Other] = {}

    def tell(self, here: Mapping[SpaceId, Set[bytes]], changed: Set[bytes]) -> Present:
        """Return what the others are to know of who is here, by space.

        ``changed``: all who have come or gone since last told, and perhaps others.
        """
        everybody = self._number % ALL_EVERY == 0
        self._number += 1
        gone = (each for each in changed if not any(each in ids for ids in here.values()))
        return Present(
            worker=self._worker,
            number=self._number,
            everybody=everybody,
            came=_by_space((space, ids if everybody else changed & ids) for space, ids in here.items()),
            gone=b"" if everybody else _packed(gone),
        )

    def lost(self) -> None:
        """What was told last has reached nobody: next time all are told."""
        self._number += -self._number % ALL_EVERY

    def leave(self) -> Present:
        """Return the last word: nobody is here any more.

        Without it, other workers leave out for seconds those who have come to them from here.
        """
        self._number += 1
        return Present(worker=self._worker, number=self._number, everybody=True, came={})

    def take(self, value: Present) -> None:
        """Another worker tells; one's own message is passed over. After a gap, nothing until all are told."""
        if value.worker == self._worker:
            return
        other = self._others.setdefault(value.worker, _Other())
        other.heard_ns = self._clock.monotonic_ns()
        if value.everybody:
            other.ids = came_of(value)
        elif value.number == other.number + 1:
            other.ids = (other.ids - ids_of(value.gone)) | came_of(value)
        else:
            return
        other.number = value.number

    def counted_elsewhere(self) -> list[Set[bytes]]:
        """Return who counts at lower workers, one set for each."""
        since_ns = self._clock.monotonic_ns() - SILENT_NS
        for worker in [worker for worker, other in self._others.items() if other.heard_ns < since_ns]:
            del self._others[worker]
        return [other.ids for worker, other in self._others.items() if worker < self._worker]


def more_first(
    counts: Iterable[Audience], told: Mapping[SpaceId, int]
) -> tuple[list[Audience], list[Audience]]:
    """Return the counts that are told ahead of who is there, as they rose, and those that are told after it.

    By who is there the door frees the place of a ticket that is used, and keeps one for whoever dropped out.
    Told in this order, no place that is taken is free to it for the moment between two messages.
    """
    rose: list[Audience] = []
    others: list[Audience] = []
    for each in counts:
        (rose if each.listeners > told.get(each.space, 0) else others).append(each)
    return rose, others


def pack_lately(seen: Iterable[tuple[bytes, int]]) -> bytes:
    """Pack who was there lately; beyond what one message holds, those told first."""
    packed = [each + min(away_s, MOST_AWAY_S).to_bytes(2, "big") for each, away_s in seen]
    return b"".join(packed[:MOST_LATELY])


def unpack_lately(packed: bytes) -> Iterator[tuple[bytes, int]]:
    """The reverse; what is left over at the end is passed over."""
    size = ID_BYTES + 2
    for at in range(0, len(packed) - size + 1, size):
        yield packed[at : at + ID_BYTES], int.from_bytes(packed[at + ID_BYTES : at + size], "big")


def _by_space(came: Iterable[tuple[SpaceId, Set[bytes]]]) -> dict[SpaceId, bytes]:
    """Pack who came; beyond what one message holds, nobody."""
    packed: dict[SpaceId, bytes] = {}
    room = MOST_TOLD * ID_BYTES
    for space, ids in came:
        if ids and room:
            packed[space] = _packed(ids)[:room]
            room -= len(packed[space])
    return packed


def _packed(ids: Iterable[bytes]) -> bytes:
    return b"".join(ids)[: MOST_TOLD * ID_BYTES]


def ids_of(packed: bytes) -> set[bytes]:
    """The ids in one message."""
    return {packed[first : first + ID_BYTES] for first in range(0, len(packed), ID_BYTES)}


def came_of(value: Present) -> set[bytes]:
    """The ids of all who came, by one message."""
    return ids_of(b"".join(value.came.values()))
