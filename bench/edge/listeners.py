"""A crowd: generator processes in C, each with up to some thousands of listeners. Counts in a window."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from bench.edge.child import pinned
from bench.edge.errors import CrowdFailed
from rostra.core.samples import STRETCH

PER_PROCESS = 16_000
"""Descriptors are limited to 20,000 a process on many machines."""
BEHIND_MS = 250.0
SATURATED = 0.9
ANSWER_S = 20.0
_MOST_OF = 0.999
_FIRST_SOURCE = ipaddress.IPv4Address("127.16.0.1")
_SOURCES_PER_PROCESS = 65_536


class Tally(msgspec.Struct, frozen=True):
    """What one generator says. Mirrors ``tally_end`` in c/tally.c."""

    open: int
    seconds: float
    cpu_s: float
    bytes: int
    deliveries: int
    answers: int
    lost: int
    refused: int
    behind_ms: float
    late: list[tuple[int, int]]
    """Lateness in ms, rounded down, and how many chunks came so late."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a whole crowd heard in a window."""

    listeners: int
    seconds: float
    bytes: int
    deliveries: int
    answers: int
    lost: int
    """How often somebody was broken off or refused; they come back."""
    generator_load: float
    """Of its core, what the busiest generator used."""
    behind_ms: float
    late: Counter[int] = field(default_factory=Counter)

    @property
    def trustworthy(self) -> bool:
        """Whether the generators had time to spare, so that what is late is the server's doing."""
        return self.generator_load <= SATURATED and self.behind_ms <= BEHIND_MS

    @property
    def bytes_per_listener_s(self) -> float:
        """Of bodies."""
        return self.bytes / (self.seconds * self.listeners) if self.listeners else 0.0

    @property
    def cadence_s(self) -> float:
        """How often a listener got something; 0 when nothing came."""
        return self.seconds * self.listeners / self.deliveries if self.deliveries else 0.0

    def on_time(self, within_ms: int) -> float:
        """Of all chunks, the share that was at most so late; a lost listener's count as late."""
        chunks = sum(self.late.values())
        missed = chunks * min(self.lost / max(self.listeners, 1), 1.0)
        return sum(n for ms, n in self.late.items() if ms < within_ms) / (chunks + missed) if chunks else 0.0

    def late_ms(self, quantile: float) -> int | None:
        """The lateness that this share of chunks did not exceed, to 10 ms."""
        wanted = quantile * sum(self.late.values())
        for ms, count in sorted(self.late.items()):
            wanted -= count
            if wanted <= 0:
                return ms + 10
        return None


@dataclass(frozen=True, slots=True)
class Asking:
    """What each listener does. Mirrors c/plan.h."""

    kind: str
    """``segments``, ``marked``, ``endless`` or ``reloads``."""
    port: int
    paths: Sequence[str]
    cadence_ms: int
    anchor_utc_ns: int = 0
    tls: bool = False
    stretch: int = STRETCH
    """Segments in one request."""
    most_waiting: int = 0
    """Who connect but have not heard anything yet; 0: any number."""

    def options(self, paths: Path, process: int) -> list[str]:
        source = _FIRST_SOURCE + process * _SOURCES_PER_PROCESS
        return [
            *("--kind", self.kind, "--port", str(self.port), "--paths", str(paths)),
            *("--first-source", str(source), "--cadence-ms", str(self.cadence_ms)),
            *("--anchor-ns", str(self.anchor_utc_ns), "--most-waiting", str(self.most_waiting)),
            *("--stretch", str(self.stretch)),
            *(["--tls"] if self.tls else []),
        ]


class Crowd:
    """Generators that run. More can join."""

    def __init__(
        self, program: Path, folder: Path, *, core: int | None, stack: contextlib.AsyncExitStack
    ) -> None:
        self.listeners = 0
        """Who hear."""
        self._program = program
        self._folder = folder
        self._core = core
        self._stack = stack
        self._processes: list[asyncio.subprocess.Process] = []

    @property
    def pids(self) -> list[int]:
        """Of the generators."""
        return [process.pid for process in self._processes]

    async def join(self, asking: Asking, *, within_s: float) -> None:
        """Bring in one process per some thousands of paths, and wait until all hear. CrowdFailed."""
        for first in range(0, len(asking.paths), PER_PROCESS):
            paths = asking.paths[first : first + PER_PROCESS]
            process = await self._start(replace(asking, paths=paths))
            try:
                async with asyncio.timeout(within_s):
                    ready = (await _line(process)).split()
            except TimeoutError as error:
                raise CrowdFailed(
                    f"Not all of {len(paths)} listeners heard something in {within_s:.0f} s."
                ) from error
            hearing = int(ready[1]) if ready else 0
            if hearing < len(paths) * _MOST_OF:
                away = f" {ready[2]} turned away, {ready[3]} broken off; last by {ready[4]}." if ready else ""
                raise CrowdFailed(f"Only {hearing} of {len(paths)} listeners got in.{away}")
            self.listeners += hearing

    async def hear(self, seconds: float) -> Heard:
        """Count for so long."""
        self.begin()
        await asyncio.sleep(seconds)
        return await self.end()

    def begin(self) -> None:
        """Count from now on, and forget what was counted."""
        for process in self._processes:
            _tell(process, b"begin\n")

    async def end(self) -> Heard:
        """Say what was counted."""
        for process in self._processes:
            _tell(process, b"end\n")
        lines = [await asyncio.wait_for(_line(process), ANSWER_S) for process in self._processes]
        return _sum([msgspec.json.decode(line, type=Tally) for line in lines])

    async def _start(self, asking: Asking) -> asyncio.subprocess.Process:
        number = len(self._processes)
        paths = self._folder / f"paths-{number}"
        paths.write_text("".join(f"{path}\n" for path in asking.paths))
        process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL"),  # one that is stopped does not read that its input ended
            *pinned(self._core, str(self._program), *asking.options(paths, number)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=1 << 20,
        )
        self._stack.push_async_callback(_end, process)
        self._processes.append(process)
        return process


@contextlib.asynccontextmanager
async def gathering(program: Path, folder: Path, *, core: int | None) -> AsyncIterator[Crowd]:
    """A crowd without anybody yet; all leave with the block."""
    async with contextlib.AsyncExitStack() as stack:
        yield Crowd(program, folder, core=core, stack=stack)


def _sum(tallies: Sequence[Tally]) -> Heard:
    late: Counter[int] = Counter()
    for each in tallies:
        late.update(dict(each.late))
    return Heard(
        listeners=sum(each.open for each in tallies),
        seconds=max(each.seconds for each in tallies),
        bytes=sum(each.bytes for each in tallies),
        deliveries=sum(each.deliveries for each in tallies),
        answers=sum(each.answers for each in tallies),
        lost=sum(each.lost + each.refused for each in tallies),
        generator_load=max(each.cpu_s / each.seconds for each in tallies),
        behind_ms=max(each.behind_ms for each in tallies),
        late=late,
    )


def _tell(process: asyncio.subprocess.Process, command: bytes) -> None:
    if process.stdin is not None:
        process.stdin.write(command)


async def _line(process: asyncio.subprocess.Process) -> str:
    return (await process.stdout.readline()).decode() if process.stdout is not None else ""


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
