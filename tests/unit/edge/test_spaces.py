"""A worker outlives whatever becomes of the spaces it serves."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.bus.messages import Lifecycle, Removed, SpaceState
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.edge.programme import Programme
from rostra.edge.spaces import Spaces
from rostra.tape import TapeWriter

SPACE, RUN = SpaceId("space23456"), RunId("run23456")
LIVE = SpaceState(
    space=SPACE,
    revision=1,
    lifecycle=Lifecycle.LIVE,
    title="",
    description="",
    host=AccountId("host23456"),
    host_name="",
    starts_at=0,
    time_zone="UTC",
    run=RUN,
)


async def finished(_: Path) -> None:
    """Nothing to do."""


async def test_a_space_removed_while_it_is_seen_to_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock()
    writer = TapeWriter.create(tmp_path / SPACE / RUN, programme.genesis(), clock=clock)
    writer.append(programme.quanta()[0])
    async with asyncio.TaskGroup() as group:
        spaces = Spaces(tmp_path, group=group, clock=clock, finished=finished)
        spaces.take(LIVE)
        while not spaces.programmes:
            await asyncio.sleep(0)

        async def removed_meanwhile(_: Programme) -> None:
            spaces.take(Removed(space=SPACE))

        monkeypatch.setattr(Programme, "tick", removed_meanwhile)
        await spaces.tick()
        assert not spaces.programmes
    writer.close()
