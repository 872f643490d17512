"""Who is at the edge, by listener's id, as its workers tell the door each second.

A worker that falls silent is gone, and so are its listeners. After a message that was lost those who come are
known all the same, and nobody is taken for gone, until the worker tells of everybody. Does no I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Final

from rostra.bus.messages import Present
from rostra.core.clock import Clock
from rostra.gateway.directory import AUDIENCE_STALE_NS

ID_BYTES: Final = 8
ALL_TOLD_NS: Final = 11_000_000_000
"""By then each worker has told of everybody: they do so every ten seconds."""


class _Worker:
    """What one edge worker has told."""

    __slots__ = ("heard_ns", "ids", "number")

    def __init__(self) -> None:
        self.ids: set[bytes] = set()
        self.number = -1
        self.heard_ns = 0


class Attendance:
    """Of all edge workers."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._born_ns = clock.monotonic_ns()
        self._workers: dict[int, _Worker] = {}

    @property
    def is_whole(self) -> bool:
        """Whether this process has had the time to hear of everybody."""
        return self._clock.monotonic_ns() - self._born_ns >= ALL_TOLD_NS

    def __contains__(self, listener: bytes) -> bool:
        return any(listener in worker.ids for worker in self._workers.values())

    def take(self, value: Present) -> tuple[Set[bytes], Set[bytes]]:
        """A worker tells; return whom it names as there, and who is nowhere any more."""
        worker = self._workers.setdefault(value.worker, _Worker())
        worker.heard_ns = self._clock.monotonic_ns()
        came, gone = _ids(value.came), _ids(value.gone)
        if value.everybody:
            gone, worker.ids, worker.number = worker.ids - came, came, value.number
        else:
            worker.ids |= came
            if value.number != worker.number + 1:
                return came, frozenset()
            worker.ids -= gone
            worker.number = value.number
        return came, self._nowhere(gone)

    def expire(self) -> Set[bytes]:
        """Forget workers that have said nothing for long; return who is nowhere any more."""
        since_ns = self._clock.monotonic_ns() - AUDIENCE_STALE_NS
        silent = [number for number, worker in self._workers.items() if worker.heard_ns < since_ns]
        return self._nowhere(set().union(*(self._workers.pop(number).ids for number in silent)))

    def _nowhere(self, gone: Set[bytes]) -> Set[bytes]:
        for worker in self._workers.values():
            gone = gone - worker.ids
        return gone


def _ids(packed: bytes) -> set[bytes]:
    return set(_each(packed))


def _each(packed: bytes) -> Iterator[bytes]:
    return (packed[first : first + ID_BYTES] for first in range(0, len(packed), ID_BYTES))
