"""What a house keeps in mind of spaces that are over is bounded, and it leaves no tape held."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from harness.clock import ManualClock
from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.core.settings import Settings
from rostra.stage.air import Air, Ready
from rostra.stage.hold_files import HoldFiles
from rostra.stage.house import House
from rostra.stage.ice import Network
from rostra.stage.tapes import Tapes
from rostra.stage.told import MOST_OVER
from rostra.tape.genesis import EndDocument


def ended(number: int) -> SpaceState:
    return SpaceState(
        space=SpaceId(f"s{number}"),
        revision=1,
        lifecycle=Lifecycle.PUBLISHED,
        title="A talk",
        description="",
        host=AccountId("host23456"),
        host_name="Ann",
        starts_at=0,
        time_zone="UTC",
    )


def house_of(tmp_path: Path, clock: ManualClock, air: Air, group: asyncio.TaskGroup) -> House:
    return House(
        settings=Settings(data=tmp_path),
        network=Network,
        hold_files=HoldFiles(tmp_path / "hold"),
        air=air,
        clock=clock,
        publish=lambda report: None,
        group=group,
    )


async def test_a_house_that_has_heard_of_many_ended_spaces_keeps_the_newest(tmp_path: Path) -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        house = house_of(tmp_path, clock, Air(Tapes(tmp_path, clock, 0), clock=clock), group)
        for number in range(MOST_OVER + 10):
            house.follow(ended(number))
        while house._tasks:
            await asyncio.sleep(0)
    assert not house._told.is_over(SpaceId("s9"))
    assert house._told.is_over(SpaceId("s10"))
    assert len(house._locks) == 0


class SlowAir(Air):
    """Holds what it has brought back until told."""

    def __init__(self, tapes: Tapes, *, clock: ManualClock) -> None:
        super().__init__(tapes, clock=clock)
        self.brought_back, self.go_on = asyncio.Event(), asyncio.Event()

    async def resume(self, space: SpaceId, run: RunId) -> Ready | EndDocument:
        ready = await super().resume(space, run)
        self.brought_back.set()
        await self.go_on.wait()
        return ready


async def test_a_tape_brought_back_while_the_house_stops_is_free_for_whoever_comes_after(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    tapes, space = Tapes(tmp_path, clock, 0), SpaceId("abcdefghjk")
    begun = await Air(tapes, clock=clock).begin(space, "A talk")
    assert isinstance(begun, Ready)
    begun.programme.park()
    run, air = begun.programme.genesis.run, SlowAir(tapes, clock=clock)
    async with asyncio.TaskGroup() as group, asyncio.timeout(10):
        house = house_of(tmp_path, clock, air, group)
        house.follow(msgspec.structs.replace(ended(1), space=space, lifecycle=Lifecycle.LIVE, run=run))
        await air.brought_back.wait()
        stopping = asyncio.create_task(house.stop())
        await asyncio.sleep(0)
        air.go_on.set()
        await stopping
        tapes.resume(space, run).close()
