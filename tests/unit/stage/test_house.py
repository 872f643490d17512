"""What a house keeps in mind of spaces that are over is bounded."""

from __future__ import annotations

import asyncio
from pathlib import Path

from harness.clock import ManualClock
from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core.ids import AccountId, SpaceId
from rostra.core.settings import Settings
from rostra.stage.air import Air
from rostra.stage.hold_files import HoldFiles
from rostra.stage.house import House
from rostra.stage.ice import Network
from rostra.stage.tapes import Tapes
from rostra.stage.told import MOST_OVER


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


async def test_a_house_that_has_heard_of_many_ended_spaces_keeps_the_newest(tmp_path: Path) -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        house = House(
            settings=Settings(data=tmp_path),
            network=Network,
            hold_files=HoldFiles(tmp_path / "hold"),
            air=Air(Tapes(tmp_path, clock, 0), clock=clock),
            clock=clock,
            publish=lambda report: None,
            group=group,
        )
        for number in range(MOST_OVER + 10):
            house.follow(ended(number))
        while house._tasks:
            await asyncio.sleep(0)
    assert not house._told.is_over(SpaceId("s9"))
    assert house._told.is_over(SpaceId("s10"))
    assert len(house._locks) == 0
