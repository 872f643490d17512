"""A seat is kept through a relief, whoever dies meanwhile: real processes that do nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from harness.waiting import until
from rostra.bus.messages import EdgeRoom
from rostra.core.clock import SystemClock
from rostra.serve import keeper as keepers
from rostra.serve.keeper import Keeper
from rostra.serve.launch import Launch
from rostra.serve.process import RoleProcess
from rostra.serve.roles import Seat

SEAT = Seat("edge", 0, "nothing:run", 0)
BACKOFF_S = 0.1
"""A death is followed by a pause of twice this."""
PAST_THE_PAUSE_S = 3 * BACKOFF_S


class Kept:
    """A seat that is kept, and all the processes that were started for it, the newest last."""

    def __init__(self, pids: Path) -> None:
        self.started: list[RoleProcess] = []
        self.steered: list[bool] = []
        self._pids = pids
        self._stopping = asyncio.Event()
        self.keeper = Keeper(
            SEAT, start=self._start, steer=self.steered.append, clock=SystemClock(), stopping=self._stopping
        )
        self._running = asyncio.create_task(self.keeper.run())

    async def _start(self, number: int) -> RoleProcess:
        launch = Launch(SEAT.role, number, SEAT.entry, (), "{}")
        self.started.append(await RoleProcess.start(launch, name=SEAT.name, pids=self._pids))
        return self.started[-1]

    async def have_started(self, count: int) -> None:
        async def so_many() -> bool:
            return len(self.started) == count

        await until(so_many, what=f"{count} processes have started", within_s=5)

    async def relieving(self) -> asyncio.Task[bool]:
        """Begin to relieve whoever has the seat."""
        count = len(self.started)
        relieving = asyncio.create_task(self.keeper.relieve())
        await self.have_started(count + 1)
        return relieving

    async def serves(self, process: RoleProcess) -> None:
        """A relief says that it serves, and newcomers go to it."""
        self.keeper.heard(EdgeRoom(worker=process.number, pid=process.pid, has_room=True, connections=0))
        await self._steers(True, since=len(self.steered))

    async def dies(self, process: RoleProcess) -> None:
        """It is killed, and its keeper has seen it: newcomers go elsewhere for now."""
        since = len(self.steered)
        os.kill(process.pid, signal.SIGKILL)
        await self._steers(False, since=since)

    async def _steers(self, open_: bool, *, since: int) -> None:
        async def does() -> bool:
            return open_ in self.steered[since:]

        await until(does, what=f"newcomers are welcome: {open_}", within_s=5, poll_s=0.005)

    async def stop(self) -> None:
        self._stopping.set()
        await asyncio.wait_for(self._running, 10)


@pytest_asyncio.fixture
async def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kept]:
    role = tmp_path / "role"
    role.write_text("#!/bin/sh\nexec sleep 60\n")
    role.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(role))
    monkeypatch.setattr(keepers, "BACKOFF_FIRST_S", BACKOFF_S)
    (tmp_path / "pids").mkdir()
    kept = Kept(tmp_path / "pids")
    try:
        await kept.have_started(1)
        yield kept
    finally:
        await kept.stop()
        left = [process for process in kept.started if not process.ended.done()]
        for process in left:
            os.kill(process.pid, signal.SIGKILL)
            await process.ended
        assert not left, "whatever was started is stopped"


@pytest.mark.parametrize("after_s", [0.0, PAST_THE_PAUSE_S], ids=["at once", "after the pause"])
async def test_a_relief_has_the_seat_alone_when_the_other_dies_before_it_serves(
    kept: Kept, after_s: float
) -> None:
    relieving = await kept.relieving()
    first, relief = kept.started
    await kept.dies(first)
    await asyncio.sleep(after_s)
    await kept.serves(relief)
    assert await relieving
    await asyncio.sleep(PAST_THE_PAUSE_S)
    assert kept.started == [first, relief]
    await kept.dies(relief)
    await kept.have_started(3)


async def test_a_seat_whose_relief_dies_as_well_is_taken_by_another(kept: Kept) -> None:
    relieving = await kept.relieving()
    first, relief = kept.started
    await kept.dies(first)
    os.kill(relief.pid, signal.SIGKILL)
    assert not await relieving
    await kept.have_started(3)


async def test_a_relief_that_dies_while_the_other_still_leaves_is_followed_by_another_of_its_number(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = asyncio.Event()

    async def leaves_slowly(self: RoleProcess) -> None:
        await left.wait()
        await self.stop()

    monkeypatch.setattr(RoleProcess, "retire", leaves_slowly)
    relieving = await kept.relieving()
    first, relief = kept.started
    await kept.serves(relief)
    await kept.dies(relief)
    await kept.have_started(3)
    assert not first.ended.done()
    assert [process.number for process in kept.started] == [0, 1, 1]
    left.set()
    assert await relieving


async def test_a_relief_that_does_not_serve_yet_is_stopped_with_the_rest(kept: Kept) -> None:
    relieving = await kept.relieving()
    await kept.dies(kept.started[0])
    await kept.stop()
    assert [process.ended.done() for process in kept.started] == [True, True]
    assert not await relieving
