"""``make bench-edge``: Rostra's edge beside its peers, in interleaved rounds; medians with their spread.

Servers have one core, the load the other. The numbers hold for this machine and for nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated

import msgspec
import structlog
import typer
from rich.console import Console

from bench.edge import cost, kept, throughput
from bench.edge.figures import Figures, Wanted
from bench.edge.ground import Ground, Sizes, pinned_cores
from bench.edge.kept import Kept
from bench.edge.line import Line, tables
from bench.edge.opening import end_on_signals, opened
from bench.edge.systems import SYSTEMS, cells
from bench.machine import machine
from rostra.core.errors import RostraError
from rostra.core.samples import SAMPLE_RATE, SEGMENT

CADENCES_MS = (1280, 640, 320)
PROGRAMS = ("taskset", "setpriv", "icecast2", "nginx", "haproxy", "varnishd", "wrk")
STEP_S = 180.0
"""One that takes longer is given up."""
REQUESTS = ("rostra", "nginx", "varnish")
REFUSALS = ("rostra", "haproxy", "nginx")
SEGMENT_S = SEGMENT / SAMPLE_RATE
_console = Console(stderr=True)


def main(
    listeners: Annotated[
        int, typer.Option(help="Listeners of each plain server.", min=1, max=18_000)
    ] = 15_000,
    tls_listeners: Annotated[int, typer.Option(help="Of each that speaks TLS.", min=1, max=9_000)] = 4_000,
    rounds: Annotated[int, typer.Option(help="Rounds, interleaved.", min=1)] = 5,
    seconds: Annotated[float, typer.Option(help="Of each window, rounded up to whole segments.")] = 3.84,
    only: Annotated[
        str, typer.Option(help="Systems whose listeners are counted, by comma; all by default.")
    ] = "",
) -> None:
    """Measure."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    window_s = math.ceil(seconds / SEGMENT_S) * SEGMENT_S
    sizes = Sizes(listeners, min(tls_listeners, listeners), rounds, window_s)
    names = tuple(name for name in SYSTEMS if not only or name in only.split(","))
    try:
        line = asyncio.run(_measure(sizes, names))
    except RostraError as error:
        _console.print(error.sentence, style="bold red", markup=False)
        sys.exit(1)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _console.print("Stopped.")
        sys.exit(130)
    for each in tables(line):
        _console.print(each)
    if line.void:
        _console.print(f"Void: {line.void_reason}.", markup=False, style="bold red", highlight=False)
    for note in line.notes:
        _console.print(f"  {note}", markup=False, highlight=False)
    print(msgspec.json.encode(line).decode(), flush=True)


async def _measure(sizes: Sizes, names: tuple[str, ...]) -> Line:
    end_on_signals()
    figures, began_s = Figures(), time.monotonic()
    async with (
        opened(sizes, pinned_cores(), PROGRAMS) as ground,
        contextlib.AsyncExitStack() as stack,
    ):
        await asyncio.sleep(2 * SEGMENT_S + 1)  # then there is a finished segment
        halls = await _fill(ground, figures, names, stack)
        there = tuple(name for name in names if name in halls or not SYSTEMS[name].kept)
        for number in range(sizes.rounds):
            some = tuple(name for name in there if not SYSTEMS[name].apart or number * 5 < sizes.rounds * 3)
            for what, step in _steps(ground, figures, some, halls):
                with _console.status(f"Round {number + 1} of {sizes.rounds}: {what} …"):
                    await _try(figures, what, step, within_s=STEP_S)
    wanted = Wanted(cells(CADENCES_MS, names), REQUESTS, REFUSALS)
    return figures.line(wanted, sizes, machine(), minutes=(time.monotonic() - began_s) / 60)


async def _fill(
    ground: Ground, figures: Figures, names: tuple[str, ...], stack: contextlib.AsyncExitStack
) -> dict[str, Kept]:
    """Let those crowds in that stay for the run."""
    halls: dict[str, Kept] = {}

    async def fill(name: str) -> None:
        filled = kept.filled(ground, name, SYSTEMS[name], max(CADENCES_MS))
        halls[name] = await stack.enter_async_context(filled)

    for name in (name for name in names if SYSTEMS[name].kept):
        what = f"the crowd of {name}"
        with _console.status(f"Before the rounds: {what} comes in, in {kept.JOIN_S:.0f} s at most …"):
            await _try(figures, what, partial(fill, name), within_s=None)
    return halls


def _steps(
    ground: Ground, figures: Figures, names: tuple[str, ...], halls: Mapping[str, Kept]
) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
    """One round: every cell once."""

    async def listen(cadence_ms: int, name: str) -> None:
        if name in halls:
            counted = await halls[name].measure(cadence_ms)
        else:
            counted = await cost.measure(ground, name, SYSTEMS[name], cadence_ms)
        figures.add_cost(cadence_ms, name, counted)

    async def ask(name: str) -> None:
        figures.add_request_rate(name, await throughput.parts(ground, name))

    async def refuse(name: str) -> None:
        figures.add_refusal_rate(name, await throughput.refusals(ground, name))

    async def reload() -> None:
        figures.reloads.append(await throughput.reloads(ground))

    return [
        *(
            (f"{name} at {at / 1000} s", lambda at=at, name=name: listen(at, name))
            for at, name in cells(CADENCES_MS, names)
        ),
        *((f"finished parts of {name}", lambda name=name: ask(name)) for name in REQUESTS),
        *((f"refusals of {name}", lambda name=name: refuse(name)) for name in REFUSALS),
        ("blocked reloads", reload),
    ]


async def _try(
    figures: Figures, what: str, step: Callable[[], Awaitable[None]], *, within_s: float | None
) -> None:
    """One that fails costs its own cell, not the run."""
    try:
        async with asyncio.timeout(within_s):
            await step()
    except (RostraError, OSError, TimeoutError) as error:
        sentence = error.sentence if isinstance(error, RostraError) else f"{type(error).__name__} {error}"
        figures.failed(what, sentence)
        _console.print(f"{what}: {sentence}", markup=False, style="yellow", highlight=False)


if __name__ == "__main__":
    typer.run(main)
