"""Many connections at once at a house's door: who never comes is cleaned up, and kept seats stay free."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack

from harness.clock import ManualClock
from rostra.bus.messages import Answer, Monitor, Offer, Role, StageReport
from rostra.core.errors import StageFull
from rostra.core.ids import SpaceId, SpeakerId
from rostra.core.settings import Settings
from rostra.stage.air import Air
from rostra.stage.hold_files import HoldFiles
from rostra.stage.house import House
from rostra.stage.ice import Network
from rostra.stage.liveness import HALF_OPEN_NS
from rostra.stage.postbox import Postbox
from rostra.stage.tapes import Tapes

SPACES = [SpaceId(f"space{number}") for number in range(10)]
SPEAKERS = 9
"""In each, and one who listens in."""
CLEANED_UP_NS = 30_000_000_000
LOOKS_S = 1.5
"""Real time in which every connection looks at the clock."""


@asynccontextmanager
async def opened(folder: Path, **knobs: int) -> AsyncIterator[tuple[House, ManualClock, list[StageReport]]]:
    clock, reports = ManualClock(), list[StageReport]()
    async with asyncio.TaskGroup() as group:
        house = House(
            settings=Settings.model_validate({"data": folder, **knobs}),
            network=lambda: Network(("127.0.0.1",)),
            postbox=Postbox(),
            air=Air(Tapes(folder, clock, 0), clock=clock),
            hold_files=HoldFiles(folder),
            clock=clock,
            publish=reports.append,
            seat_lost=lambda lost: None,
            group=group,
        )
        try:
            yield house, clock, reports
        finally:
            await house.stop()


async def sdp_of(direction: str) -> str:
    """An offer of somebody who names no address."""
    browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    browser.addTransceiver(AudioStreamTrack(), direction=direction)
    await browser.setLocalDescription(await browser.createOffer())
    lines = browser.localDescription.sdp.splitlines(keepends=True)
    await browser.close()
    return "".join(line for line in lines if not line.startswith("a=candidate:"))


def offer(space: SpaceId, number: int, sdp: str, role: Role = Role.SPEAKER) -> Offer:
    return Offer(space=space, speaker=SpeakerId(f"{role}{number}"), name="Ada", role=role, sdp=sdp)


def sessions(house: House) -> int:
    return sum(len(stage.people) + len(stage.monitors) for stage in house.stages)


async def test_a_hundred_who_are_answered_and_never_come_are_gone_within_half_a_minute(
    tmp_path: Path,
) -> None:
    speaks, listens = await sdp_of("sendrecv"), await sdp_of("recvonly")
    async with opened(tmp_path) as (house, clock, reports):
        sockets, tasks = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())
        for space in SPACES:
            await asyncio.gather(*(house.offer(offer(space, number, speaks)) for number in range(SPEAKERS)))
            await house.monitor(Monitor(space=space, sdp=listens))
        assert sessions(house) == 100
        assert len(os.listdir("/proc/self/fd")) >= sockets + 100
        clock.advance(ns=HALF_OPEN_NS - 1)
        await asyncio.sleep(LOOKS_S)
        assert sessions(house) == 100, "they may still come"
        clock.advance(ns=CLEANED_UP_NS - HALF_OPEN_NS + 1)
        async with asyncio.timeout(20):
            while list(house.stages) or len(asyncio.all_tasks()) > tasks:
                await asyncio.sleep(0.05)
            while len(os.listdir("/proc/self/fd")) > sockets:
                await asyncio.sleep(0.05)
        assert {report.space for report in reports[-len(SPACES) :] if not report.speakers} == set(SPACES)


async def test_speakers_who_come_in_one_moment_leave_the_seats_of_host_and_co_host(tmp_path: Path) -> None:
    sdp = await sdp_of("sendrecv")
    space = SPACES[0]
    async with opened(tmp_path, max_speakers=5, max_cohosts=1) as (house, _, _):
        came = await asyncio.gather(
            *(house.offer(offer(space, number, sdp)) for number in range(8)), return_exceptions=True
        )
        assert [type(each) for each in came].count(Answer) == 3
        assert [type(each) for each in came].count(StageFull) == 5
        await house.offer(offer(space, 0, sdp, Role.COHOST))
        await house.offer(offer(space, 0, sdp, Role.HOST))
        assert sessions(house) == 5
