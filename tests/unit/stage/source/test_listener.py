"""A source is heard to its end: all that came before it broke, and the whole file that it announced."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rostra.bus.messages import Known, Offer, Role, WhoIs
from rostra.core.ids import SpeakerId
from rostra.core.samples import TICK
from rostra.stage.source.buffer import SourceBuffer
from rostra.stage.source.feed import Feed
from rostra.stage.source.listener import MOST_PER_CLIENT, Sources
from rostra.stage.source.pipe import Pipe

SPACE = "abcdefghjk"
KEY = base64.b64encode(b"source:secret").decode()


async def who(_: WhoIs) -> Known:
    return Known(speaker=SpeakerId("eeeeeee2"), name="Studio 1", role=Role.SPEAKER)


@asynccontextmanager
async def sending(body: bytes, *headers: str) -> AsyncIterator[Feed]:
    """A source that has sent ``body`` and keeps its connection open; yields its place on stage."""
    seated: asyncio.Future[Feed] = asyncio.get_running_loop().create_future()

    def seat(_: Offer, feed: Feed) -> Any:
        seated.set_result(feed)
        return SimpleNamespace(speaker="eeeeeee2")

    async with Sources(who=who, seat=seat).serving("127.0.0.1", 0) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = [f"PUT /{SPACE} HTTP/1.1", f"Authorization: Basic {KEY}", *headers, "", ""]
        writer.write("\r\n".join(head).encode() + body)
        yield await seated
        writer.close()
        for thread in threading.enumerate():
            if thread.name == f"source {SPACE}":
                await asyncio.to_thread(thread.join, 5)


async def heard_ticks(feed: Feed) -> int:
    """Mix until the source is gone; return how many ticks were not silent."""
    row, heard = np.zeros(TICK, np.float32), 0
    async with asyncio.timeout(5):
        while not feed.gone.is_set():
            feed.ring.pop_into(row)
            heard += bool(row.any())
            await asyncio.sleep(0.002)
    return heard


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte is a tick of sound, but for the one at which decoding fails."""

    def decode(pipe: Pipe, buffer: SourceBuffer) -> str:
        while byte := pipe.read(1):
            if byte == b"!":
                buffer.end()
                return "no sound"
            buffer.put(np.full(TICK, 0.1, np.float32))
        buffer.end()
        return ""

    monkeypatch.setattr("rostra.stage.source.listener.decode", decode)


@pytest.mark.usefixtures("decoded")
async def test_what_came_before_it_broke_is_heard() -> None:
    async with sending(b"s" * 100 + b"!" + b"s" * 100) as feed:
        assert await heard_ticks(feed) == 100


@pytest.mark.usefixtures("decoded")
async def test_a_file_of_an_announced_length_ends_when_it_is_over_though_its_sender_stays() -> None:
    async with sending(b"s" * 100, "Content-Length: 100") as feed:
        assert await heard_ticks(feed) == 100
        assert not feed.lost


@pytest.mark.usefixtures("decoded")
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"1" * 20_000, id="a size without end"),
        pytest.param(b"64\r\n" + b"s" * 200 + b"." * 20_000, id="no end of a chunk"),
        pytest.param(b"sixty-four\r\n", id="a size that is no number"),
    ],
)
async def test_a_source_whose_chunks_are_broken_is_lost_and_keeps_its_seat(broken: bytes) -> None:
    async with sending(b"64\r\n" + b"s" * 100 + b"\r\n" + broken, "Transfer-Encoding: chunked") as feed:
        await heard_ticks(feed)
        assert feed.lost


class Caller:
    """The other side of a connection from ``address`` that says nothing."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.told = b""

    def get_extra_info(self, _: str) -> tuple[str, int]:
        return self._address, 1

    def write(self, data: bytes) -> None:
        self.told += data

    async def drain(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("addresses", "other"),
    [
        pytest.param([f"2001:db8:1:2::{number:x}" for number in range(40)], "2001:db8:1:3::1", id="IPv6"),
        pytest.param(["::ffff:192.0.2.7", "192.0.2.7"] * 20, "192.0.2.8", id="IPv4, written in two ways"),
    ],
)
async def test_one_client_holds_a_share_of_the_connections_by_whatever_addresses(
    addresses: list[str], other: str
) -> None:
    sources: Any = Sources(who=who, seat=lambda offer, feed: pytest.fail("nobody asked"))
    callers = [Caller(address) for address in [*addresses, other]]
    for caller in callers:
        sources._take(asyncio.StreamReader(), caller)
    await asyncio.sleep(0)
    assert [caller.told[:12] for caller in callers].count(b"") == MOST_PER_CLIENT + 1
    assert callers[-1].told == b""
    assert callers[-2].told.startswith(b"HTTP/1.1 503 ")
    for task in sources._open:
        task.cancel()
    await asyncio.wait(sources._open)
