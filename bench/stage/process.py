"""The stage's process of a deployment: what it used, and what it says of its own lateness."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import msgspec

from bench.edge import readings
from rostra.core.errors import Unavailable
from rostra.rehearsal.deployment import Deployment

_ACCOUNTS_S = 25.0
"""An account comes every ten seconds."""


class _Pace(msgspec.Struct, frozen=True):
    event: str = ""
    p99_ms: float = 0.0
    done_p99_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Window:
    """What was read over a while."""

    cpu_percent: float
    """Of one core, all of the process."""
    late_p99_ms: float
    """The largest of the accounts in this while: 99 % of the ticks of each began no later."""
    done_p99_ms: float
    """Of the same: 99 % of the ticks of each were sent and written no later after they were due."""


class StageProcess:
    """Found once; a stage that is started again meanwhile spoils the measurement."""

    def __init__(self, server: Deployment) -> None:
        self._log = server.log
        notes = (server.data / "run" / "pids").iterdir()
        found = [int(note.name) for note in notes if note.read_text().startswith("stage")]
        if not found:
            raise Unavailable("No stage runs.")
        self.pid = found[0]

    async def watch(self, seconds: float) -> Window:
        """Read for so long, and until two accounts of lateness have begun and ended in it."""
        began, used_s, told = time.monotonic(), readings.cpu_s([self.pid]), len(self._accounts())
        await asyncio.sleep(seconds)
        cpu = (readings.cpu_s([self.pid]) - used_s) / (time.monotonic() - began)
        async with asyncio.timeout(_ACCOUNTS_S):
            while len(self._accounts()) < told + 2:
                await asyncio.sleep(0.2)
        paces = self._accounts()[told + 1 :]
        late_ms, done_ms = max(each.p99_ms for each in paces), max(each.done_p99_ms for each in paces)
        return Window(round(100 * cpu, 1), late_ms, done_ms)

    def _accounts(self) -> list[_Pace]:
        lines = self._log.read_bytes().splitlines()
        paces = (line for line in lines if b'"stage_pace"' in line)
        return [msgspec.json.decode(line, type=_Pace) for line in paces]
