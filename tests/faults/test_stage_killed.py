"""kill -9 of the stage: the tape goes on with a recorded gap, and the recording stays whole."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import av
import pytest

from rostra.audio.encoding import ENCODINGS
from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    STAGE_END,
    STAGE_LIVE,
    End,
    Ended,
    GoLive,
    Lifecycle,
    SpaceState,
    WentLive,
    space_state,
)
from rostra.core.errors import RostraError
from rostra.core.ids import AccountId, SpaceId
from rostra.core.role import bus_path
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.tape.reader import TapeReader
from rostra.tape.record import Kind

SPACE = SpaceId("abcdefghjk")
STAGE = """
import asyncio, sys, uvloop
from pathlib import Path
from rostra.core.clock import SystemClock
from rostra.core.role import RoleContext
from rostra.core.settings import Settings
from rostra.stage import worker

async def main():
    settings = Settings(data=Path(sys.argv[1]), min_free_bytes=0)
    await worker.run(RoleContext(settings, SystemClock(), 0, (), asyncio.Event()))

uvloop.run(main())
"""


@asynccontextmanager
async def stage_process(data: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", STAGE, str(data))
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


async def go_live(bus: BusClient) -> WentLive:
    """Ask until the stage is there."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await bus.request(STAGE_LIVE, GoLive(space=SPACE, title="An evening"), WentLive)
            except RostraError:
                await asyncio.sleep(0.05)


def state(live: WentLive) -> SpaceState:
    return SpaceState(
        space=SPACE,
        revision=1,
        lifecycle=Lifecycle.LIVE,
        title="An evening",
        description="",
        host=AccountId("hosthost"),
        host_name="Ada",
        starts_at=0,
        time_zone="UTC",
        run=live.run,
    )


def went_on(reader: TapeReader, before: int) -> bool:
    """Say whether the programme goes on after a gap that begins at record ``before``."""
    kinds = [record.kind for record in reader.records()[before:]]
    return kinds[:1] == [Kind.GAP] and kinds[-1] == Kind.CHUNK


@pytest.mark.faults
@pytest.mark.parametrize(
    "known",
    [
        pytest.param(True, id="control_knew_of_the_run"),
        pytest.param(False, id="control_did_not_know_yet", marks=pytest.mark.long),
    ],
)
async def test_after_a_kill_the_tape_goes_on_with_a_gap_where_nothing_was_recorded(
    tmp_path: Path, known: bool
) -> None:
    async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="control") as bus:
        async with stage_process(tmp_path) as first:
            live = await go_live(bus)
            reader = TapeReader.open(tmp_path / "tapes" / SPACE / live.run)
            await until(lambda: len(reader.records()) >= 1 + len(ENCODINGS) * 3)
            first.send_signal(signal.SIGKILL)
        before = len(reader.records())
        await asyncio.sleep(0.7)
        if known:
            bus.publish(space_state(SPACE), state(live), retain=True)
        async with stage_process(tmp_path):
            if not known:
                assert await go_live(bus) == live
            await until(lambda: went_on(reader, before))
            now = (len(reader.records()) - 1) // len(ENCODINGS) * QUANTUM
            behind_s = time.time() - live.anchor_utc_ns / 1e9 - now / SAMPLE_RATE
            ended = await bus.request(STAGE_END, End(space=SPACE, run=live.run), Ended)
    kinds = [record.kind for record in reader.records() if record.rendition == 0]
    assert Kind.GAP in kinds
    assert -0.2 < behind_s < 1.5
    with av.open(str(tmp_path / "tapes" / SPACE / live.run / "opus32.mp4")) as container:
        decoded = sum(piece.samples for piece in container.decode(audio=0))
    assert decoded == ended.recording.duration_samples
