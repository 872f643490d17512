"""What a seat does when its process cannot even begin."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
import uvloop

from rostra.core.clock import SystemClock
from rostra.serve.keeper import Keeper
from rostra.serve.launch import Launch
from rostra.serve.process import RoleProcess
from rostra.serve.roles import Seat

TRIES = 100
SEAT = Seat("stage", 0, "nothing:run", 0)


def test_a_process_that_dies_at_once_has_ended_and_breaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    launch = Launch("stage", 0, "nothing:run", (), "{}")

    async def again_and_again() -> set[int]:
        statuses = set()
        for _ in range(TRIES):
            started = await RoleProcess.start(launch, name="stage-0", pids=tmp_path)
            statuses.add(await started.ended)
        return statuses

    assert uvloop.run(again_and_again()) == {1}  # the loop that serves: its pipes refuse once closed


async def test_whatever_keeps_a_role_from_starting_it_is_tried_again() -> None:
    stopping, tries = asyncio.Event(), 0

    async def start(number: int) -> RoleProcess:
        nonlocal tries
        tries += 1
        if tries == 2:
            stopping.set()
        raise RuntimeError("the handler is closed")

    await asyncio.wait_for(
        Keeper(SEAT, start=start, clock=SystemClock(), stopping=stopping).run(), timeout=10
    )
    assert tries == 2
