"""A recording's file goes out whole, and a disk that does not answer holds up nobody but who waits for it."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from rostra.edge import recorded_file
from rostra.edge.portions import PORTION_BYTES
from rostra.edge.recorded_file import RecordedFile
from rostra.serving.backlog import SEND_BUFFER_BYTES
from rostra.serving.exchange import Exchange

from .reading import Channel

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
CONTENT = os.urandom(3 * PORTION_BYTES + 100)


def reader() -> tuple[Channel, Exchange]:
    channel = Channel()
    exchange = Exchange(channel, head_only=False, keep_alive=True)  # type: ignore[arg-type]  # all it uses of a channel
    return channel, exchange


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
def file(tmp_path: Path, threads: ThreadPoolExecutor) -> RecordedFile:
    path = tmp_path / "aac64.mp4"
    path.write_bytes(CONTENT)
    return RecordedFile(path, etag='"x"', threads=threads)


@pytest.fixture
def uncached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is in the page cache."""
    monkeypatch.setattr(RecordedFile, "cached", lambda *_: None)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch, uncached: None) -> Iterator[Event]:
    """The disk answers once the event is set."""
    answers, read = Event(), os.pread

    def wait(descriptor: int, length: int, offset: int) -> bytes:
        answers.wait(10)
        return read(descriptor, length, offset)

    monkeypatch.setattr(recorded_file.os, "pread", wait)
    yield answers
    answers.set()


async def over(exchange: Exchange) -> None:
    async with asyncio.timeout(5):
        while not exchange.closed:
            await asyncio.sleep(0.001)


@pytest.mark.parametrize(("length", "wide"), [(len(CONTENT), True), (1_000, False)])
async def test_whoever_takes_a_file_is_not_held_to_what_live_listeners_are(
    file: RecordedFile, length: int, wide: bool
) -> None:
    channel, exchange = reader()
    with socket.socket() as theirs:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        narrow = theirs.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        channel.transport.socket = theirs
        file.send(HEAD, 0, length, exchange)
        await over(exchange)
        assert channel.transport.written == HEAD + CONTENT[:length]
        assert (theirs.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) > narrow) is wide


@pytest.mark.parametrize("cached", [True, False])
async def test_a_range_goes_out_whole_from_memory_and_from_disk(
    file: RecordedFile, cached: bool, request: pytest.FixtureRequest
) -> None:
    if not cached:
        request.getfixturevalue("uncached")
    channel, exchange = reader()
    file.send(HEAD, 10, len(CONTENT) - 10, exchange)
    await over(exchange)
    assert channel.transport.written == HEAD + CONTENT[10:-10]
    assert (channel.kept, file.readers) == (True, 0)


async def test_the_loop_turns_on_while_a_disk_does_not_answer(file: RecordedFile, stuck: Event) -> None:
    channel, exchange = reader()
    file.send(HEAD, 0, len(CONTENT), exchange)
    for _ in range(5):
        await asyncio.sleep(0.001)
    assert (channel.transport.written, exchange.closed) == (HEAD, False)
    stuck.set()
    await over(exchange)
    assert channel.transport.written == HEAD + CONTENT


async def test_whoever_reads_a_retired_file_is_cut_off_and_its_descriptor_outlives_the_read(
    file: RecordedFile, stuck: Event
) -> None:
    before = len(os.listdir("/proc/self/fd"))
    channel, exchange = reader()
    file.send(HEAD, 0, len(CONTENT), exchange)
    file.retire()
    assert (channel.transport.aborted, exchange.closed, file.readers) == (True, True, 0)
    assert len(os.listdir("/proc/self/fd")) == before
    stuck.set()
    async with asyncio.timeout(5):
        while len(os.listdir("/proc/self/fd")) == before:
            await asyncio.sleep(0.001)
    assert channel.transport.written == HEAD


async def test_a_file_that_got_shorter_breaks_the_answer_off(
    file: RecordedFile, tmp_path: Path, uncached: None
) -> None:
    os.truncate(tmp_path / "aac64.mp4", PORTION_BYTES)
    told: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(str(context["exception"])))
    channel, exchange = reader()
    file.send(HEAD, 0, len(CONTENT), exchange)
    await over(exchange)
    assert channel.kept is False
    assert told == ["the recording is shorter than it was"]
