"""The shelf holds no more recordings than it may, even when every one is being read by somebody slow."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from harness import programme
from rostra.core.clock import SystemClock
from rostra.edge.shelf import Shelf
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.tape import TapeWriter

from .reading import Channel

MOST = 3
KEPT = (("Cache-Control", "no-store"),)


@pytest.fixture
def tapes(tmp_path: Path) -> Path:
    """Five finished tapes of one space."""
    for number in range(5):
        writer = TapeWriter.create(
            tmp_path / "space" / f"run{number}", programme.genesis(), clock=SystemClock()
        )
        for quantum in programme.quanta()[:3]:
            writer.append(quantum)
        writer.finish()
    return tmp_path


async def ask(shelf: Shelf, number: int, *, slow: bool = False) -> tuple[Channel, Exchange]:
    """Ask for a recording; back once its answer has begun."""
    channel = Channel()
    channel.write_paused = slow
    exchange = Exchange(channel, head_only=False, keep_alive=True)  # type: ignore[arg-type]  # all it uses
    request = Request("GET", "/", "", {}, "x", http10=False, keep_alive=True, body=b"")
    shelf.answer("space", f"run{number}", "aac64.mp4", request, exchange, kept=KEPT)
    async with asyncio.timeout(5):
        while not (channel.transport.written or exchange.closed):
            await asyncio.sleep(0.001)
    return channel, exchange


async def test_what_has_just_ended_is_opened_behind_no_other(tapes: Path) -> None:
    async with asyncio.TaskGroup() as group:
        shelf, busy = Shelf(tapes, group=group), threading.Event()
        shelf._opener.submit(busy.wait)
        try:
            asked = asyncio.create_task(ask(shelf, 1))
            async with asyncio.timeout(5):
                await shelf.prepare(tapes / "space" / "run0")
                await ask(shelf, 0)
            assert not asked.done(), "others wait for their turn"
        finally:
            busy.set()
        await asked
        shelf.close()


async def test_the_one_asked_for_least_lately_goes_though_somebody_slow_reads_it(tapes: Path) -> None:
    async with asyncio.TaskGroup() as group:
        shelf = Shelf(tapes, group=group, most_open=MOST)
        slow = [await ask(shelf, number, slow=True) for number in range(MOST)]
        descriptors = len(os.listdir("/proc/self/fd"))
        await ask(shelf, MOST, slow=True)
        assert [channel.transport.aborted for channel, _ in slow] == [True, False, False]
        assert len(os.listdir("/proc/self/fd")) == descriptors
        shelf.close()


async def test_one_that_nobody_reads_goes_first(tapes: Path) -> None:
    async with asyncio.TaskGroup() as group:
        shelf = Shelf(tapes, group=group, most_open=MOST)
        first, _ = await ask(shelf, 0, slow=True)
        _, done = await ask(shelf, 1)
        async with asyncio.timeout(5):
            while not done.closed:
                await asyncio.sleep(0.001)
        third, _ = await ask(shelf, 2, slow=True)
        await ask(shelf, 3, slow=True)
        assert (first.transport.aborted, third.transport.aborted) == (False, False)
        shelf.close()


async def test_a_recording_that_was_closed_for_room_opens_again(tapes: Path) -> None:
    async with asyncio.TaskGroup() as group:
        shelf = Shelf(tapes, group=group, most_open=1)
        for number in (0, 1, 0):
            channel, _ = await ask(shelf, number, slow=True)
            assert channel.transport.written.startswith(b"HTTP/1.1 200")
        shelf.close()


async def test_many_who_ask_for_many_recordings_at_once_are_all_answered(tapes: Path) -> None:
    async with asyncio.TaskGroup() as group:
        shelf = Shelf(tapes, group=group, most_open=1)
        answers = await asyncio.gather(*(ask(shelf, number % 5) for number in range(50)))
        assert {channel.transport.written[:12] for channel, _ in answers} == {b"HTTP/1.1 200"}
        shelf.close()


async def test_a_recording_whose_files_are_gone_ends_nothing_but_itself(tapes: Path) -> None:
    (tapes / "space/run0/aac64.mp4").unlink()
    async with asyncio.TaskGroup() as group:
        shelf = Shelf(tapes, group=group)
        await shelf.prepare(tapes / "space/run0")
        missing, _ = await ask(shelf, 0)
        assert missing.transport.written.startswith(b"HTTP/1.1 500")
        other, _ = await ask(shelf, 1)
        assert other.transport.written.startswith(b"HTTP/1.1 200")
        shelf.close()


def open_in(folder: Path) -> int:
    """How many of this process's descriptors lead there."""
    led = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    return sum(target.startswith(str(folder)) for target in led)


@pytest.mark.parametrize("turns", range(4))
async def test_who_reads_or_waits_for_a_recording_that_is_hidden_hears_no_more_of_it_until_it_is_shown(
    tapes: Path, turns: int
) -> None:
    hidden = tapes / "space/run0"
    async with asyncio.TaskGroup() as group:
        shelf = Shelf(tapes, group=group)
        reads, _ = await ask(shelf, 0, slow=True)
        other, _ = await ask(shelf, 1, slow=True)
        shelf.forget(hidden)
        waits = asyncio.create_task(ask(shelf, 0))
        for _ in range(1 + turns):
            await asyncio.sleep(0)
        shelf.forget(hidden)
        waited, _ = await waits
        assert [each.transport.aborted for each in (reads, waited, other)] == [True, True, False]
        assert waited.transport.written == b""
        shelf.forget(tapes / "space/run1")
        async with asyncio.timeout(5):
            while open_in(tapes):  # nothing of either
                await asyncio.sleep(0.001)
        again, _ = await ask(shelf, 0)
        assert again.transport.written.startswith(b"HTTP/1.1 200")
        shelf.close()


@pytest.mark.parametrize("turns", range(6))
async def test_whoever_asks_once_it_is_shown_again_hears_it_though_it_was_being_opened_when_it_was_hidden(
    tapes: Path, turns: int
) -> None:
    async with asyncio.TaskGroup() as group:
        shelf = Shelf(tapes, group=group)
        before = asyncio.create_task(ask(shelf, 0))
        for _ in range(turns):
            await asyncio.sleep(0)
        shelf.forget(tapes / "space/run0")
        again, _ = await ask(shelf, 0)
        assert again.transport.written.startswith(b"HTTP/1.1 200")
        await before
        shelf.close()
