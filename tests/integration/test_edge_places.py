"""One ticket, one place, over real sockets and at two workers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from harness.edge import RUN, Stand, standing
from rostra.bus.messages import StreamsBegun, streams_begun
from rostra.core.samples import CHUNKS_PER_SEGMENT
from rostra.edge.begun import unpack
from rostra.edge.window import KEPT_SEGMENTS

BROKEN_OFF = (httpx.RemoteProtocolError, httpx.ReadError)


@pytest_asyncio.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    async with standing(tmp_path, workers=2) as stand:
        stand.speak(3)
        await stand.until_at(3)
        yield stand


async def listen(stand: Stand, worker: int, path: str, begun: asyncio.Event) -> bytes:
    """Read an answer to its end; say when its first bytes are in."""
    async with stand.http.stream("GET", stand.at(worker, path)) as response:
        got = b""
        async for data in response.aiter_raw():
            got += data
            begun.set()
        return got


async def begin(stand: Stand, worker: int, path: str) -> asyncio.Task[bytes]:
    begun = asyncio.Event()
    task = asyncio.create_task(listen(stand, worker, path, begun))
    await asyncio.wait_for(begun.wait(), 5)
    return task


@pytest.mark.parametrize("second_worker", [0, 1])
async def test_a_second_device_on_a_ticket_ends_the_first_within_two_seconds(
    stand: Stand, second_worker: int
) -> None:
    path = f"{stand.base}/{RUN}/aac64/0.m4s"
    first = await begin(stand, 0, path)
    began = time.monotonic()
    second = await begin(stand, second_worker, path)
    with pytest.raises(BROKEN_OFF):
        await asyncio.wait_for(first, 5)
    assert time.monotonic() - began < 2
    assert await stand.counted("streams_ended_total") == 1
    stand.speak(9)
    assert await second == stand.spoken(0, 12)


@pytest.mark.parametrize("second_worker", [0, 1])
async def test_a_second_radio_on_a_ticket_ends_the_first_within_two_seconds(
    stand: Stand, second_worker: int
) -> None:
    path = f"{stand.base}/radio.aac"
    first = await begin(stand, 0, path)
    began = time.monotonic()
    second = await begin(stand, second_worker, path)
    heard = await asyncio.wait_for(first, 5)
    assert time.monotonic() - began < 2
    stand.speak(2)
    stand.writer.finish()
    assert len(await second) > len(heard)


async def test_a_player_whose_connections_lie_at_two_workers_is_never_ended(stand: Stand) -> None:
    base = f"{stand.base}/{RUN}/aac64"
    segments = [await begin(stand, 0, f"{base}/0.m4s")]
    async with stand.bus.subscribe(streams_begun("*"), StreamsBegun) as told:
        messages = aiter(told)
        for number in range(1, 4):
            stand.speak(12 * number - 2 - len(stand.appended))
            path = f"{base}/{number}.m4s"
            segments.append(asyncio.create_task(listen(stand, number % 2, path, asyncio.Event())))
            await until_told(messages, number)
            stand.speak(2)
    stand.speak(12)
    for number, segment in enumerate(segments):
        assert await segment == stand.spoken(12 * number, 12 * number + 12)
    assert [await stand.counted("streams_ended_total", asked=worker) for worker in (0, 1)] == [0, 0]


async def until_told(messages: AsyncIterator[tuple[str, StreamsBegun]], number: int) -> None:
    """Wait until the workers have told each other of a segment that has begun."""
    async with asyncio.timeout(5):
        async for _, value in messages:
            if any(each.first == number for each in unpack(value.streams)):
                return


async def test_who_looks_back_while_listening_is_heard_on(stand: Stand) -> None:
    """An old segment is read from the tape, and no place of anybody's."""
    old, live = f"{stand.base}/{RUN}/aac64/0.m4s", KEPT_SEGMENTS + 2
    stand.speak(live * CHUNKS_PER_SEGMENT - 2)
    await stand.until_at(live * CHUNKS_PER_SEGMENT + 1)
    listening = await begin(stand, 0, f"{old.removesuffix('0.m4s')}{live}.m4s")
    assert (await stand.get(old)).content == stand.spoken(0, 12)
    stand.speak(11)
    assert await asyncio.wait_for(listening, 5) == stand.spoken(live * 12, live * 12 + 12)
    assert await stand.counted("streams_ended_total") == 0
