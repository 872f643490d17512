"""What a listener costs a server for a second, at one cadence: a crowd is let in, a window is counted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bench.edge import listeners, readings
from bench.edge.errors import CrowdFailed
from bench.edge.ground import Ground
from bench.edge.listeners import Crowd, Heard
from bench.edge.rostra_edge import Served
from bench.edge.systems import System

JOIN_S = 60.0
SETTLE_S = 0.5
SATURATED = 0.95
_CADENCE_LEAST, _CADENCE_MOST = 0.55, 1.45
"""Of the cadence asked for, what a listener may meet: segments begin with a shorter write."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one window."""

    us_per_listener_s: float
    softirq_us_per_listener_s: float
    """Of the server's core, whole: partly contained in the former (see readings.py)."""
    process_bytes: float
    """Memory of the server's processes per listener, beyond what they held without any."""
    kernel_bytes: float
    """Of the kernel, per listener, both ends of the connection."""
    server_load: float
    """Of one core, what the server's processes used."""
    heard: Heard
    as_asked: bool
    """Whether the writes came at the cadence asked for."""

    @property
    def trustworthy(self) -> bool:
        return self.heard.trustworthy and self.heard.lost < self.heard.listeners * 0.01


@dataclass(slots=True)
class Hall:
    """A server that runs, and the crowd that came to it."""

    ground: Ground
    system: System
    served: Served
    crowd: Crowd
    process_bytes: int = 0
    """What the crowd takes of memory, as in Cost, but all together."""
    kernel_bytes: int = 0

    async def fill(self, cadence_ms: int, *, within_s: float) -> None:
        """Let the crowd in, once. CrowdFailed."""
        pids = self.served.pids
        empty, kernel_empty = readings.resident_bytes(pids), readings.kernel_bytes()
        ask = self.system.asking
        asking = await asyncio.to_thread(ask, self.ground, self.served, cadence_ms)  # the tape goes on
        await self.crowd.join(asking, within_s=within_s)
        await asyncio.sleep(SETTLE_S)
        self.process_bytes = readings.resident_bytes(pids) - empty
        self.kernel_bytes = readings.kernel_bytes() - kernel_empty

    async def count(self, cadence_ms: int) -> Cost:
        """One window. CrowdFailed when nobody is left."""
        server, pids = self.ground.cores.server, self.served.pids
        core_before, cpu_before = readings.processor(server), readings.cpu_s(pids)
        heard = await self.crowd.hear(self.ground.sizes.seconds)
        cpu_s = readings.cpu_s(pids) - cpu_before
        core = readings.processor(server).since(core_before)
        if not heard.listeners:
            raise CrowdFailed("Nobody was left to hear anything.")
        listened_s = heard.listeners * heard.seconds
        relative = heard.cadence_s * 1000 / cadence_ms if self.system.paced else 1.0
        return Cost(
            us_per_listener_s=cpu_s / listened_s * 1e6,
            softirq_us_per_listener_s=core.softirq_s / listened_s * 1e6,
            process_bytes=self.process_bytes / heard.listeners,
            kernel_bytes=self.kernel_bytes / heard.listeners,
            server_load=cpu_s / heard.seconds,
            heard=heard,
            as_asked=_CADENCE_LEAST <= relative <= _CADENCE_MOST,
        )


@contextlib.asynccontextmanager
async def running(ground: Ground, name: str, system: System, cadence_ms: int) -> AsyncIterator[Hall]:
    """Start it, with nobody there yet; it ends with the block, and the crowd before it."""
    async with (
        system.run(ground, ground.folder / name, cadence_ms) as served,
        listeners.gathering(ground.programs.listeners, ground.folder, core=ground.cores.load) as crowd,
    ):
        yield Hall(ground, system, served, crowd)


async def measure(ground: Ground, name: str, system: System, cadence_ms: int) -> Cost:
    """Start it, fill it, count. Raises what its start raises, CrowdFailed."""
    async with running(ground, name, system, cadence_ms) as hall, hall.served.fed(cadence_ms):
        await hall.fill(cadence_ms, within_s=JOIN_S)
        return await hall.count(cadence_ms)
