"""A recording served from memory over a real socket, as FFmpeg opens it by itself."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Protocol

import av
import httpx
import msgspec
import pytest

from rostra.core.clock import SystemClock
from rostra.rehearsal import recording
from rostra.rehearsal.programme import Page
from rostra.rehearsal.recording import NotPlayable, play


class Tape(Protocol):
    init: bytes
    chunks: tuple[bytes, ...]


class Shelf:
    """A door and an edge in one: status.json first without, then with a replay; ranges of one file."""

    def __init__(self, file: bytes) -> None:
        self.file = file
        self.asked = 0
        self.offers = True
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                writer.write(self.status() if "status.json" in head else self.part(head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def status(self) -> bytes:
        self.asked += 1
        replay = {"mp4": f"{self.url}/aac64.mp4"} if self.asked > 2 and self.offers else None
        body = msgspec.json.encode({"state": "published", "replay": replay})
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body

    def part(self, head: str) -> bytes:
        asked = next(
            (line for line in head.lower().split("\r\n") if line.startswith("range:")), "range: bytes=0-"
        )
        first, _, last = asked.split("=")[1].partition("-")
        start, end = int(first), min(int(last) + 1 if last else len(self.file), len(self.file))
        headers = f"content-range: bytes {start}-{end - 1}/{len(self.file)}\r\ncontent-length: {end - start}"
        return f"HTTP/1.1 206 Partial Content\r\n{headers}\r\n\r\n".encode() + self.file[start:end]


def finished(tape: Tape) -> bytes:
    """The tape's chunks as one plain .mp4."""
    whole, out = io.BytesIO(tape.init + b"".join(tape.chunks)), io.BytesIO()
    with av.open(whole, mode="r") as source, av.open(out, mode="w", format="mp4") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return out.getvalue()


@pytest.fixture
async def shelf(tape: Tape) -> AsyncIterator[Shelf]:
    shelf = Shelf(finished(tape))
    server = await asyncio.start_server(shelf.answer, "127.0.0.1", 0)
    shelf.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield shelf
    server.close()


async def test_a_recording_counts_once_its_page_offers_it_and_it_plays(shelf: Shelf) -> None:
    clock = SystemClock()
    async with httpx.AsyncClient() as http:
        played = await play(http, Page(shelf.url, "abcdefgh23"), since_ns=clock.monotonic_ns(), clock=clock)
    assert played.url == f"{shelf.url}/aac64.mp4"
    assert played.seconds == pytest.approx(11.52, abs=0.05)
    assert played.ready_ms >= 0
    assert shelf.asked == 3


async def test_a_file_that_is_no_recording_is_not_playable(shelf: Shelf) -> None:
    shelf.file = b"<html>not found</html>" * 100
    clock = SystemClock()
    async with httpx.AsyncClient() as http:
        with pytest.raises(NotPlayable, match="did not become playable"):
            await play(http, Page(shelf.url, "abcdefgh23"), since_ns=clock.monotonic_ns(), clock=clock)


async def test_a_page_that_never_offers_it_is_not_waited_for_without_end(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "PATIENCE_S", 0.2)
    shelf.offers = False
    clock = SystemClock()
    async with httpx.AsyncClient() as http:
        with pytest.raises(NotPlayable):
            await play(http, Page(shelf.url, "abcdefgh23"), since_ns=clock.monotonic_ns(), clock=clock)
