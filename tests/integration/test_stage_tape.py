"""What a stage puts on its tape: silence, events, gaps, ends; and a disk that fills up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.hall import ADA, ADA_HZ, SPACE, Hall, decode, open_hall, until
from rostra.bus.client import RemoteError
from rostra.bus.messages import (
    STAGE_ERASE,
    AudienceNote,
    Done,
    Erase,
    Lifecycle,
    Notice,
    audience_note,
)
from rostra.core.ids import RunId
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.media import events
from rostra.tape import disk
from rostra.tape.reader import TapeReader


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path) as hall:
        yield hall


async def test_going_live_twice_and_ending_twice_answer_the_same(hall: Hall) -> None:
    live = await hall.go_live()
    assert await hall.go_live() == live
    await asyncio.sleep(0.5)
    ended = await hall.end(live.run)
    assert await hall.end(live.run) == ended
    await until(lambda: hall.report is not None and hall.report.finished == ended.recording)
    with pytest.raises(RemoteError) as refused:
        await hall.end(RunId("zzzzzzzz"))
    assert refused.value.status == 404


async def test_silence_flows_and_is_no_news_when_nobody_speaks(hall: Hall) -> None:
    live = await hall.go_live()
    await until(lambda: hall.report is not None and hall.report.live)
    before = hall.reports
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + 2 * 5)
    assert hall.reports - before <= 1


async def test_events_on_the_tape_tell_who_speaks_and_how_many_listen(hall: Hall) -> None:
    await hall.talker(ADA, ADA_HZ)
    await until(lambda: hall.report is not None and any(s.speaking for s in hall.report.speakers))
    live = await hall.go_live()
    hall.bus.publish(audience_note(SPACE), AudienceNote(space=SPACE, listeners=77))
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + 2 * 4)
    chunks = [reader.read(record) for record in reader.records()[1:] if record.rendition == 0]
    seen = events.seen_at(chunks, QUANTUM * len(chunks))
    assert seen is not None
    assert [(person.id, person.role) for person in seen.speakers] == [(ADA, "host")]
    assert seen.speaking == (ADA,)
    assert seen.listeners == 77


async def test_after_a_restart_the_tape_goes_on_with_a_gap_at_the_present_position(hall: Hall) -> None:
    live = await hall.go_live()
    hall.tell(Lifecycle.LIVE, live)
    await asyncio.sleep(1)
    await hall.stop()
    parked = len(TapeReader.open(hall.folder(live.run)).records())
    await asyncio.sleep(1)
    hall.start()
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= parked + 2 * 8)
    behind_s = time.time() - (
        live.anchor_utc_ns / 1e9 + (len(reader.records()) - 1) / 2 * QUANTUM / SAMPLE_RATE
    )
    assert -0.1 < behind_s < 1
    ended = await hall.end(live.run)
    kinds = [record.kind.name for record in reader.records() if record.rendition == 0]
    assert "GAP" in kinds
    assert kinds[-2] == "CHUNK"
    assert len(decode(hall.folder(live.run) / "opus32.mp4")) == ended.recording.duration_samples


async def test_a_tape_that_ended_while_control_looked_away_is_reported(hall: Hall) -> None:
    live = await hall.go_live()
    await asyncio.sleep(0.5)
    ended = await hall.end(live.run)
    await hall.stop()
    hall.report = None
    hall.tell(Lifecycle.LIVE, live)
    hall.start()
    await until(lambda: hall.report is not None and hall.report.finished == ended.recording)


async def test_a_full_disk_ends_the_tape_cleanly_sends_people_home_and_says_so(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    live = await hall.go_live()
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + 2 * 2)
    monkeypatch.setattr(disk, "free_bytes", lambda _: 0)
    await until(lambda: hall.report is not None and hall.report.finished is not None)
    assert hall.report is not None
    assert hall.report.finished is not None
    assert "disk is full" in hall.report.reason
    assert len(decode(hall.folder(live.run) / "opus32.mp4")) == hall.report.finished.duration_samples
    await until(lambda: ada.state == "closed")
    assert (await hall.end(live.run)).recording == hall.report.finished


async def test_a_stage_that_returns_to_a_full_disk_ends_the_tape_where_it_was(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await hall.go_live()
    hall.tell(Lifecycle.LIVE, live)
    await asyncio.sleep(0.6)
    await hall.stop()
    monkeypatch.setattr(disk, "free_bytes", lambda _: 0)
    hall.start()
    await until(lambda: hall.report is not None and hall.report.finished is not None)
    assert hall.report is not None
    assert "disk is full" in hall.report.reason


async def test_a_recording_is_erased_once_it_has_ended_and_asked_again_the_answer_is_the_same(
    hall: Hall,
) -> None:
    live = await hall.go_live()
    erase = Erase(space=SPACE, run=live.run)
    with pytest.raises(RemoteError) as refused:
        await hall.bus.request(STAGE_ERASE, erase, Done)
    assert refused.value.code == "tape_running"
    await hall.end(live.run)
    assert hall.folder(live.run).is_dir()
    for _ in range(2):
        await hall.bus.request(STAGE_ERASE, erase, Done)
        assert not hall.folder(live.run).parent.exists()


async def test_a_notice_is_on_the_tape_within_two_seconds(hall: Hall) -> None:
    live = await hall.go_live()
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + 2 * 2)
    said = time.time_ns() // 1_000_000
    hall.tell(Lifecycle.LIVE, live, Notice(notice="nnnnnnnn", text="We begin soon.", at=said, author="Ada"))

    def told() -> bool:
        chunks = [reader.read(record) for record in reader.records()[1:] if record.rendition == 0]
        seen = events.seen_at(chunks, QUANTUM * len(chunks))
        return seen is not None and seen.notice is not None and seen.notice.text == "We begin soon."

    await until(told, timeout_s=2)
