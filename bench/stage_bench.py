"""``make bench-stage``: what speakers cost the stage, how soon they hear each other, how late its ticks are.

A real ``rostra serve`` on one core; speakers by real WebRTC, who all talk at once, the crowd and its flood on
another. Prints one JSON line; ends with 1 where a limit was broken. The numbers hold for this machine only.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import httpx
import msgspec
import structlog
import typer
from rich.console import Console

from bench.edge import compiled
from bench.edge.ground import pinned_cores
from bench.edge.opening import end_on_signals, raise_descriptor_limit
from bench.machine import machine
from bench.stage.crowd import Hall
from bench.stage.limits import LIMITS, Limits, Met, judge
from bench.stage.process import StageProcess, Window
from bench.stage.speakers import Cast
from bench.stage.troupe import on_stage
from rostra.core.errors import RostraError
from rostra.rehearsal import replies
from rostra.rehearsal.backstage import Backstage
from rostra.rehearsal.deployment import Deployment, deploy

COUNTS = (1, 5, 13)
SETTLE_S = 4.0
"""Everyone is heard by then, and their gains are found."""
_console = Console(stderr=True)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line."""

    cpu_percent: dict[str, float]
    """Of one core: the stage's process, by how many speak at once; mixing, returns, renditions, tape."""
    speaker_to_speaker_ms: float | None
    """Median, among the most speakers: from one's microphone to another's decoder, both codecs included."""
    speaker_to_speaker_p95_ms: float | None
    sweeps_heard: int
    tick_late_p99_ms: dict[str, float]
    """Without and with a crowd of listeners and a flood of joins: by when ticks begin,"""
    tick_done_p99_ms: dict[str, float]
    """and by when all of their sound has been sent and written."""
    crowded_cpu_percent: float
    listeners: int
    seconds: float
    limits: Limits
    met: Met
    machine: str


class Run(msgspec.Struct):
    """What was measured so far."""

    windows: dict[int, Window]
    delays_ms: list[float]
    crowded: Window | None = None


def main(
    listeners: Annotated[int, typer.Option(help="The crowd.", min=1)] = 16_000,
    seconds: Annotated[float, typer.Option(help="How long each number of speakers is measured.")] = 15.0,
) -> None:
    """Measure."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        line = asyncio.run(_measure(listeners, seconds))
    except RostraError as error:
        _console.print(error.sentence, style="bold red", markup=False)
        sys.exit(1)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _console.print("Stopped.")
        sys.exit(130)
    print(msgspec.json.encode(line).decode(), flush=True)
    sys.exit(not line.met.all)


async def _measure(listeners: int, seconds: float) -> Line:
    end_on_signals()
    raise_descriptor_limit()
    os.environ |= {"ROSTRA_EDGE_CAPACITY": str(listeners + 1_000), "ROSTRA_BIND": "127.0.0.1"}
    os.environ |= {"ROSTRA_LOG_LEVEL": "info"}
    cores = pinned_cores()
    run = Run({}, [])
    with tempfile.TemporaryDirectory(prefix="rostra-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        programs = compiled.build(folder / "bin")
        if cores.server is not None:
            os.sched_setaffinity(0, {cores.server})  # what is started now stays there
        async with deploy(folder / "data") as server, replies.client() as http:
            if cores.load is not None:
                os.sched_setaffinity(0, {cores.load})
            space, links = await _prepare(http, server)
            hall = Hall(server, space, programs, folder, cores.load)
            await _perform(run, server, links, hall, http, listeners, seconds)
    return _line(run, listeners, seconds)


async def _prepare(http: httpx.AsyncClient, server: Deployment) -> tuple[str, list[str]]:
    """A live space with links for everyone."""
    operator = Backstage.of_operator(http, server.control(), server.operator_token())
    await operator.set_up("bench", "Bench")
    space = await operator.create_space(title="Bench", description="")
    roles = ["host", "cohost", "cohost", *["speaker"] * (max(COUNTS) - 3)]
    links = [
        await operator.create_link(space, role=role, name=f"Speaker {number}")
        for number, role in enumerate(roles, 1)
    ]
    await operator.go_live(space)
    return space, [f"{server.control()}/studio/{space}#k={link.token}" for link in links]


async def _perform(
    run: Run,
    server: Deployment,
    links: list[str],
    hall: Hall,
    http: httpx.AsyncClient,
    listeners: int,
    seconds: float,
) -> None:
    stage = StageProcess(server)
    async with contextlib.AsyncExitStack() as stack:
        log = server.data / "speakers.log"
        pair = None
        here = 0
        for count in COUNTS:
            with _console.status(f"{count} speak at once, for {seconds:.0f} s …"):
                if here == 0:
                    cast = Cast(links[:1], core=hall.core)
                    alone = contextlib.AsyncExitStack()
                    await alone.enter_async_context(on_stage(cast, log))
                    await asyncio.sleep(SETTLE_S)
                    run.windows[count] = await stage.watch(seconds)
                    await alone.aclose()
                    here = 1
                    continue
                if pair is None:
                    pair = await stack.enter_async_context(
                        on_stage(Cast(links[:2], pair=True, core=hall.core), log)
                    )
                    here = 2
                more = Cast(links[here:count], first=here, core=hall.core)
                await stack.enter_async_context(on_stage(more, log))
                here = count
                await asyncio.sleep(SETTLE_S)
                pair.begin()
                run.windows[count] = await stage.watch(seconds)
                run.delays_ms = await pair.end()
        with _console.status(f"{listeners:,} listeners come in …"):
            await stack.enter_async_context(hall.filled(listeners, http))
        with _console.status(f"They listen, and strangers storm the door, for {seconds:.0f} s …"):
            async with hall.flooded(10 * seconds):
                await asyncio.sleep(SETTLE_S)
                run.crowded = await stage.watch(seconds)


def _line(run: Run, listeners: int, seconds: float) -> Line:
    delays = sorted(run.delays_ms)
    median_ms = round(statistics.median(delays), 1) if delays else None
    quiet, crowded = run.windows[max(COUNTS)], run.crowded or Window(0, 0, 0)
    return Line(
        cpu_percent={str(count): window.cpu_percent for count, window in run.windows.items()},
        speaker_to_speaker_ms=median_ms,
        speaker_to_speaker_p95_ms=round(delays[int(0.95 * (len(delays) - 1))], 1) if delays else None,
        sweeps_heard=len(delays),
        tick_late_p99_ms={"quiet": quiet.late_p99_ms, "crowded": crowded.late_p99_ms},
        tick_done_p99_ms={"quiet": quiet.done_p99_ms, "crowded": crowded.done_p99_ms},
        crowded_cpu_percent=crowded.cpu_percent,
        listeners=listeners,
        seconds=seconds,
        limits=LIMITS,
        met=judge(
            cpu_percent=quiet.cpu_percent,
            speaker_to_speaker_ms=median_ms,
            quiet_ms=quiet.late_p99_ms,
            crowded_ms=run.crowded.late_p99_ms if run.crowded is not None else None,
        ),
        machine=machine(),
    )


if __name__ == "__main__":
    typer.run(main)
