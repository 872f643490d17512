"""Media time is UTC at the anchor, and again after an outage."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from rostra.audio.frame import silence
from rostra.bus.messages import StageReport
from rostra.core.clock import ManualClock
from rostra.core.ids import RunId, SpaceId
from rostra.core.samples import QUANTUM, nanoseconds
from rostra.stage.air import LEAD_NS, LONGEST_GAP_NS, TOO_LONG_AWAY, Air, Ready
from rostra.stage.programme import Programme
from rostra.stage.scene import Scene
from rostra.stage.session import Stage
from rostra.stage.tapes import Tapes
from rostra.tape.genesis import EndDocument, UnknownTape
from rostra.tape.reader import TapeReader
from rostra.tape.record import Kind

SPACE = SpaceId("abcdefghjk")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def air(tmp_path: Path, clock: ManualClock) -> Air:
    return Air(Tapes(tmp_path, clock, 0), clock=clock)


async def begin(air: Air) -> Programme:
    ready = await air.begin(SPACE, "An evening")
    assert isinstance(ready, Ready)
    return ready.programme


async def test_sample_zero_is_the_same_moment_on_both_clocks(air: Air, clock: ManualClock) -> None:
    clock.advance(ms=12_345)
    ready = await air.begin(SPACE, "An evening")
    assert isinstance(ready, Ready)
    assert ready.zero_ns - clock.monotonic_ns() == LEAD_NS
    assert ready.programme.genesis.anchor_utc_ns - clock.utc_ns() == LEAD_NS
    ready.programme.close()


async def test_after_an_outage_the_programme_stands_at_the_present_utc(
    air: Air, clock: ManualClock, tmp_path: Path
) -> None:
    programme = await begin(air)
    programme.write(silence(3 * QUANTUM), Scene())
    programme.park()
    clock.advance(ms=60_000)
    ready = await air.resume(SPACE, programme.genesis.run)
    assert isinstance(ready, Ready)
    ahead_ns = ready.zero_ns + nanoseconds(ready.programme.samples) - clock.monotonic_ns()
    assert LEAD_NS <= ahead_ns < LEAD_NS + nanoseconds(QUANTUM)
    utc_of_next_ns = programme.genesis.anchor_utc_ns + nanoseconds(ready.programme.samples)
    assert utc_of_next_ns - clock.utc_ns() == ahead_ns
    ready.programme.close()
    records = TapeReader.open(tmp_path / SPACE / programme.genesis.run).records()
    kinds = [record.kind for record in records if record.rendition == 0]
    assert kinds[1:4] == [Kind.CHUNK] * 3
    assert set(kinds[4:]) == {Kind.GAP}


async def test_a_run_that_nobody_heard_of_is_gone_on_with_not_forgotten(air: Air, clock: ManualClock) -> None:
    programme = await begin(air)
    programme.park()
    clock.advance(ms=3_000)
    again = await begin(air)
    assert again.genesis == programme.genesis
    assert again.samples > 0
    again.close()


async def test_a_stage_away_for_too_long_ends_the_tape_where_it_was(air: Air, clock: ManualClock) -> None:
    programme = await begin(air)
    programme.write(silence(2 * QUANTUM), Scene())
    programme.park()
    clock.advance(ns=LONGEST_GAP_NS + 10**9)
    end = await air.resume(SPACE, programme.genesis.run)
    assert isinstance(end, EndDocument)
    assert (end.duration_samples, end.reason) == (2 * QUANTUM, TOO_LONG_AWAY)
    assert await air.resume(SPACE, programme.genesis.run) == end


async def test_a_clock_set_back_by_hours_does_not_stop_the_programme(air: Air, tmp_path: Path) -> None:
    programme = await begin(air)
    programme.write(silence(2 * QUANTUM), Scene())
    programme.park()
    earlier = ManualClock(utc_ns=programme.genesis.anchor_utc_ns - 7200 * 10**9)
    ready = await Air(Tapes(tmp_path, earlier, 0), clock=earlier).resume(SPACE, programme.genesis.run)
    assert isinstance(ready, Ready)
    assert ready.zero_ns + nanoseconds(ready.programme.samples) - earlier.monotonic_ns() < 10**9
    ready.programme.close()


@pytest.mark.parametrize("run", ["zzzzzzzz", "../../etc", ""])
async def test_a_tape_that_is_not_there_is_said_to_be_unknown(air: Air, run: str) -> None:
    with pytest.raises(UnknownTape):
        await air.resume(SPACE, RunId(run))
    with pytest.raises(UnknownTape):
        await air.end(SPACE, RunId(run))


async def test_a_process_that_stood_still_records_a_gap_and_goes_on_in_time(
    air: Air, clock: ManualClock, tmp_path: Path
) -> None:
    reports: list[StageReport] = []
    stage = Stage(SPACE, clock=clock, max_speakers=2, publish=reports.append)
    ready = await air.begin(SPACE, "An evening")
    assert isinstance(ready, Ready)
    stage.go_live(ready.programme, ready.zero_ns)
    running = asyncio.create_task(stage.run())
    reader = TapeReader.open(tmp_path / SPACE / ready.programme.genesis.run)

    async def advance_until(kinds: list[Kind]) -> None:
        async with asyncio.timeout(10):
            while [record.kind for record in reader.records() if record.rendition == 0][
                -len(kinds) :
            ] != kinds:
                clock.advance(ms=100)
                await asyncio.sleep(0.025)

    await advance_until([Kind.CHUNK] * 2)
    clock.advance(ms=10_000)
    await advance_until([Kind.GAP, Kind.CHUNK])
    behind_ns = clock.monotonic_ns() - ready.zero_ns - nanoseconds(ready.programme.samples)
    assert 0 <= behind_ns < 1.5 * 10**9
    assert await stage.end() is not None
    await running
    assert reports[-1].finished is not None
