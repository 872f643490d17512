"""A worker outlives whatever becomes of the spaces it serves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from msgspec import structs

from harness import programme
from harness.clock import ManualClock
from rostra.bus.messages import Lifecycle, Removed, Visibility
from rostra.core.ids import SpaceId
from rostra.edge.programme import Programme
from rostra.edge.spaces import KEPT_LOST_NS, Spaces
from rostra.tape import TapeWriter
from rostra.tape.genesis import INDEX
from rostra.tape.record import RECORD_BYTES
from unit.edge.states import LIVE, RUN, SPACE
from unit.edge.test_pace import Client

OTHER = SpaceId("other23456")


Lost = Callable[[Path], contextlib.AbstractContextManager[None]]


async def finished(_: Path) -> None:
    """Nothing to do."""


@contextlib.asynccontextmanager
async def two_live(tapes: Path) -> AsyncIterator[tuple[Spaces, dict[SpaceId, TapeWriter]]]:
    """Two spaces that are live, each with a quantum on its tape."""
    clock, writers = ManualClock(), {}
    for space in (SPACE, OTHER):
        writers[space] = TapeWriter.create(tapes / space / RUN, programme.genesis(), clock=clock)
        writers[space].append(programme.quanta()[0])
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        spaces = Spaces(tapes, group=group, clock=clock, finished=finished)
        for space in writers:
            spaces.take(structs.replace(LIVE, space=space))
        while len(spaces.programmes) < len(writers):
            await asyncio.sleep(0)
        yield spaces, writers
        spaces.close()
    for writer in writers.values():
        writer.close()


def listen(live: Programme) -> Client:
    return Client(live.renditions["aac64"].segments, 0, 0, 0)


@pytest.mark.parametrize("failing", ["follow", "tick"])
async def test_a_fault_in_one_space_breaks_off_its_listeners_and_nobody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    async with two_live(tmp_path) as (spaces, writers):
        faulty, sound = (spaces.programme(space) for space in (SPACE, OTHER))
        assert faulty is not None
        assert sound is not None
        broken_off, others = listen(faulty), listen(sound)

        def fault() -> None:
            raise KeyError("a fault of ours")

        monkeypatch.setattr(faulty.renditions["aac64"], "due", fault)
        monkeypatch.setattr(faulty.renditions["aac64"].playlist, "expired", lambda _: fault())
        if failing == "tick":
            await spaces.tick()
        else:
            writers[SPACE].append(programme.quanta()[1])
        while spaces.programme(SPACE) in {faulty, None}:
            await asyncio.sleep(0.01)
        assert broken_off.exchange.closed, "who may lack something asks again"
        renewed = spaces.programme(SPACE)
        assert renewed is not None
        again = listen(renewed)
        for space in (SPACE, OTHER):
            writers[space].append(programme.quanta()[1])
            writers[space].finish()
        while not (again.exchange.closed and others.exchange.closed):
            await asyncio.sleep(0.01)
        assert others.body
        assert again.body.startswith(others.body)


async def test_a_space_that_is_private_from_the_start_or_becomes_so_says_it_of_its_answers(
    tmp_path: Path,
) -> None:
    async with two_live(tmp_path) as (spaces, _):
        private = structs.replace(LIVE, visibility=Visibility.PRIVATE)
        spaces.take(private)
        for space, who in ((SPACE, b"private"), (OTHER, b"public")):
            live = spaces.programme(space)
            assert live is not None
            assert b"\r\nCache-Control: " + who in listen(live).channel.written
        spaces.take(Removed(space=SPACE))
        spaces.take(private)
        while (live := spaces.programme(SPACE)) is None:
            await asyncio.sleep(0)
        assert b"\r\nCache-Control: private" in listen(live).channel.written


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


@pytest.mark.parametrize("before", [None, Lifecycle.PUBLISHED, Lifecycle.HELD])
async def test_a_recording_that_is_hidden_or_deleted_is_withdrawn(
    tmp_path: Path, before: Lifecycle | None
) -> None:
    """Also one that was hidden when it was deleted, of which this worker hears then first."""
    withdrawn: list[Path] = []
    async with asyncio.TaskGroup() as group:
        spaces = Spaces(
            tmp_path, group=group, clock=ManualClock(), finished=finished, withdrawn=withdrawn.append
        )
        if before is not None:
            spaces.take(structs.replace(LIVE, lifecycle=before))
            assert withdrawn == []
            spaces.take(Removed(space=SPACE))
            assert withdrawn == [tmp_path / SPACE / RUN]
            withdrawn.clear()
        deleted = structs.replace(LIVE, lifecycle=Lifecycle.DELETED)
        for _ in range(2):
            spaces.take(deleted)
        assert withdrawn == [tmp_path / SPACE / RUN]
        spaces.close()


@pytest.mark.parametrize("is_there", [True, False])
async def test_where_the_tape_is_lost_who_listens_is_let_go_and_nothing_is_tried_for_ever(
    tmp_path: Path, is_there: bool
) -> None:
    """It ends without an end record, or its folder is gone before this worker has seen it."""
    clock = ManualClock()
    writer = TapeWriter.create(tmp_path / SPACE / RUN, programme.genesis(), clock=clock)
    writer.append(programme.quanta()[0])
    if not is_there:
        shutil.rmtree(tmp_path / SPACE)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        spaces = Spaces(tmp_path, group=group, clock=clock, finished=finished)
        spaces.take(LIVE)
        await asyncio.sleep(0.01)
        listeners = [listen(live) for _, live in spaces.programmes]
        assert len(listeners) == is_there
        clock.advance(ms=5_000)
        ended_at = clock.utc_ns() // 1_000_000
        lost = structs.replace(
            LIVE, lifecycle=Lifecycle.ENDED, ended_at=ended_at, ended_reason="unknown_tape"
        )
        spaces.take(lost)
        clock.advance(ns=KEPT_LOST_NS - 1_000_000)
        await spaces.tick()
        assert len(spaces.programmes) == is_there, "who is a little behind hears the rest"
        clock.advance(ms=2)
        await spaces.tick()
        spaces.take(lost)
        await spaces.tick()
        assert not spaces.programmes
        assert all(each.exchange.closed for each in listeners)
    writer.close()


async def test_a_stage_that_is_away_for_long_loses_nobody_while_the_space_is_live(tmp_path: Path) -> None:
    clock = ManualClock()
    made = TapeWriter.create(tmp_path / SPACE / RUN, programme.genesis(), clock=clock)
    with contextlib.closing(made) as writer:
        writer.append(programme.quanta()[0])
        async with asyncio.TaskGroup() as group:
            spaces = Spaces(tmp_path, group=group, clock=clock, finished=finished)
            spaces.take(LIVE)
            while not spaces.programmes:
                await asyncio.sleep(0)
            clock.advance(ms=3_600_000)
            await spaces.tick()
            assert spaces.programmes
            spaces.close()


async def turns() -> None:
    """Time for some tries to open a tape or to follow it, where a worker tries again at once."""
    for _ in range(20):
        await asyncio.sleep(0)


@contextlib.contextmanager
def damaged(tape: Path) -> Iterator[None]:
    """Meanwhile whoever reads on comes upon a quantum of nonsense."""
    index = tape / INDEX
    whole = index.stat().st_size
    with index.open("ab") as file:
        file.write(bytes(len(programme.PAIR) * RECORD_BYTES))
    yield
    os.truncate(index, whole)


@contextlib.contextmanager
def gone(tape: Path) -> Iterator[None]:
    """Meanwhile there is no such tape."""
    tape.rename(tape.with_name("elsewhere"))
    yield
    tape.with_name("elsewhere").rename(tape)


async def test_a_tape_that_cannot_be_read_holds_no_files_open_and_is_heard_once_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rostra.edge.spaces._AGAIN_S", 0)
    clock, tape = ManualClock(), tmp_path / SPACE / RUN
    with contextlib.closing(TapeWriter.create(tape, programme.genesis(), clock=clock)) as writer:
        writer.append(programme.quanta()[0])
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        spaces = Spaces(tmp_path, group=group, clock=clock, finished=finished)
        with damaged(tape):
            descriptors = len(os.listdir("/proc/self/fd"))
            spaces.take(LIVE)
            await turns()
            assert not spaces.programmes
            assert len(os.listdir("/proc/self/fd")) <= descriptors
        while not spaces.programmes:
            await asyncio.sleep(0)
        spaces.close()


@pytest.mark.parametrize(
    ("lost", "was_heard"), [(gone, False), (damaged, False), (damaged, True)], ids=["gone", "unread", "heard"]
)
async def test_a_tape_that_is_lost_is_tried_no_more_once_its_space_is_long_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: Lost, was_heard: bool
) -> None:
    """Until there is reason to: it was mended, and its recording is for everyone now."""
    monkeypatch.setattr("rostra.edge.spaces._AGAIN_S", 0)
    clock, tape, prepared = ManualClock(), tmp_path / SPACE / RUN, asyncio.Event()

    async def prepare(_: Path) -> None:
        prepared.set()

    with contextlib.closing(TapeWriter.create(tape, programme.genesis(), clock=clock)) as writer:
        writer.append(programme.quanta()[0])
    others = asyncio.all_tasks()
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        spaces = Spaces(tmp_path, group=group, clock=clock, finished=prepare)
        if was_heard:
            spaces.take(LIVE)
            while not spaces.programmes:
                await asyncio.sleep(0)
        over = structs.replace(LIVE, lifecycle=Lifecycle.HELD, ended_at=clock.utc_ns() // 1_000_000)
        with lost(tape):
            for state in (LIVE, over):
                spaces.take(state)
                await turns()
                assert asyncio.all_tasks() - others, "it may come back"
                assert bool(spaces.programmes) is was_heard
            clock.advance(ms=60_000)
            while asyncio.all_tasks() - others:
                await spaces.tick()
                await asyncio.sleep(0)
            assert not spaces.programmes
            assert not prepared.is_set()
        TapeWriter.resume(tape, clock=clock).finish()
        spaces.take(structs.replace(over, lifecycle=Lifecycle.PUBLISHED))
        await prepared.wait()
        assert spaces.programmes
        spaces.close()
