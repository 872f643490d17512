"""``make bench-crowd``: how many real listeners this machine carries, and how late their chunks come.

Servers and generators share all cores, unpinned. First a crowd of a given size is held at a cadence of
1.28 s in four cohorts; then, at the longest cadence in twelve, one that grows until chunks are late.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
import structlog
import typer
from rich.console import Console

from bench.edge import listeners, readings, rostra_edge
from bench.edge.errors import CrowdFailed
from bench.edge.ground import FLOATING, Ground, Sizes
from bench.edge.listeners import Asking, Crowd, Heard
from bench.edge.opening import end_on_signals, opened
from bench.machine import machine
from rostra.core.errors import RostraError

CADENCE_MS, LONGEST_MS = 1280, 3840
COHORTS, MOST_COHORTS = 4, 12
"""As many as quanta in a write: one is due each quantum."""
LATE_MS, LATEST_MS = 500, 1000
ENOUGH = 0.999
PER_WORKER = 16_000
JOIN_S = 180.0
SETTLE_S = 8.0
"""Everyone has begun another segment by then."""
_LITTLE_MEMORY = 0.05
_FULL = 0.97
_MET = 0.55
"""Of a cadence, what is still it: segments begin with a shorter write."""
_console = Console(stderr=True)


class Held(msgspec.Struct, frozen=True):
    """A crowd that was counted for a while."""

    listeners: int
    on_time: float
    """Share of chunks that was late by no more than what was asked; a lost listener's are late."""
    late_ms_99_9: int | None
    lost: int
    machine_load: float
    """Of all cores, the share that was busy."""
    generator_load: float
    """Of one core, what the busiest generator used."""
    process_bytes: float
    """Memory of all edge workers per listener."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line."""

    crowd: Held | None
    cadence_s: float
    cohorts: int
    heard_cadence_s: float
    """How often listeners got something. The first may be unknown to this edge: then it is not met."""
    late_allowed_s: float
    seconds: float
    most: Held | None
    """The largest crowd held at the longest cadence."""
    most_cadence_s: float
    most_cohorts: int
    most_late_allowed_s: float
    ran_out: str
    """What ended the search."""
    workers: int
    notes: list[str]
    machine: str


@dataclass(frozen=True, slots=True)
class Search:
    """From how many listeners, by how many at a time, to how many; how long each is counted."""

    first: int
    step: int
    last: int
    seconds: float

    @property
    def sizes(self) -> Sequence[int]:
        return range(self.first, self.last + 1, self.step)


def main(
    count: Annotated[int, typer.Option("--listeners", help="The crowd that is held.", min=1)] = 50_000,
    seconds: Annotated[float, typer.Option(help="How long it is counted.")] = 60.0,
    first: Annotated[int, typer.Option(help="Where the search begins.", min=1)] = 50_000,
    step: Annotated[int, typer.Option(help="By how many it grows.", min=1)] = 10_000,
    last: Annotated[int, typer.Option(help="Where it ends; 0: no search.")] = 150_000,
    search_seconds: Annotated[float, typer.Option(help="How long each size is counted.")] = 16.0,
) -> None:
    """Measure."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        line = asyncio.run(_measure(count, seconds, Search(first, step, last, search_seconds)))
    except RostraError as error:
        _console.print(error.sentence, style="bold red", markup=False)
        sys.exit(1)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _console.print("Stopped.")
        sys.exit(130)
    print(msgspec.json.encode(line).decode(), flush=True)


async def _measure(count: int, seconds: float, search: Search) -> Line:
    end_on_signals()
    notes: list[str] = []
    async with opened(Sizes(count, 0, 1, seconds), FLOATING, ("setpriv",)) as ground:
        held, heard_s = await _hold(ground, count, seconds, notes)
        most, ran_out = await _search(ground, search) if search.last else (None, "not searched")
    return Line(
        crowd=held,
        cadence_s=CADENCE_MS / 1000,
        cohorts=COHORTS,
        heard_cadence_s=round(heard_s, 2),
        late_allowed_s=LATE_MS / 1000,
        seconds=seconds,
        most=most,
        most_cadence_s=LONGEST_MS / 1000,
        most_cohorts=MOST_COHORTS,
        most_late_allowed_s=LATEST_MS / 1000,
        ran_out=ran_out,
        workers=_workers(count),
        notes=notes,
        machine=machine(),
    )


async def _hold(ground: Ground, count: int, seconds: float, notes: list[str]) -> tuple[Held | None, float]:
    """Hold one crowd."""
    async with (
        rostra_edge.serving(
            ground.studio, cadence_ms=CADENCE_MS, core=None, workers=_workers(count), cohorts=COHORTS
        ) as served,
        listeners.gathering(ground.programs.listeners, ground.folder, core=None) as crowd,
    ):
        empty = readings.resident_bytes(served.pids)
        try:
            with _console.status(f"{count:,} listeners come in …"):
                await crowd.join(await _asking(ground, served.port, count, CADENCE_MS), within_s=JOIN_S)
                await asyncio.sleep(SETTLE_S)
            with _console.status(f"{count:,} listeners listen for {seconds:.0f} s …"):
                held, heard = await _count(crowd, seconds, LATE_MS, served.pids, empty)
        except CrowdFailed as error:
            notes.append(error.sentence)
            return None, 0.0
    if not heard.trustworthy:
        notes.append(f"A generator was at its limit, {heard.behind_ms:.0f} ms behind.")
    if heard.cadence_s * 1000 < CADENCE_MS * _MET:
        notes.append(f"Writes came every {heard.cadence_s:.2f} s: this edge keeps another cadence.")
    _tell(held, LATE_MS)
    return held, heard.cadence_s


async def _search(ground: Ground, search: Search) -> tuple[Held | None, str]:
    """Let a crowd grow until it is late; return the largest that was not, and what ran out."""
    best: Held | None = None
    workers = _workers(search.last)
    async with (
        rostra_edge.serving(
            ground.studio, cadence_ms=LONGEST_MS, core=None, workers=workers, cohorts=MOST_COHORTS
        ) as served,
        listeners.gathering(ground.programs.listeners, ground.folder, core=None) as crowd,
    ):
        empty = readings.resident_bytes(served.pids)
        for size in search.sizes:
            try:
                with _console.status(f"{size:,} listeners at {LONGEST_MS / 1000} s …"):
                    asking = await _asking(ground, served.port, size - crowd.listeners, LONGEST_MS)
                    await crowd.join(asking, within_s=JOIN_S)
                    await asyncio.sleep(SETTLE_S)
                    held, heard = await _count(crowd, search.seconds, LATEST_MS, served.pids, empty)
            except (CrowdFailed, OSError) as error:
                return best, f"{error}"
            _tell(held, LATEST_MS)
            if held.on_time < ENOUGH or held.lost:
                return best, _ran_out(held, heard)
            best = held
    return best, f"nothing up to {search.last:,}"


async def _count(
    crowd: Crowd, seconds: float, late_ms: int, pids: list[int], empty_bytes: int
) -> tuple[Held, Heard]:
    before = readings.processor(None)
    heard = await crowd.hear(seconds)
    load = readings.processor(None).since(before).load
    held = Held(
        listeners=heard.listeners,
        on_time=round(heard.on_time(late_ms), 5),
        late_ms_99_9=heard.late_ms(ENOUGH),
        lost=heard.lost,
        machine_load=round(load, 3),
        generator_load=round(heard.generator_load, 3),
        process_bytes=round((readings.resident_bytes(pids) - empty_bytes) / max(heard.listeners, 1)),
    )
    return held, heard


async def _asking(ground: Ground, port: int, count: int, cadence_ms: int) -> Asking:
    """Sign so many tickets in another thread: the tape is written in this one."""
    paths = await asyncio.to_thread(ground.studio.segment_paths, count)
    return Asking("segments", port, paths, cadence_ms, ground.studio.anchor_utc_ns)


def _workers(count: int) -> int:
    """As many as their descriptors ask for, and one more: the kernel deals newcomers unevenly."""
    return -(-count // PER_WORKER) + 1


def _ran_out(held: Held, heard: Heard) -> str:
    """The likeliest reason why chunks were late."""
    total = readings.total_bytes()
    if readings.available_bytes() < total * _LITTLE_MEMORY:
        return "memory"
    if held.machine_load >= _FULL:
        return f"processor: all cores were {held.machine_load:.0%} busy, generators included"
    if not heard.trustworthy:
        return "the generator: one was at its limit"
    if held.lost:
        return f"{held.lost} listeners were lost"
    return "chunks were late though processor and memory were to be had"


def _tell(held: Held, late_ms: int) -> None:
    _console.print(
        f"{held.listeners:,} listeners: {held.on_time:.3%} of chunks at most {late_ms / 1000} s late,"
        f" {held.lost} lost; all cores {held.machine_load:.0%} busy",
        highlight=False,
    )


if __name__ == "__main__":
    typer.run(main)
