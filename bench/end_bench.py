"""How long from End to a recording that plays, for a tape of a minute and one of three hours.

The long evening is not waited for: a space goes live, the server stops, the real writer makes its
tape as long as wanted, the server starts again and goes on with it. Then End is pressed.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path

import httpx

from rostra.core.clock import SystemClock
from rostra.core.samples import QUANTUM, SAMPLE_RATE, nanoseconds
from rostra.media import cmaf
from rostra.rehearsal import replies
from rostra.rehearsal.backstage import Backstage
from rostra.rehearsal.deployment import Deployment, Ports, deploy, free_ports
from rostra.rehearsal.programme import Page
from rostra.rehearsal.programme import status as status_of
from rostra.rehearsal.recording import play
from rostra.tape.reader import TapeReader
from rostra.tape.record import Kind
from rostra.tape.writer import TapeWriter

LENGTHS_S = {"1 minute": 60, "3 hours": 3 * 3600}
PATTERN_S = 2.0
"""Real programme recorded first, to be repeated."""

Quantum = dict[str, list[bytes]]


@dataclass(frozen=True, slots=True)
class EndNumbers:
    """From asking for the end to the first decoded sound of the recording, by length of the tape."""

    playable_ms: dict[str, int]


async def measure_ends(data: Path) -> EndNumbers:
    """Make both tapes and end them on one server."""
    ports = free_ports()
    spaces = await _go_live(data, ports)
    for name, space in spaces.items():
        await asyncio.to_thread(lengthen, _tape_folder(data, space), LENGTHS_S[name])
    playable = {}
    async with deploy(data, ports) as server:
        for name, space in spaces.items():
            playable[name] = await _end(server, space, LENGTHS_S[name])
    return EndNumbers(playable)


async def _go_live(data: Path, ports: Ports) -> dict[str, str]:
    """Start one space per length, let them run for a moment, stop the server; they stay live."""
    async with deploy(data, ports) as server, replies.client() as http:
        operator = Backstage.of_operator(http, server.control(), server.operator_token())
        await operator.set_up("bench", "Bench")
        spaces = {name: await operator.create_space(title=name, description="") for name in LENGTHS_S}
        for space in spaces.values():
            await operator.go_live(space)
        await asyncio.sleep(PATTERN_S)
    return spaces


def _tape_folder(data: Path, space: str) -> Path:
    return next((data / "tapes" / space).iterdir())


def lengthen(folder: Path, seconds: int) -> None:
    """Replace a tape by one that began so many seconds ago, written by the tape's own writer."""
    clock = SystemClock()
    with TapeReader.open(folder) as tape:
        genesis, pattern = tape.genesis, _pattern(tape)
    shutil.rmtree(folder)
    count = seconds * SAMPLE_RATE // QUANTUM
    anchor_utc_ns = clock.utc_ns() - nanoseconds(count * QUANTUM)
    writer = TapeWriter.create(folder, replace(genesis, anchor_utc_ns=anchor_utc_ns), clock=clock)
    for quantum in islice(cycle(pattern), count):
        writer.append(quantum)
    writer.sync()  # as a stage does every other second, so that an End finds little left to do
    writer.close()


def _pattern(tape: TapeReader) -> list[Quantum]:
    """Every quantum of a short tape, as frames by rendition."""
    quanta: dict[int, Quantum] = {}
    for record in tape.records():
        if record.kind is Kind.CHUNK:
            name = tape.genesis.tracks[record.rendition].name
            quanta.setdefault(record.start_sample, {})[name] = cmaf.frames(tape.read(record))
    return list(quanta.values())


async def _end(server: Deployment, space: str, seconds: int) -> int:
    clock = SystemClock()
    page = Page(server.door(), space)
    async with replies.client() as http:
        await _until_live(http, page)
        operator = Backstage.of_operator(http, server.control(), server.operator_token())
        asked_ns = clock.monotonic_ns()
        await operator.end(space)
        played = await play(http, page, since_ns=asked_ns, clock=clock)
    if played.seconds < seconds:
        raise AssertionError(f"a tape of {seconds} s became a recording of {played.seconds} s")
    return played.ready_ms


async def _until_live(http: httpx.AsyncClient, page: Page) -> None:
    while (await status_of(http, page)).state != "live":
        await asyncio.sleep(0.1)
