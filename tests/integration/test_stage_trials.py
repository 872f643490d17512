"""A line that is only tried: it connects as a speaker's does, carries silence back, and ends by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

from harness.hall import SPACE
from rostra.bus.messages import TryLine
from rostra.core.clock import SystemClock
from rostra.core.errors import BadSessionDescription
from rostra.core.ids import SpaceId
from rostra.core.settings import Settings
from rostra.stage import trials
from rostra.stage.errors import TooManyTrials
from rostra.stage.ice import Network
from rostra.stage.postbox import Postbox
from rostra.stage.trials import MOST, PER_SPACE, Trials


def tries(person: str, sdp: str, *, space: str = SPACE) -> TryLine:
    return TryLine(space=SpaceId(space), person=person, sdp=sdp)


@asynccontextmanager
async def trying() -> AsyncIterator[Trials]:
    async with asyncio.TaskGroup() as group:
        made = Trials(
            settings=Settings(), network=Network, postbox=Postbox(), clock=SystemClock(), group=group
        )
        try:
            yield made
        finally:
            made.stop()


@asynccontextmanager
async def browser() -> AsyncIterator[tuple[RTCPeerConnection, str]]:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTrack(AudioStreamTrack())
    await connection.setLocalDescription(await connection.createOffer())
    try:
        yield connection, connection.localDescription.sdp
    finally:
        await connection.close()


async def test_a_tried_line_carries_silence_back() -> None:
    async with trying() as tried, browser() as (connection, sdp):
        answer = await tried.begin(tries("sam", sdp))
        await connection.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        async with asyncio.timeout(20):
            frames = [await connection.getReceivers()[0].track.recv() for _ in range(10)]
        assert all(not np.any(frame.to_ndarray()) for frame in frames)
        assert len(tried) == 1


async def test_a_tried_line_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "LONGEST_S", 0.3)
    async with trying() as tried, browser() as (_, sdp):
        await tried.begin(tries("sam", sdp))
        async with asyncio.timeout(20):
            while len(tried):
                await asyncio.sleep(0.02)


async def test_a_newer_try_of_somebody_takes_the_place_of_their_older_and_more_than_fit_are_refused() -> None:
    async with trying() as tried, browser() as (_, sdp):
        for _ in range(2):
            await tried.begin(tries("sam", sdp))
        assert len(tried) == 1
        for number in range(MOST - 1):
            await tried.begin(tries(f"p{number}", sdp, space=f"abcdefgh{number:02}"))
        with pytest.raises(TooManyTrials):
            await tried.begin(tries("one more", sdp, space="zbcdefghjk"))


async def test_one_space_leaves_places_for_the_others() -> None:
    async with trying() as tried, browser() as (_, sdp):
        for number in range(MOST // 2):
            await tried.begin(tries(f"p{number}", sdp))
        with pytest.raises(TooManyTrials):
            await tried.begin(tries("one more", sdp))
        for number in range(PER_SPACE):
            await tried.begin(tries(f"p{number}", sdp, space="zbcdefghjk"))
        with pytest.raises(TooManyTrials):
            await tried.begin(tries("one more", sdp, space="zbcdefghjk"))
        await tried.begin(tries("sam", sdp, space="ybcdefghjk"))


async def test_a_broken_offer_takes_no_place() -> None:
    async with trying() as tried:
        with pytest.raises(BadSessionDescription):
            await tried.begin(tries("sam", "v=0\r\nnonsense"))
        assert len(tried) == 0
