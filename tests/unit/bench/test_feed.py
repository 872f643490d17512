"""A peer's source keeps its connection while its pace changes, and while there is none."""

from __future__ import annotations

import asyncio

import pytest
from bench.edge import feed
from bench.edge.errors import PeerFailed
from bench.edge.feed import BYTES_PER_S, Feed

SLOW_MS, FAST_MS = 200, 20


async def test_each_pace_sends_its_own_payloads_and_between_two_there_are_none() -> None:
    sent: list[int] = []

    async def send(data: bytes) -> None:
        sent.append(len(data))

    source = Feed(send)
    async with source.at(SLOW_MS):
        await asyncio.sleep(0)
    assert sent == [BYTES_PER_S * SLOW_MS // 1000], "one at once"
    await asyncio.sleep(3 * FAST_MS / 1000)
    assert len(sent) == 1
    async with source.at(FAST_MS):
        while len(sent) < 4:
            await asyncio.sleep(0.001)
    assert set(sent[1:]) == {BYTES_PER_S * FAST_MS // 1000}


async def test_a_payload_begun_is_sent_whole() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def send(_: bytes) -> None:
        begun.set()
        await asyncio.sleep(0.02)
        ended.set()

    async with Feed(send).at(SLOW_MS):
        await begun.wait()
    assert ended.is_set()


async def test_a_server_that_hangs_up_on_its_source_fails_what_it_was_fed_for() -> None:
    async def send(_: bytes) -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        async with Feed(send).at(SLOW_MS):
            await asyncio.sleep(0)


async def test_a_server_that_takes_no_more_fails_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async def send(_: bytes) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(feed, "_ANSWER_S", 0.02)
    with pytest.raises(PeerFailed):
        async with Feed(send).at(SLOW_MS):
            await asyncio.sleep(0)
