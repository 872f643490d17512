"""Who is at the edge and in which space, by listener's id, as its workers tell the door each second.

A worker that falls silent while others tell is gone, and so are its listeners; where none tells anything, it
is the bus that is away, and all are there as they were, until each has had the time to tell again. After a
message that was lost those who come are known all the same, and nobody is taken for gone, until the worker
tells of everybody. Does no I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from typing import Final

from rostra.bus.messages import Present
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId
from rostra.gateway.directory import AUDIENCE_STALE_NS

ID_BYTES: Final = 8
ALL_TOLD_NS: Final = 11_000_000_000
"""By then each worker has told of everybody: they do so every ten seconds."""


class _Worker:
    """What one edge worker has told."""

    __slots__ = ("heard_ns", "number", "spaces")

    def __init__(self) -> None:
        self.spaces: dict[bytes, SpaceId] = {}
        """By listener's id: what they listen to."""
        self.number = -1
        self.heard_ns = 0


class Attendance:
    """Of all edge workers."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._born_ns = clock.monotonic_ns()
        self._workers: dict[int, _Worker] = {}
        self._count: Counter[SpaceId] = Counter()
        self._told_ns = 0
        """When any of them told something last."""
        self._all_told_ns = 0
        """When all have told of everybody who came while none told anything."""

    @property
    def is_silent(self) -> bool:
        """Whether somebody may have come of whom no worker could tell yet, as the bus is or was away."""
        now_ns = self._clock.monotonic_ns()
        return bool(self._workers) and (
            now_ns - self._told_ns >= AUDIENCE_STALE_NS or now_ns < self._all_told_ns
        )

    @property
    def is_whole(self) -> bool:
        """Whether this process has had the time to hear of everybody."""
        return self._clock.monotonic_ns() - self._born_ns >= ALL_TOLD_NS

    def __contains__(self, listener: bytes) -> bool:
        return any(listener in worker.spaces for worker in self._workers.values())

    def count(self, space: SpaceId) -> int:
        """How many listen to a space, each once, as far as workers have named them."""
        return self._count[space]

    def take(self, value: Present) -> tuple[Set[bytes], dict[bytes, SpaceId]]:
        """A worker tells; return whom it names as there, and who is nowhere any more, with their space."""
        now_ns = self._clock.monotonic_ns()
        if self._workers and now_ns - self._told_ns >= AUDIENCE_STALE_NS:
            self._all_told_ns = now_ns + ALL_TOLD_NS
        worker = self._workers.setdefault(value.worker, _Worker())
        worker.heard_ns = self._told_ns = now_ns
        came = {listener: space for space, ids in value.came.items() for listener in _each(ids)}
        fresh = {listener: space for listener, space in came.items() if listener not in worker.spaces}
        self._count.update(self._nowhere(fresh).values())
        if value.everybody:
            gone = {listener: space for listener, space in worker.spaces.items() if listener not in came}
            worker.spaces, worker.number = came, value.number
        else:
            worker.spaces |= came
            if value.number != worker.number + 1:
                return came.keys(), {}
            gone = {each: worker.spaces.pop(each) for each in _each(value.gone) if each in worker.spaces}
            worker.number = value.number
        return came.keys(), self._gone(gone)

    def expire(self) -> dict[bytes, SpaceId]:
        """Forget workers that say nothing while others do; return who is nowhere now, with their space."""
        now_ns = self._clock.monotonic_ns()
        if now_ns - self._told_ns >= ALL_TOLD_NS or now_ns < self._all_told_ns:
            return {}
        since_ns = now_ns - AUDIENCE_STALE_NS
        gone: dict[bytes, SpaceId] = {}
        for number in [number for number, worker in self._workers.items() if worker.heard_ns < since_ns]:
            gone |= self._workers.pop(number).spaces
        return self._gone(gone)

    def _gone(self, listeners: Mapping[bytes, SpaceId]) -> dict[bytes, SpaceId]:
        """These are at one worker no more; return who is at no other either."""
        nowhere = self._nowhere(listeners)
        for space in nowhere.values():
            self._count[space] -= 1
            if not self._count[space]:
                del self._count[space]
        return nowhere

    def _nowhere(self, listeners: Mapping[bytes, SpaceId]) -> dict[bytes, SpaceId]:
        left = set(listeners)
        for worker in self._workers.values():
            left = left.difference(worker.spaces)
        return {listener: listeners[listener] for listener in left}


def _each(packed: bytes) -> Iterator[bytes]:
    return (packed[first : first + ID_BYTES] for first in range(0, len(packed), ID_BYTES))
