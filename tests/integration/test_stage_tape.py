"""What a stage puts on its tape: silence, events, gaps, ends; and a disk that fills up."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.audience import seen_at
from harness.hall import ADA, ADA_HZ, SPACE, Hall, decode, open_hall, stands_out, until
from harness.small_disk import fill, make_room
from rostra.audio.encoding import ENCODINGS
from rostra.bus.client import RemoteError
from rostra.bus.messages import (
    STAGE_ERASE,
    AudienceNote,
    Done,
    Erase,
    Lifecycle,
    Notice,
    Why,
    audience_note,
)
from rostra.core.ids import RunId
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.stage import air, hold
from rostra.stage.hold import UNVISITED_END_S
from rostra.stage.runs import LONGEST_WAIT_S
from rostra.tape import disk, lock, verify_chain
from rostra.tape.reader import TapeReader
from rostra.tape.record import RECORD_BYTES, Kind


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


async def test_a_conversation_that_ends_at_once_has_a_recording_that_plays(hall: Hall) -> None:
    live = await hall.go_live()
    ended = await hall.end(live.run)
    assert ended.recording.duration_samples == QUANTUM
    for rendition in ("aac64", "opus32"):
        assert len(decode(hall.folder(live.run) / f"{rendition}.mp4")) == QUANTUM


async def test_silence_flows_and_is_no_news_when_nobody_speaks(hall: Hall) -> None:
    live = await hall.go_live()
    await until(lambda: hall.report is not None and hall.report.live)
    before = hall.reports
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + len(ENCODINGS) * 5)
    assert hall.reports - before <= 1


async def test_events_on_the_tape_tell_who_speaks_and_how_many_listen(hall: Hall) -> None:
    await hall.talker(ADA, ADA_HZ)
    await until(lambda: hall.report is not None and any(s.speaking for s in hall.report.speakers))
    live = await hall.go_live()
    hall.bus.publish(audience_note(SPACE), AudienceNote(space=SPACE, listeners=77))
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + len(ENCODINGS) * 4)
    chunks = [reader.read(record) for record in reader.records()[1:] if record.rendition == 0]
    seen = seen_at(chunks, QUANTUM * len(chunks))
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

    def since() -> list[str]:
        """What has come on the tape since, in one rendition."""
        return [record.kind.name for record in reader.records()[parked:] if record.rendition == 0]

    def behind_s() -> float:
        return time.time() - live.anchor_utc_ns / 1e9 - reader.next_sample / SAMPLE_RATE

    await until(lambda: since()[-4:] == ["CHUNK"] * 4 and -0.1 < behind_s() < 1, timeout_s=30)
    assert since()[0] == "GAP"
    ended = await hall.end(live.run)
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
    await until(lambda: len(reader.records()) >= 1 + len(ENCODINGS) * 2)
    monkeypatch.setattr(disk, "free_bytes", lambda _: 0)
    await until(lambda: hall.report is not None and hall.report.finished is not None)
    assert hall.report is not None
    assert hall.report.finished is not None
    assert hall.report.reason == Why.DISK_FULL
    assert len(decode(hall.folder(live.run) / "opus32.mp4")) == hall.report.finished.duration_samples
    await until(lambda: ada.state == "closed")
    assert (await hall.end(live.run)).recording == hall.report.finished


async def test_going_live_on_a_disk_that_is_all_but_full_is_refused_and_works_once_there_is_room(
    small_disk: Path,
) -> None:
    reserve = 8 * 1024 * 1024
    async with open_hall(small_disk, min_free_bytes=reserve) as hall:
        fill(small_disk, leaving=reserve + 1024 * 1024)
        ada = await hall.talker(ADA, ADA_HZ)
        with pytest.raises(RemoteError) as refused:
            await hall.go_live()
        assert (refused.value.code, refused.value.status) == ("disk_full", 507)
        await until(lambda: ada.state == "connected" and hall.report is not None)
        assert hall.report is not None
        assert (hall.report.live, hall.report.run, hall.report.finished) == (False, None, None)
        make_room(small_disk)
        live = await hall.go_live()
        assert os.listdir(hall.folder(live.run).parent) == [live.run]


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
    assert hall.report.reason == Why.DISK_FULL


async def test_while_music_plays_the_stage_tells_when_the_programme_ends_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "AWAY_TICKS", 10)
    async with open_hall(tmp_path, hold_end_s=600) as hall:
        live = await hall.go_live()
        hall.tell(Lifecycle.LIVE, live)
        await until(lambda: hall.report is not None and hall.report.hold)
        assert hall.report is not None
        assert abs(hall.report.hold_ends_at / 1000 - time.time() - UNVISITED_END_S) < 3
        before = hall.reports
        await asyncio.sleep(1)
        assert hall.reports - before <= 1, "a moment that stays is told once"
        await hall.stop()
        hall.report = None
        hall.start()
        await until(lambda: hall.report is not None and hall.report.hold)
        assert abs(hall.report.hold_ends_at / 1000 - time.time() - 600) < 3, "somebody may have been there"


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
    await until(lambda: len(reader.records()) >= 1 + len(ENCODINGS) * 2)
    said = time.time_ns() // 1_000_000
    hall.tell(Lifecycle.LIVE, live, Notice(notice="nnnnnnnn", text="We begin soon.", at=said, author="Ada"))

    def told() -> bool:
        chunks = [reader.read(record) for record in reader.records()[1:] if record.rendition == 0]
        seen = seen_at(chunks, QUANTUM * len(chunks))
        return seen is not None and seen.notice is not None and seen.notice.text == "We begin soon."

    await until(told, timeout_s=2)


class FullDisk:
    """Not a byte can be written, not even the end of a tape; until there is room again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refused = 0
        """Ends of a tape that could not be written."""
        self._patch = monkeypatch

    def fills_up(self) -> None:
        self._patch.setattr(disk, "free_bytes", lambda _: 0)
        self._patch.setattr(disk, "write_document", self._refuse)

    def has_room_again(self) -> None:
        self._patch.undo()

    def _refuse(self, *_: object) -> None:
        self.refused += 1
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


def in_trouble(hall: Hall) -> bool:
    return hall.report is not None and not hall.report.live and hall.report.reason == Why.OFF_AIR_DISK_FULL


async def test_on_a_disk_without_a_byte_people_stay_and_are_told_and_the_tape_goes_on_when_there_is_room(
    hall: Hall, full_disk: FullDisk
) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    live = await hall.go_live()
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + len(ENCODINGS) * 2)
    full_disk.fills_up()
    await until(lambda: in_trouble(hall))
    assert hall.report is not None
    assert [speaker.connected for speaker in hall.report.speakers] == [True]
    refused = full_disk.refused
    await until(lambda: full_disk.refused > refused, timeout_s=2 * LONGEST_WAIT_S)
    assert in_trouble(hall), "tried in vain, and the news stands"
    full_disk.has_room_again()  # between this try and the next
    stopped = len(reader.records())

    def since(kind: Kind) -> list[int]:
        """Where what has come since begins, of one kind and rendition."""
        records = reader.records()[stopped:]
        return [each.start_sample for each in records if (each.kind, each.rendition) == (kind, 0)]

    await until(lambda: len(since(Kind.CHUNK)) > 4, timeout_s=4 * LONGEST_WAIT_S)
    await until(lambda: hall.report is not None and hall.report.live and not hall.report.reason)
    assert ada.state == "connected"
    assert since(Kind.GAP)
    ended = await hall.end(live.run)
    sound = decode(hall.folder(live.run) / "opus32.mp4")
    assert len(sound) == ended.recording.duration_samples
    assert stands_out(sound[since(Kind.CHUNK)[0] :], ADA_HZ)


async def test_an_end_refused_by_a_full_disk_succeeds_when_there_is_room_and_it_is_asked_again(
    hall: Hall, full_disk: FullDisk
) -> None:
    live = await hall.go_live()
    await asyncio.sleep(0.5)
    full_disk.fills_up()
    for _ in range(2):
        with pytest.raises(RemoteError) as refused:
            await hall.end(live.run)
        assert (refused.value.code, refused.value.status) == ("disk_full", 507)
    full_disk.has_room_again()
    ended = await hall.end(live.run)
    await until(lambda: hall.report is not None and hall.report.finished == ended.recording)


async def test_an_end_refused_by_a_full_disk_is_made_by_itself_when_there_is_room(
    hall: Hall, full_disk: FullDisk
) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    live = await hall.go_live()
    await asyncio.sleep(0.5)
    full_disk.fills_up()
    with pytest.raises(RemoteError):
        await hall.end(live.run)
    await until(lambda: in_trouble(hall))
    full_disk.has_room_again()
    await until(lambda: hall.report is not None and hall.report.finished is not None)
    await until(lambda: ada.state == "closed")


async def test_a_tape_held_by_another_process_is_tried_again_until_it_is_free(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(air, "LOCKED_TRIES", 0)
    live = await hall.go_live()
    hall.tell(Lifecycle.LIVE, live)
    await asyncio.sleep(0.5)
    await hall.stop()
    held = lock.take(hall.folder(live.run))
    hall.start()
    await until(lambda: hall.report is not None and hall.report.reason == Why.OFF_AIR)
    os.close(held)
    await until(lambda: hall.report is not None and hall.report.live and not hall.report.reason)


async def test_a_tape_that_is_gone_is_reported_as_lost(hall: Hall) -> None:
    live = await hall.go_live()
    hall.tell(Lifecycle.LIVE, live)
    await asyncio.sleep(0.5)
    await hall.stop()
    hall.folder(live.run).rename(hall.folder(live.run).with_name("elsewhere"))
    hall.start()
    await until(lambda: hall.report is not None and hall.report.lost)


async def test_damage_in_the_index_of_a_live_tape_costs_nothing_and_the_evening_goes_on(hall: Hall) -> None:
    live = await hall.go_live()
    hall.tell(Lifecycle.LIVE, live)
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + len(ENCODINGS) * 5)
    await hall.stop()
    before = reader.records()
    with (hall.folder(live.run) / "index").open("r+b") as index:
        index.seek(4 * RECORD_BYTES + 60)
        index.write(b"\xff\xff\xff")
    hall.start()
    await until(lambda: hall.report is not None and hall.report.live)
    await until(lambda: reader.count >= len(before) + len(ENCODINGS) * 4)
    assert reader.records()[: len(before)] == before
    ended = await hall.end(live.run)
    assert verify_chain(hall.folder(live.run)).ended
    assert len(decode(hall.folder(live.run) / "opus32.mp4")) == ended.recording.duration_samples
