"""More people at the door than there are places, on real sockets: everyone gets audio or a place in line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bench.door.crowd import Crowd, come
from bench.edge.compiled import build_stampede

from harness.deployment import Deployment
from harness.evening import Evening
from harness.listening import listening
from harness.sound import LOW_HZ
from harness.voices import speaking
from rostra.rehearsal.sound import Tone

EARLIER = 2
"""Who listens before the crowd: the harness's own look at the edge, and a listener."""


async def stampede(folder: Path, *, places: int, arrivals: int, over_s: float, seconds: float) -> Crowd:
    """Bring the crowd to a live space with a listener in it, who must miss nothing."""
    program = await asyncio.to_thread(build_stampede, folder / "bin")
    async with Deployment(folder, capacity=places, stage_first=True) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            async with listening(evening) as listener:
                crowd = await come(
                    program,
                    f"{site.door}/s/{evening.space}",
                    edge_port=site.edge_port,
                    arrivals=arrivals,
                    over_s=over_s,
                    seconds=seconds,
                    places=places - EARLIER,
                )
                assert listener.hearing.gaps == 0
                assert listener.reconnects == 0
                assert listener.joins == 1
    return crowd


def assert_everybody_was_served(crowd: Crowd, *, places: int, arrivals: int) -> None:
    assert crowd.joins == arrivals
    assert (crowd.lost, crowd.refused, crowd.nonsense) == (0, 0, 0), crowd.first_wrong
    assert crowd.untold == 0, "everybody has audio or a place"
    assert crowd.most_inside <= places - EARLIER + 1, "the harness's look at the edge may be over by now"
    assert crowd.holding == arrivals - crowd.admitted
    assert (crowd.cut, crowd.silent) == (0, 0)


@pytest.mark.timeout(180)
async def test_a_thousand_come_to_a_door_with_room_for_a_hundred(tmp_path: Path) -> None:
    crowd = await stampede(tmp_path, places=100, arrivals=1_000, over_s=2, seconds=15)
    assert_everybody_was_served(crowd, places=100, arrivals=1_000)
    assert crowd.inside >= 0.95 * (100 - EARLIER)
    assert crowd.places_least == crowd.places_most == 100


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_fifty_thousand_come_to_a_door_with_room_for_five_thousand(tmp_path: Path) -> None:
    crowd = await stampede(tmp_path, places=5_000, arrivals=50_000, over_s=10, seconds=90)
    assert_everybody_was_served(crowd, places=5_000, arrivals=50_000)
    assert crowd.late == 0, "nobody inside hears nothing for two seconds"
    assert 0 <= crowd.full_after_s <= 30, "by the crowd's own clock, places are used half a minute later"
    assert crowd.inside >= 0.95 * 5_000
