"""A server that lets its crowd in slowly: filled once, before the first round, and kept through the run.

Between its windows the server and the crowd are stopped: they hold their memory, and take no time.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from bench.edge import child, cost, readings
from bench.edge.cost import SETTLE_S, Cost, Hall
from bench.edge.errors import CrowdFailed
from bench.edge.ground import Ground
from bench.edge.systems import System

JOIN_S = 600.0
SETTLE_CADENCES = 1.9
"""Then the second payload is out and the third not yet due: a window holds whole payloads."""
IDLE = 0.1
"""Of a core, what a server uses at most that has nothing to send."""
REST_S = 15.0
"""One that has more to send by then is stopped all the same."""


@dataclass(slots=True)
class Kept:
    """See the module."""

    hall: Hall
    is_sound: bool = True
    """Whether no window has failed: what a crowd said in that one would be taken for the next one's."""

    async def measure(self, cadence_ms: int) -> Cost:
        """Go on, count, stop. What a pause sets off is over before the window; who was lost by it is told.

        CrowdFailed, from then on for good.
        """
        hall, crowd = self.hall, self.hall.crowd
        if not self.is_sound:
            raise CrowdFailed("An earlier window of its crowd failed.")
        self.is_sound = False
        self._send(signal.SIGCONT)
        try:
            async with hall.served.fed(cadence_ms):
                await asyncio.sleep(SETTLE_CADENCES * cadence_ms / 1000)
                before = await crowd.end()
                counted = await hall.count(cadence_ms)
                crowd.begin()
            await self._until_idle()
        finally:
            self._stop()
        self.is_sound = True
        heard = counted.heard
        return replace(counted, heard=replace(heard, lost=heard.lost + before.lost))

    async def pause(self) -> None:
        """Stop for the first time; whoever is lost from now on is counted."""
        self.hall.crowd.begin()
        await self._until_idle()
        self._stop()

    async def _until_idle(self) -> None:
        """Let the server send all that it was fed with: what it still had would be in another window."""
        pids, till_s = self.hall.served.pids, time.monotonic() + REST_S
        load = 1.0
        while load > IDLE and time.monotonic() < till_s:
            before_s = readings.cpu_s(pids)
            await asyncio.sleep(SETTLE_S)
            load = (readings.cpu_s(pids) - before_s) / SETTLE_S

    def _stop(self) -> None:
        """The server first, so that nothing is sent to a crowd that is away."""
        self._send(signal.SIGSTOP)

    def _send(self, number: signal.Signals) -> None:
        hall = self.hall
        child.send(number, [each for pid in hall.served.pids for each in readings.family(pid)])
        child.send(number, hall.crowd.pids)


@contextlib.asynccontextmanager
async def filled(ground: Ground, name: str, system: System, cadence_ms: int) -> AsyncIterator[Kept]:
    """Start it and fill it at this cadence; both stay until the block is left. Raises as cost.measure."""
    async with cost.running(ground, name, system, cadence_ms) as hall:
        async with hall.served.fed(cadence_ms):
            await hall.fill(cadence_ms, within_s=JOIN_S)
        kept = Kept(hall)
        await kept.pause()
        yield kept
