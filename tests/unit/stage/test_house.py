"""What a house keeps in mind is bounded, it leaves no tape held, and no stage waits for another's music.

A disk or an encoder that fails is told of truly, and gone on after.
"""

from __future__ import annotations

import asyncio
import errno
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest

from harness.clock import ManualClock
from harness.sound import RATE, write_wav
from rostra.audio.frame import Sound
from rostra.audio.looping import seamless
from rostra.audio.music import shipped
from rostra.bus.messages import (
    End,
    Erase,
    GoLive,
    HoldLoop,
    Lifecycle,
    Offer,
    Role,
    SpaceState,
    StageReport,
)
from rostra.core import words
from rostra.core.clock import Clock, SystemClock
from rostra.core.errors import RostraError, SpaceOver
from rostra.core.ids import AccountId, RunId, SpaceId, SpeakerId
from rostra.core.settings import Settings
from rostra.stage import hold, hold_files
from rostra.stage.air import Air, Ready
from rostra.stage.hold_files import HoldFiles
from rostra.stage.house import House
from rostra.stage.ice import Network
from rostra.stage.postbox import Postbox
from rostra.stage.scene import Words
from rostra.stage.session import Stage
from rostra.stage.source.feed import Feed
from rostra.stage.tapes import Tapes
from rostra.stage.told import MOST_OVER
from rostra.tape import disk
from rostra.tape.genesis import EndDocument

SPACE = SpaceId("abcdefghjk")


def stage_of(house: House, space: SpaceId) -> Stage:
    stage = house.stages.get(space)
    assert stage is not None
    return stage


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


def house_of(
    tmp_path: Path,
    clock: Clock,
    air: Air,
    group: asyncio.TaskGroup,
    publish: Callable[[StageReport], None] = lambda report: None,
) -> House:
    return House(
        settings=Settings(data=tmp_path),
        network=Network,
        postbox=Postbox(),
        hold_files=HoldFiles(tmp_path / "hold"),
        air=air,
        clock=clock,
        publish=publish,
        seat_lost=lambda lost: None,
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
    assert len(house.runs._locks) == 0


class SlowAir(Air):
    """Holds what it has brought back until told."""

    def __init__(self, tapes: Tapes, *, clock: ManualClock) -> None:
        super().__init__(tapes, clock=clock)
        self.brought_back, self.go_on = asyncio.Event(), asyncio.Event()

    async def resume(self, space: SpaceId, run: RunId, words: Words | None = None) -> Ready | EndDocument:
        ready = await super().resume(space, run, words)
        self.brought_back.set()
        await self.go_on.wait()
        return ready


async def test_a_tape_brought_back_while_the_house_stops_is_free_for_whoever_comes_after(
    tmp_path: Path,
) -> None:
    clock = ManualClock()
    kept, space = Tapes(tmp_path, clock, 0), SPACE
    begun = await Air(kept, clock=clock).begin(space, "A talk")
    begun.programme.park()
    run, air = begun.programme.genesis.run, SlowAir(kept, clock=clock)
    async with asyncio.TaskGroup() as group, asyncio.timeout(10):
        house = house_of(tmp_path, clock, air, group)
        house.follow(msgspec.structs.replace(ended(1), space=space, lifecycle=Lifecycle.LIVE, run=run))
        await air.brought_back.wait()
        stopping = asyncio.create_task(house.stop())
        await asyncio.sleep(0)
        air.go_on.set()
        await stopping
        kept.resume(space, run).close()


async def test_music_is_made_ready_beside_the_thread_in_which_all_stages_tick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, int]] = []

    def noting(make: Callable[..., Sound]) -> Callable[..., Sound]:
        def noted(*args: Sound) -> Sound:
            made.append((make.__name__, threading.get_ident()))
            return make(*args)

        return noted

    for module in (hold, hold_files):
        monkeypatch.setattr(module, "shipped", noting(shipped), raising=False)
        monkeypatch.setattr(module, "seamless", noting(seamless), raising=False)
    monkeypatch.setattr(hold, "AWAY_TICKS", 5)
    clock, space = SystemClock(), SPACE
    own = write_wav(tmp_path / "own.wav", 0.2 * np.sin(np.arange(3 * RATE) / 20)).read_bytes()
    async with asyncio.TaskGroup() as group, asyncio.timeout(30):
        house = house_of(tmp_path, clock, Air(Tapes(tmp_path, clock, 0), clock=clock), group)
        await house.runs.go_live(GoLive(space=space, title="A talk"))
        while not stage_of(house, space).hold.sounds:
            await asyncio.sleep(0.02)
        assert (await house.take_hold_loop(HoldLoop(space=space, file=own))).duration_ms == 3000
        await house.stop()
    assert [name for name, _ in made] == ["shipped", "seamless"]
    assert threading.get_ident() not in [thread for _, thread in made]


@asynccontextmanager
async def opened(tmp_path: Path) -> AsyncIterator[tuple[House, list[StageReport]]]:
    """A house that runs, and what it reports."""
    clock, reports = SystemClock(), list[StageReport]()
    async with asyncio.TaskGroup() as group, asyncio.timeout(20):
        air = Air(Tapes(tmp_path / "tapes", clock, 0), clock=clock)
        house = house_of(tmp_path, clock, air, group, reports.append)
        try:
            yield house, reports
        finally:
            await house.stop()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


def is_live(run: RunId) -> SpaceState:
    return msgspec.structs.replace(ended(1), space=SPACE, lifecycle=Lifecycle.LIVE, run=run)


def comes_back() -> Offer:
    return Offer(space=SPACE, speaker=SpeakerId("adaadaada"), name="Ada", role=Role.HOST, sdp="")


def refuses(number: int) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "no")

    return refuse


class BrokenEncoder:
    """Raises what PyAV does, which is no OSError."""

    def push(self, samples: Sound) -> None:
        raise ValueError("Invalid argument")

    def drain(self, *, partial: bool) -> None:
        raise ValueError("Invalid argument")


async def test_a_stage_whose_encoder_fails_goes_on_with_its_tape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as (house, reports):
        live = await house.runs.go_live(GoLive(space=SPACE, title="A talk"))
        broken = stage_of(house, SPACE)
        monkeypatch.setattr(broken.programme, "_encoder", BrokenEncoder())
        await until(lambda: broken.closed)
        reports.clear()
        await until(lambda: reports and reports[-1].live)
        assert reports[-1].run == live.run


async def test_whoever_comes_back_after_a_tape_ended_by_itself_is_told_so_and_backstage_reads_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as (house, reports):
        house.seat(comes_back(), Feed())
        live = await house.runs.go_live(GoLive(space=SPACE, title="A talk"))
        house.follow(is_live(live.run))
        monkeypatch.setattr(disk, "free_bytes", lambda _: 0)
        await until(lambda: reports and reports[-1].finished)
        with pytest.raises(SpaceOver):
            house.seat(comes_back(), Feed())
        house.follow(is_live(live.run))
        with pytest.raises(SpaceOver):
            house.seat(comes_back(), Feed())
        await asyncio.sleep(0.3)
        assert reports[-1].finished is not None


async def test_whoever_comes_back_after_a_tape_was_lost_is_told_so_and_backstage_reads_that(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (house, reports):
        house.follow(is_live(RunId("run23456")))
        await until(lambda: reports and reports[-1].lost)
        with pytest.raises(SpaceOver):
            house.seat(comes_back(), Feed())
        house.follow(msgspec.structs.replace(is_live(RunId("run23456")), lifecycle=Lifecycle.LOBBY, run=None))
        house.seat(comes_back(), Feed())


@pytest.mark.parametrize(
    ("number", "key", "status"),
    [
        pytest.param(errno.ENOSPC, "error.disk_full.begin", 507, id="full"),
        pytest.param(errno.EROFS, "error.tape_failed.begin", 500, id="read-only"),
    ],
)
async def test_a_host_whose_disk_lets_nothing_begin_reads_that_nothing_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, key: str, status: int
) -> None:
    async with opened(tmp_path) as (house, _):
        with monkeypatch.context() as broken:
            broken.setattr(disk, "write_document", refuses(number))
            with pytest.raises(RostraError) as refused:
                await house.runs.go_live(GoLive(space=SPACE, title="A talk"))
        assert (refused.value.said("es"), refused.value.status) == (words.say("es", key), status)
        assert house.stages.get(SPACE) is None
        await house.runs.go_live(GoLive(space=SPACE, title="A talk"))


async def test_a_host_reads_that_a_disk_has_no_room_for_a_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as (house, _):
        monkeypatch.setattr(disk, "free_bytes", lambda _: 0)
        with pytest.raises(RostraError) as refused:
            await house.runs.go_live(GoLive(space=SPACE, title="A talk"))
        assert refused.value.sentence == words.say("en", "error.disk_full.begin")


@pytest.mark.parametrize("on_stage", [True, False])
@pytest.mark.parametrize(
    ("number", "key"),
    [
        pytest.param(errno.ENOSPC, "error.disk_full.end", id="full"),
        pytest.param(errno.EIO, "error.tape_failed.end", id="broken"),
    ],
)
async def test_a_host_whose_disk_lets_nothing_end_reads_that_it_ends_by_itself_and_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, key: str, on_stage: bool
) -> None:
    async with opened(tmp_path) as (house, reports):
        if on_stage:
            run = (await house.runs.go_live(GoLive(space=SPACE, title="A talk"))).run
        else:
            programme = (await house.runs._air.begin(SPACE, "A talk")).programme
            programme.park()
            run = programme.genesis.run
        with monkeypatch.context() as broken:
            broken.setattr(disk, "write_document", refuses(number))
            with pytest.raises(RostraError) as refused:
                await house.runs.end(End(space=SPACE, run=run))
        assert refused.value.said("es") == words.say("es", key)
        await until(lambda: reports and reports[-1].finished)
        assert reports[-1].run == run


async def test_a_recording_that_the_disk_does_not_let_go_is_said_not_to_be_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as (house, _):
        run = (await house.runs.go_live(GoLive(space=SPACE, title="A talk"))).run
        await house.runs.end(End(space=SPACE, run=run))
        with monkeypatch.context() as broken:
            broken.setattr(shutil, "rmtree", refuses(errno.EIO))
            with pytest.raises(RostraError) as refused:
                await house.runs.erase(Erase(space=SPACE, run=run))
        assert refused.value.said("es") == words.say("es", "error.tape_failed.erase")
        await house.runs.erase(Erase(space=SPACE, run=run))
        assert list((tmp_path / "tapes").iterdir()) == []
