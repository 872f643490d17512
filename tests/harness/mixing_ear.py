"""Stands where the mixer does: takes a tick of one speaker every 20 ms, in real time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import numpy as np

from rostra.audio.frame import Sound
from rostra.core.clock import SystemClock
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.stage.pace import TICK_NS
from rostra.stage.peer import Peer


@dataclass
class MixingEar:
    """On one grid from its first tick on, as a stage is."""

    peer: Peer
    _clock: SystemClock = field(default_factory=SystemClock)
    _due_ns: int = 0

    async def listen(self, seconds: float) -> Sound:
        """Return what was said in so many seconds from now."""
        rows = np.zeros((round(seconds * SAMPLE_RATE / TICK), TICK), np.float32)
        self._due_ns = self._due_ns or self._clock.monotonic_ns()
        for row in rows:
            self._due_ns += TICK_NS
            await asyncio.sleep(max(0, self._due_ns - self._clock.monotonic_ns()) / 1e9)
            self.peer.ring.pop_into(row, catching_up=self._clock.monotonic_ns() - self._due_ns >= TICK_NS)
        return rows.ravel()
