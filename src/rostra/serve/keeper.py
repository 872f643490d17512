"""Keeps one seat taken: a process that dies is followed by another, and one can be relieved without a gap.

A relief starts on the same sockets while the other still serves; once it says that it serves, the other takes
nobody more and leaves with its last listener. Tells whether the seat has room for newcomers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from rostra.bus.messages import EdgeRoom
from rostra.core.clock import Clock
from rostra.serve.process import RoleProcess, first_of
from rostra.serve.roles import Seat

log = structlog.get_logger()

BACKOFF_FIRST_S = 0.1
BACKOFF_MOST_S = 5.0
HEALTHY_AFTER_S = 10.0
"""A role that ran this long starts again at once when it dies."""
NOT_STARTED = -1
"""Stands for the exit status of a role that could not even be started."""
READY_WITHIN_S = 20.0
"""A relief that does not serve by then is given up, and the other stays."""


def _nobody_asks(_open: bool) -> None:
    """A seat alone on its port."""


class Keeper:
    """``start`` makes a process for a worker number; ``steer`` hears whether the seat has room."""

    def __init__(
        self,
        seat: Seat,
        *,
        start: Callable[[int], Awaitable[RoleProcess]],
        steer: Callable[[bool], None] = _nobody_asks,
        clock: Clock,
        stopping: asyncio.Event,
    ) -> None:
        self.seat = seat
        self._start = start
        self._steer = steer
        self._clock = clock
        self._stopping = stopping
        self._present: RoleProcess | None = None
        self._number = seat.index
        """Of whoever has the seat, or had it last."""
        self._relief: RoleProcess | None = None
        self._relief_serves = asyncio.Event()
        self._relieved = asyncio.Event()
        self._filling = asyncio.Lock()
        """Held from starting a process until it has the seat, or will not: one at a time."""
        self._has_room = False

    async def run(self) -> None:
        """Run the seat's role again and again; at ``stopping`` stop it, and whoever was to relieve it."""
        backoff_s = BACKOFF_FIRST_S
        while not self._stopping.is_set():
            started_ns = self._clock.monotonic_ns()
            status = await self._run_once()
            if self._stopping.is_set():
                break
            self._steer(False)
            lived_s = (self._clock.monotonic_ns() - started_ns) / 1e9
            backoff_s = BACKOFF_FIRST_S if lived_s > HEALTHY_AFTER_S else min(backoff_s * 2, BACKOFF_MOST_S)
            log.warning("role_died", seat=self.seat.name, status=status, again_in_s=backoff_s)
            await pause(self._stopping, backoff_s)
        await asyncio.gather(*(each.stop() for each in (self._present, self._relief) if each))

    async def relieve(self) -> bool:
        """Put a new process in the present one's place; False when that failed and the present one stays.

        Should the present one die meanwhile, the new one has the seat as soon as it serves.
        """
        async with self._filling:
            if self._present is None or self._stopping.is_set():
                return False
            relief = await self._serving(self.seat.other(self._number))
            if relief is None:
                return False
            old, self._present, self._number = self._present, relief, relief.number
            self._relieved.set()
        self._steer(self._has_room)
        log.info("seat_relieved", seat=self.seat.name, pid=relief.pid)
        if old is not None:
            await old.retire()
        return True

    async def _serving(self, number: int) -> RoleProcess | None:
        """Start a relief; None, and it is stopped, unless it serves in time."""
        self._relief_serves.clear()
        relief = self._relief = await self._started(number)
        if relief is None:
            return None
        try:
            await first_of(relief.ended, self._relief_serves, self._stopping, timeout_s=READY_WITHIN_S)
            if self._relief_serves.is_set():
                return relief
            log.warning("relief_failed", seat=self.seat.name)
            await relief.stop()
            return None
        finally:
            self._relief = None

    def heard(self, room: EdgeRoom) -> None:
        """A worker of this port tells whether it has room; the first time, that it serves."""
        if self._relief is not None and room.pid == self._relief.pid:
            self._has_room = room.has_room
            self._relief_serves.set()
        elif self._present is not None and room.pid == self._present.pid:
            self._steer(room.has_room)

    async def _run_once(self) -> int:
        """Run a process, and whichever relieves it, to an end that nobody asked for."""
        async with self._filling:
            if self._present is None and not self._stopping.is_set():
                self._present = await self._started(self._number)
        while (process := self._present) is not None:
            self._relieved.clear()
            await first_of(process.ended, self._relieved, self._stopping)
            if self._stopping.is_set():
                return 0
            if self._present is process:
                self._present = None
                return process.ended.result()
        return NOT_STARTED

    async def _started(self, number: int) -> RoleProcess | None:
        """Start a process; None when that failed, whatever it was: it may pass, and the other roles go on."""
        try:
            return await self._start(number)
        except Exception as error:
            log.error("role_not_started", seat=self.seat.name, reason=str(error))
            return None


async def pause(stopping: asyncio.Event, timeout_s: float) -> None:
    """Wait so long, or until ``stopping``."""
    try:
        await asyncio.wait_for(stopping.wait(), timeout_s)
    except TimeoutError:
        return
