"""Whose connection broke keeps the place for a while and takes it again; whoever hung up leaves at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest

from harness.hall import ADA, BOB, EVE, SPACE
from rostra.bus.messages import Offer, Role, SeatLost, StageReport
from rostra.core.clock import SystemClock
from rostra.core.errors import StageFull
from rostra.core.ids import SpeakerId
from rostra.core.settings import Settings
from rostra.stage.air import Air
from rostra.stage.errors import SpeaksElsewhere
from rostra.stage.hold_files import HoldFiles
from rostra.stage.house import House
from rostra.stage.ice import Network
from rostra.stage.postbox import Postbox
from rostra.stage.source.feed import Feed
from rostra.stage.tapes import Tapes


def offer(speaker: SpeakerId) -> Offer:
    return Offer(space=SPACE, speaker=speaker, name=speaker[:3], role=Role.SPEAKER, sdp="")


class NeverComes(Feed):
    """A try whose connection never comes about."""

    @property
    def came(self) -> bool:
        return False

    @property
    def connected(self) -> bool:
        return False


@asynccontextmanager
async def opened(
    folder: Path, seat_s: int, lost: list[SeatLost] | None = None
) -> AsyncIterator[tuple[House, list[StageReport]]]:
    clock = SystemClock()
    reports: list[StageReport] = []
    async with asyncio.TaskGroup() as group:
        house = House(
            settings=Settings(data=folder, max_speakers=3, max_cohosts=0, seat_s=seat_s),
            network=Network,
            postbox=Postbox(),
            air=Air(Tapes(folder, clock, 0), clock=clock),
            hold_files=HoldFiles(folder),
            clock=clock,
            publish=reports.append,
            seat_lost=(lost if lost is not None else []).append,
            group=group,
        )
        try:
            yield house, reports
        finally:
            await house.stop()


async def until_seen(reports: list[StageReport], *expected: tuple[SpeakerId, bool]) -> None:
    """Wait until the stage tells of these people in this order, and whether they are connected."""
    async with asyncio.timeout(5):
        while not reports or [(one.speaker, one.connected) for one in reports[-1].speakers] != list(expected):
            await asyncio.sleep(0.02)


async def test_a_broken_connection_keeps_its_place_and_gets_it_back(tmp_path: Path) -> None:
    async with opened(tmp_path, seat_s=30) as (house, reports):
        first, other, again = Feed(), Feed(), Feed()
        house.seat(offer(ADA), first)
        house.seat(offer(BOB), other)
        await asyncio.sleep(0.3)
        first.lost = True
        first.gone.set()
        await until_seen(reports, (ADA, False), (BOB, True))
        with pytest.raises(StageFull):
            house.seat(offer(EVE), Feed())
        house.seat(offer(ADA), again)
        await until_seen(reports, (ADA, True), (BOB, True))
        again.ring.put(np.full(48_000 * 2, 0.25, np.float32))
        async with asyncio.timeout(5):
            while not any(one.speaking for one in reports[-1].speakers):
                await asyncio.sleep(0.02)


async def test_after_its_time_the_place_is_free_and_backstage_is_told_whose_it_was(tmp_path: Path) -> None:
    lost: list[SeatLost] = []
    async with opened(tmp_path, seat_s=1, lost=lost) as (house, reports):
        broken, other = Feed(), Feed()
        house.seat(offer(ADA), broken)
        house.seat(offer(BOB), other)
        await asyncio.sleep(0.3)
        broken.lost = True
        broken.gone.set()
        await until_seen(reports, (ADA, False), (BOB, True))
        await until_seen(reports, (BOB, True))
        house.seat(offer(EVE), Feed())
    assert lost == [SeatLost(space=SPACE, speaker=ADA)]


async def test_a_try_to_come_back_that_fails_does_not_give_the_place_up(tmp_path: Path) -> None:
    async with opened(tmp_path, seat_s=30) as (house, reports):
        broken, other, again, third = Feed(), Feed(), NeverComes(), Feed()
        house.seat(offer(ADA), broken)
        house.seat(offer(BOB), other)
        await asyncio.sleep(0.3)
        broken.lost = True
        broken.gone.set()
        await until_seen(reports, (ADA, False), (BOB, True))
        house.seat(offer(ADA), again)
        again.gone.set()
        await asyncio.sleep(0.3)
        await until_seen(reports, (ADA, False), (BOB, True))
        with pytest.raises(StageFull):
            house.seat(offer(EVE), Feed())
        house.seat(offer(ADA), third)
        await until_seen(reports, (ADA, True), (BOB, True))


async def test_failed_tries_do_not_make_the_time_longer(tmp_path: Path) -> None:
    lost: list[SeatLost] = []
    async with opened(tmp_path, seat_s=2, lost=lost) as (house, reports):
        here, other = Feed(), Feed()
        house.seat(offer(ADA), here)
        house.seat(offer(BOB), other)
        await asyncio.sleep(0.3)
        began_s = asyncio.get_running_loop().time()
        # The stage has not noticed yet that nothing comes; their page has, and tries again and again.
        for _ in range(4):
            again = NeverComes()
            house.seat(offer(ADA), again)
            await asyncio.sleep(0.4)
        again.gone.set()
        await until_seen(reports, (BOB, True))
        assert 1.8 < asyncio.get_running_loop().time() - began_s < 3
    assert lost == [SeatLost(space=SPACE, speaker=ADA)]


async def test_the_time_counts_from_when_whoever_vanished_was_heard_last(tmp_path: Path) -> None:
    lost: list[SeatLost] = []
    async with opened(tmp_path, seat_s=30, lost=lost) as (house, reports):
        vanished, other = Feed(), Feed()
        house.seat(offer(ADA), vanished)
        house.seat(offer(BOB), other)
        await asyncio.sleep(0.3)
        vanished.lost, vanished.silent_ns = True, 29_000_000_000
        vanished.gone.set()
        await until_seen(reports, (ADA, False), (BOB, True))
        await until_seen(reports, (BOB, True))
    assert lost == [SeatLost(space=SPACE, speaker=ADA)]


async def test_whoever_never_was_here_has_no_place_to_come_back_to(tmp_path: Path) -> None:
    lost: list[SeatLost] = []
    async with opened(tmp_path, seat_s=30, lost=lost) as (house, reports):
        first, second, other = NeverComes(), NeverComes(), Feed()
        house.seat(offer(ADA), first)
        house.seat(offer(BOB), other)
        house.seat(offer(ADA), second)
        await until_seen(reports, (ADA, False), (BOB, True))
        second.gone.set()
        await until_seen(reports, (BOB, True))
    assert lost == []


async def test_whoever_hangs_up_leaves_at_once(tmp_path: Path) -> None:
    lost: list[SeatLost] = []
    async with opened(tmp_path, seat_s=30, lost=lost) as (house, reports):
        gone, other = Feed(), Feed()
        house.seat(offer(ADA), gone)
        house.seat(offer(BOB), other)
        await asyncio.sleep(0.3)
        gone.hang_up()
        await until_seen(reports, (BOB, True))
    assert lost == []


async def test_of_two_devices_the_one_that_came_last_speaks_until_it_breaks_or_the_other_asks(
    tmp_path: Path,
) -> None:
    def by(page: str, *, again: bool = False) -> Offer:
        return msgspec.structs.replace(offer(ADA), page=page, again=again)

    async with opened(tmp_path, seat_s=30) as (house, _):
        phone, laptop = Feed(), Feed()
        house.seat(by("phone"), phone)
        house.seat(by("laptop"), Feed())
        assert phone.gone.is_set()
        with pytest.raises(SpeaksElsewhere):
            house.seat(by("phone", again=True), Feed())
        house.seat(by("laptop", again=True), laptop)
        with pytest.raises(SpeaksElsewhere):
            house.seat(by("phone", again=True), Feed())
        laptop.lost = True
        house.seat(by("phone", again=True), Feed())
        with pytest.raises(SpeaksElsewhere):
            house.seat(by("laptop", again=True), Feed())
        house.seat(by("laptop"), Feed())
