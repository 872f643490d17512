"""A stage that has fallen silent, and a worker that only comes late to what the stage has said."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.core.errors import StageUnavailable, TapeDamaged
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM
from rostra.edge.programme import STALL_NS, Programme
from rostra.tape import TapeWriter
from rostra.tape.genesis import INDEX
from rostra.tape.reader import TapeReader
from rostra.tape.record import RECORD_BYTES
from unit.edge.test_laggards import Stuck, exchange
from unit.edge.test_pace import Client

NAME = "aac64"


class Evening:
    """A stage's tape and a worker's programme of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.writer = TapeWriter.create(folder, programme.genesis(), clock=self.clock)
        self.speak(1)
        self.live = Programme(TapeReader.open(folder), clock=self.clock)

    def speak(self, quanta: int) -> None:
        for _ in range(quanta):
            self.writer.append(programme.quanta()[self.writer.next_sample // QUANTUM])

    def wait(self) -> None:
        """Let so much time pass that a stage without a chunk is as good as dead."""
        self.clock.advance(ns=STALL_NS + 1)

    def listen(self) -> Client:
        return Client(self.live.renditions[NAME].segments, 0, 0, 0)

    def ask_for_a_part(self) -> None:
        self.live.renditions[NAME].segments.part(
            0, 5, exchange(Stuck(takes=10**9)), stalled=self.live.stalled
        )


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    evening = Evening(tmp_path / "run23456")
    yield evening
    evening.live.close()
    evening.writer.close()


async def test_a_worker_that_stood_still_throws_nobody_out_and_hands_on_what_it_has_not_read(
    evening: Evening,
) -> None:
    listener = evening.listen()
    following = asyncio.create_task(evening.live.follow())
    await asyncio.sleep(0)
    evening.speak(CHUNKS_PER_SEGMENT - 1)
    evening.wait()
    await evening.live.tick()
    assert not listener.exchange.closed
    evening.ask_for_a_part()
    async with asyncio.timeout(10):
        while not listener.exchange.closed:
            await asyncio.sleep(0)
    assert listener.body == b"".join(evening.live.renditions[NAME].window.chunks(0) or [])
    following.cancel()


async def test_a_stage_that_says_nothing_breaks_listeners_off(evening: Evening) -> None:
    listener = evening.listen()
    evening.wait()
    await evening.live.tick()
    assert listener.exchange.closed
    with pytest.raises(StageUnavailable):
        evening.ask_for_a_part()


async def test_a_stage_that_died_in_the_midst_of_a_chunk_has_said_nothing(evening: Evening) -> None:
    listener = evening.listen()
    evening.speak(1)
    index = evening.folder / INDEX
    os.truncate(index, index.stat().st_size - RECORD_BYTES)
    evening.wait()
    await evening.live.tick()
    assert listener.exchange.closed


async def test_a_tape_that_cannot_be_read_on_is_as_good_as_a_dead_stage(evening: Evening) -> None:
    listener = evening.listen()
    evening.speak(1)
    index = evening.folder / INDEX
    with index.open("r+b") as file:
        file.seek(-RECORD_BYTES, os.SEEK_END)
        file.write(bytes(RECORD_BYTES))
    with pytest.raises(TapeDamaged):
        await evening.live.follow()
    evening.wait()
    await evening.live.tick()
    assert listener.exchange.closed
