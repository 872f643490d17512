"""What a listener costs a server for a second, at one cadence: a crowd is let in, a window is counted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.edge import listeners, readings
from bench.edge.ground import Ground
from bench.edge.listeners import Heard
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


async def measure(ground: Ground, name: str, system: System, cadence_ms: int) -> Cost:
    """Start it, fill it, count. Raises what its start raises, CrowdFailed."""
    folder = ground.folder / name
    core = ground.cores.load
    async with (
        system.run(ground, folder, cadence_ms) as served,
        listeners.gathering(ground.programs.listeners, ground.folder, core=core) as crowd,
    ):
        empty, kernel_empty = readings.resident_bytes(served.pids), readings.kernel_bytes()
        asking = await asyncio.to_thread(system.asking, ground, served, cadence_ms)  # the tape goes on
        await crowd.join(asking, within_s=JOIN_S)
        await asyncio.sleep(SETTLE_S)
        full, kernel_full = readings.resident_bytes(served.pids), readings.kernel_bytes()
        return await _window(
            ground,
            served,
            crowd,
            cadence_ms if system.paced else 0,
            (full - empty, kernel_full - kernel_empty),
        )


async def _window(
    ground: Ground, served: Served, crowd: listeners.Crowd, cadence_ms: int, memory: tuple[int, int]
) -> Cost:
    core_before, cpu_before = readings.processor(ground.cores.server), readings.cpu_s(served.pids)
    heard = await crowd.hear(ground.sizes.seconds)
    cpu_s = readings.cpu_s(served.pids) - cpu_before
    core = readings.processor(ground.cores.server).since(core_before)
    listened_s = heard.listeners * heard.seconds
    relative = heard.cadence_s * 1000 / cadence_ms if cadence_ms else 1.0
    return Cost(
        us_per_listener_s=cpu_s / listened_s * 1e6,
        softirq_us_per_listener_s=core.softirq_s / listened_s * 1e6,
        process_bytes=memory[0] / heard.listeners,
        kernel_bytes=memory[1] / heard.listeners,
        server_load=cpu_s / heard.seconds,
        heard=heard,
        as_asked=_CADENCE_LEAST <= relative <= _CADENCE_MOST,
    )
