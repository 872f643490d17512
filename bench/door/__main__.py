"""``make bench-stampede``: 50,000 people at one door within ten seconds, with room for 5,000.

A whole server, a stage, listeners who were there before, and the crowd, all on this machine. Crowd and
listeners, who are elsewhere in earnest, keep to the half of the cores where the stage runs. The JSON line
says what the door did; ``kept`` whether it is what the door promises. Ends with 1 where it is not.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import sys
import tempfile
from pathlib import Path

import httpx
import msgspec
from rich.console import Console

from bench.door.crowd import Crowd, come
from bench.edge.compiled import build_stampede
from bench.machine import listen_overflows, machine
from bench.promises import exit_code
from rostra.core.clock import SystemClock
from rostra.core.errors import RostraError
from rostra.rehearsal import replies
from rostra.rehearsal.deployment import Deployment, deploy
from rostra.rehearsal.evening import open_evening
from rostra.rehearsal.hearing import Report
from rostra.rehearsal.listeners import Listener
from rostra.rehearsal.outcome import run
from rostra.serve.cores import Half, keep_to

FIRST_LISTENERS = 3
SETTLE_S = 8.0
"""On air for so long before anybody comes."""
LATE_MS = 640
_LATE = re.compile(r'rostra_edge_writes_late_ms_bucket\{[^}]*le="([^"]+)"[^}]*\} ([\d.e+]+)')


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line."""

    crowd: Crowd
    before: list[Report]
    """Listeners who were inside before the crowd came."""
    writes_late_share: float
    """Of the edge's writes, later than 640 ms."""
    places: int
    arrivals: int
    over_s: float
    seconds: float
    listen_overflows: int
    """Connections that this machine dropped meanwhile because an accept queue was full; anybody's."""
    kept: dict[str, bool]
    machine: str


def main() -> int:
    asked = argparse.ArgumentParser(prog="make bench-stampede", description=__doc__)
    asked.add_argument("--places", type=int, default=5_000)
    asked.add_argument("--arrivals", type=int, default=50_000)
    asked.add_argument("--over", type=float, default=10.0)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--stay", type=float, default=0.0, help="seconds that a listener stays; 0: to the end")
    options = asked.parse_args()
    try:
        line = run(_stampede(options))
    except RostraError as error:
        Console(stderr=True).print(error.sentence, style="bold red", markup=False)
        return 1
    print(msgspec.json.encode(line).decode(), flush=True)
    return exit_code(line.kept)


async def _stampede(options: argparse.Namespace) -> Line:
    os.environ["ROSTRA_CAPACITY"] = str(options.places)
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="rostra-stampede-", ignore_cleanup_errors=True) as name:
        program = await asyncio.to_thread(build_stampede, Path(name) / "bin")
        async with contextlib.AsyncExitStack() as stack:
            http = await stack.enter_async_context(replies.client())
            server = await stack.enter_async_context(deploy(Path(name) / "data"))
            keep_to(os.getpid(), Half.UPPER)
            evening = await stack.enter_async_context(open_evening(http, server, clock=clock))
            evening.timeline.begin()
            async with asyncio.TaskGroup() as group:
                listeners = [Listener(http, evening.page.url, clock=clock) for _ in range(FIRST_LISTENERS)]
                hearing = [group.create_task(each.listen()) for each in listeners]
                await asyncio.sleep(SETTLE_S)
                before, dropped = await _writes(http, server), listen_overflows()
                crowd = await come(
                    program,
                    evening.page.url,
                    edge_port=server.ports.edge,
                    arrivals=options.arrivals,
                    over_s=options.over,
                    seconds=options.seconds,
                    places=options.places,
                    stay_s=options.stay,
                )
                after = await _writes(http, server)
                for each in hearing:
                    each.cancel()
            reports = [each.report() for each in listeners]
    late = _late(after) - _late(before)
    writes = max(1.0, after.get("+Inf", 0.0) - before.get("+Inf", 0.0))
    return Line(
        crowd=crowd,
        before=reports,
        writes_late_share=late / writes,
        places=options.places,
        arrivals=options.arrivals,
        over_s=options.over,
        seconds=options.seconds,
        listen_overflows=listen_overflows() - dropped,
        kept=_kept(crowd, reports, options.places, late / writes),
        machine=machine(),
    )


def _kept(crowd: Crowd, before: list[Report], places: int, late_share: float) -> dict[str, bool]:
    swing = crowd.places_most - crowd.places_least
    answers = (crowd.page_ms, crowd.join_ms, crowd.status_ms, crowd.claim_ms)
    return {
        "no late audio": not crowd.late and not crowd.cut and late_share < 0.001,
        "those inside before heard everything": all(not each.gaps and not each.reconnects for each in before),
        "at most 1 % over": crowd.most_inside + FIRST_LISTENERS <= places * 1.01,
        "no bare error, no reset": not crowd.lost and not crowd.refused and not crowd.nonsense,
        "everybody refused holds a place": not crowd.untold,
        "99 % answered within 100 ms": max(each[1] for each in answers) <= 100,
        "95 % used within 30 s": 0 <= crowd.full_after_s <= 30,
        "stays so while people wait": crowd.least_used >= 0.95,
        "budget swings by less than 20 %": swing < 0.2 * max(1, crowd.places_most),
    }


async def _writes(http: httpx.AsyncClient, server: Deployment) -> dict[str, float]:
    """How many writes were late by at most so many ms, over all workers."""
    text = (await http.get(f"{server.edge()}/metrics")).text
    return {le: float(count) for le, count in _LATE.findall(text)}


def _late(writes: dict[str, float]) -> float:
    in_time = max((count for le, count in writes.items() if le != "+Inf" and float(le) <= LATE_MS), default=0)
    return writes.get("+Inf", 0.0) - in_time


if __name__ == "__main__":
    sys.exit(main())
