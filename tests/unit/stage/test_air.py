"""Media time is UTC at the anchor, and again after an outage."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.clock import ManualClock
from rostra.audio.frame import silence
from rostra.bus.messages import Caption, StageReport, Why
from rostra.core.errors import DiskFull
from rostra.core.ids import RunId, SpaceId
from rostra.core.samples import QUANTUM, SAMPLE_RATE, TICK, nanoseconds
from rostra.media import events
from rostra.media.events import Notice, Person, Pinned
from rostra.stage.air import COMES_BACK_NS, LEAD_NS, LONGEST_GAP_NS, Air, Ready
from rostra.stage.programme import Programme
from rostra.stage.scene import Scene, Words
from rostra.stage.session import Stage
from rostra.stage.tapes import Tapes
from rostra.tape import disk
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


def stage_of(clock: ManualClock, publish: Callable[[StageReport], None]) -> Stage:
    return Stage(
        SPACE, clock=clock, max_speakers=2, most_speakers=1, publish=publish, interrupted=lambda _: None
    )


async def begin(air: Air) -> Programme:
    return (await air.begin(SPACE, "An evening")).programme


async def test_sample_zero_is_the_same_moment_on_both_clocks(air: Air, clock: ManualClock) -> None:
    clock.advance(ms=12_345)
    ready = await air.begin(SPACE, "An evening")
    assert ready.zero_ns - clock.monotonic_ns() == LEAD_NS
    assert ready.programme.genesis.anchor_utc_ns - clock.utc_ns() == LEAD_NS
    ready.programme.close()


async def test_after_an_outage_the_programme_stands_at_the_present_utc(
    air: Air, clock: ManualClock, tmp_path: Path
) -> None:
    programme = await begin(air)
    programme.write(silence(3 * QUANTUM), Scene)
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


async def test_what_was_said_last_before_a_restart_is_on_the_tape(
    air: Air, clock: ManualClock, tmp_path: Path
) -> None:
    programme = await begin(air)
    programme.write(silence(2 * QUANTUM + TICK), Scene)
    programme.park()
    clock.advance(ms=2_000)
    ready = await air.resume(SPACE, programme.genesis.run)
    assert isinstance(ready, Ready)
    ready.programme.close()
    records = TapeReader.open(tmp_path / SPACE / programme.genesis.run).records()
    kinds = [record.kind for record in records if record.rendition == 0]
    assert kinds[1:5] == [Kind.CHUNK] * 3 + [Kind.GAP]


SLIDES = Pinned(link="https://example.org/slides", label="Slides")
ADA = Person(id="ada", name="Ada", role="host")


def told_on(tape: Path) -> list[events.Event]:
    """All events of a tape so far, in order."""
    reader = TapeReader.open(tape)
    chunks = [record for record in reader.records() if record.kind in {Kind.CHUNK, Kind.GAP}]
    return [each for record in chunks if not record.rendition for each in events.read(reader.read(record))]


def notice(number: int, at_ms: int) -> Notice:
    return Notice(id=f"n{number}", text=f"Notice {number}", at_ms=at_ms, author="Ada")


async def test_over_a_restart_and_at_the_end_the_tape_says_of_notices_and_links_what_stands(
    air: Air, clock: ManualClock, tmp_path: Path
) -> None:
    programme = await begin(air)
    words = Words((notice(1, clock.utc_ns() // 1_000_000),), SLIDES, moved="elsewhere")
    scene = Scene((ADA,), words=words)
    programme.write(silence(2 * QUANTUM + TICK), lambda: scene)
    programme.park(scene)
    clock.advance(ms=10_000)
    ready = await air.resume(SPACE, programme.genesis.run, words)
    assert isinstance(ready, Ready)
    ready.programme.write(silence(QUANTUM + TICK), lambda: scene)
    ready.programme.finish(scene)
    ready.programme.close()
    told = told_on(tmp_path / SPACE / programme.genesis.run)
    assert {each.speakers for each in told if each.speakers is not None} == {(ADA,), ()}
    assert told[-1].speakers == (ADA,)
    seen = None
    for event in told:
        seen = events.apply(seen, event)
        assert (seen.notices, seen.pinned, seen.moved) == (("n1",), SLIDES, "elsewhere")


async def test_a_stage_that_has_heard_of_no_notices_yet_does_not_say_that_there_are_none(
    air: Air, clock: ManualClock, tmp_path: Path
) -> None:
    programme = await begin(air)
    programme.write(silence(2 * QUANTUM), lambda: Scene(words=Words(pinned=SLIDES)))
    programme.park()
    clock.advance(ms=10_000)
    again = await begin(air)
    again.finish()
    told = told_on(tmp_path / SPACE / programme.genesis.run)
    assert [each.pinned for each in told if each.pinned is not None] == [SLIDES]
    assert len(told) == 1


@pytest.mark.parametrize("parked", [False, True])
async def test_what_was_written_just_before_the_end_is_on_the_tape_all_of_it(
    air: Air, clock: ManualClock, tmp_path: Path, parked: bool
) -> None:
    programme = await begin(air)
    programme.write(silence(2 * QUANTUM + TICK), Scene)
    clock.advance(ms=500)
    three = tuple(notice(number, clock.utc_ns() // 1_000_000) for number in (3, 2, 1))
    leave = programme.park if parked else programme.finish
    leave(Scene(words=Words(three)))
    programme.close()
    told = [each.notice for each in told_on(tmp_path / SPACE / programme.genesis.run) if each.notice]
    assert told == list(three[::-1])


async def test_a_caption_written_after_a_gap_and_before_any_sound_is_on_the_tape(
    air: Air, clock: ManualClock, tmp_path: Path
) -> None:
    programme = await begin(air)
    programme.write(silence(2 * QUANTUM + TICK), Scene)
    programme.fill_gap(6 * QUANTUM)
    said = programme.moments.caption(
        Caption(space=SPACE, text="Goodbye", lang="en"), now_sample=programme.samples
    )
    programme.finish(Scene())
    programme.close()
    told = told_on(tmp_path / SPACE / programme.genesis.run)
    assert [each.captions for each in told if each.captions] == [(said,)]


async def test_a_run_that_nobody_heard_of_is_gone_on_with_not_forgotten(air: Air, clock: ManualClock) -> None:
    programme = await begin(air)
    programme.park()
    clock.advance(ms=3_000)
    again = await begin(air)
    assert again.genesis == programme.genesis
    assert again.samples > 0
    again.close()


async def test_going_live_hours_after_a_stage_died_at_it_begins_at_once_and_leaves_nothing_of_before(
    air: Air, clock: ManualClock, tmp_path: Path
) -> None:
    before = await begin(air)
    before.write(silence(2 * QUANTUM), Scene)
    before.park()
    clock.advance(ns=7200 * 10**9)
    again = await begin(air)
    assert again.genesis.run != before.genesis.run
    assert again.samples == 0
    assert [path.name for path in (tmp_path / SPACE).iterdir()] == [again.genesis.run]
    again.close()


async def test_what_a_live_stage_recorded_while_backstage_was_away_is_kept_when_the_space_begins_anew(
    air: Air, clock: ManualClock, tmp_path: Path
) -> None:
    before = await begin(air)
    before.write(silence((COMES_BACK_NS // nanoseconds(QUANTUM) + 2) * QUANTUM), Scene)
    before.park()
    clock.advance(ns=7200 * 10**9)
    again = await begin(air)
    assert again.samples == 0
    again.close()
    end = await air.end(SPACE, before.genesis.run)
    assert (end.reason, end.duration_samples) == (Why.STAGE_AWAY, before.samples)


async def test_a_live_space_goes_on_however_long_its_stage_was_away(air: Air, clock: ManualClock) -> None:
    programme = await begin(air)
    programme.park()
    clock.advance(ns=3600 * 10**9)
    ready = await air.resume(SPACE, programme.genesis.run)
    assert isinstance(ready, Ready)
    assert ready.programme.samples > 0
    ready.programme.close()


async def test_a_stage_away_for_too_long_ends_the_tape_where_it_was(air: Air, clock: ManualClock) -> None:
    programme = await begin(air)
    programme.write(silence(2 * QUANTUM), Scene)
    programme.park()
    clock.advance(ns=LONGEST_GAP_NS + 10**9)
    end = await air.resume(SPACE, programme.genesis.run)
    assert isinstance(end, EndDocument)
    assert (end.duration_samples, end.reason) == (2 * QUANTUM, Why.STAGE_AWAY)
    assert await air.resume(SPACE, programme.genesis.run) == end


async def test_a_clock_set_back_by_hours_does_not_stop_the_programme(air: Air, tmp_path: Path) -> None:
    programme = await begin(air)
    programme.write(silence(2 * QUANTUM), Scene)
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
    stage = stage_of(clock, reports.append)
    ready = await air.begin(SPACE, "An evening")
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


async def test_a_machine_that_slept_for_too_long_ends_the_tape_where_it_stopped(
    air: Air, clock: ManualClock, tmp_path: Path
) -> None:
    reports: list[StageReport] = []
    stage = stage_of(clock, reports.append)
    ready = await air.begin(SPACE, "An evening")
    stage.go_live(ready.programme, ready.zero_ns)
    running = asyncio.create_task(stage.run())
    await asyncio.sleep(0)
    clock.advance(ns=LONGEST_GAP_NS + 10**10)
    async with asyncio.timeout(5):
        await running
    assert reports[-1].reason == Why.STAGE_AWAY
    assert reports[-1].finished is not None
    assert reports[-1].finished.duration_samples <= QUANTUM


async def test_while_a_long_gap_is_filled_other_stages_keep_their_time(
    air: Air, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled_in: list[threading.Thread] = []
    fill = Programme.fill_gap

    def note(programme: Programme, until_sample: int, scene: Scene) -> None:
        filled_in.append(threading.current_thread())
        fill(programme, until_sample, scene)

    monkeypatch.setattr(Programme, "fill_gap", note)
    stage = stage_of(clock, lambda _: None)
    ready = await air.begin(SPACE, "An evening")
    stage.go_live(ready.programme, ready.zero_ns)
    running = asyncio.create_task(stage.run())
    await asyncio.sleep(0)
    clock.advance(ms=60_000)
    async with asyncio.timeout(5):
        while ready.programme.samples < 55 * SAMPLE_RATE:
            await asyncio.sleep(0.01)
    assert filled_in
    assert threading.main_thread() not in filled_in
    await stage.park()
    await running


async def test_an_end_that_failed_frees_the_tape(
    air: Air, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = await begin(air)
    run = programme.genesis.run
    programme.park()
    with monkeypatch.context() as patch:
        patch.setattr(disk, "write_document", full)
        with pytest.raises(DiskFull):
            await air.end(SPACE, run)
        with pytest.raises(DiskFull):
            await air.end(SPACE, run)
        clock.advance(ms=1000)
        patch.setattr(disk, "free_bytes", lambda _: 0)
        with pytest.raises(DiskFull):
            await air.resume(SPACE, run)
    assert (await air.end(SPACE, run)).duration_samples == 0


async def test_an_end_after_too_long_that_failed_frees_the_tape(
    air: Air, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = await begin(air)
    run = programme.genesis.run
    programme.park()
    clock.advance(ns=LONGEST_GAP_NS + 10**10)
    with monkeypatch.context() as patch:
        patch.setattr(disk, "write_document", full)
        with pytest.raises(DiskFull):
            await air.resume(SPACE, run)
    end = await air.resume(SPACE, run)
    assert isinstance(end, EndDocument)
    assert end.reason == Why.STAGE_AWAY


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
