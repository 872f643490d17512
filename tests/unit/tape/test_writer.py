from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.core.errors import Conflict, DiskFull, TapeLocked
from rostra.core.samples import QUANTUM, SEGMENT
from rostra.media import cmaf, events
from rostra.tape import Flag, Kind, TapeEnded, TapeReader, TapeWriter, UnknownTape, verify_chain
from rostra.tape.recovery import CHECKED_QUANTA

Speak = Callable[[TapeWriter, int], TapeWriter]
Resume = Callable[[], TapeWriter]


def test_every_rendition_has_every_quantum(writer: TapeWriter, speak: Speak) -> None:
    speak(writer, 3)
    assert writer.next_sample == 3 * QUANTUM
    with TapeReader.open(writer.folder) as reader:
        records = reader.records()
        assert [record.kind for record in records] == [Kind.GENESIS] + [Kind.CHUNK] * 6
        assert [record.rendition for record in records[1:]] == [0, 1] * 3
        for record in records[1:]:
            name = programme.tracks()[record.rendition].name
            found = cmaf.parse(reader.read(record))
            number = record.start_sample // QUANTUM
            assert found.frames == programme.quanta()[number][name]
            assert (found.start_sample, found.sequence) == (number * QUANTUM, number + 1)


def test_events_ride_in_every_rendition_and_are_marked(writer: TapeWriter, speak: Speak) -> None:
    speak(writer, 13)
    with TapeReader.open(writer.folder) as reader:
        marked = [record for record in reader.records(1) if Flag.EVENTS in record.flags]
        assert [(record.start_sample, record.rendition) for record in marked] == [
            (0, 0),
            (0, 1),
            (SEGMENT, 0),
            (SEGMENT, 1),
        ]
        assert all(Flag.SEGMENT_START in record.flags for record in marked)
        assert events.read(reader.read(marked[-1])) == [events.Snapshot(at=SEGMENT, listeners=12)]


@pytest.mark.parametrize("change", ["missing", "foreign", "short", "long"])
def test_frames_that_make_no_quantum_are_refused_and_nothing_is_written(
    writer: TapeWriter, speak: Speak, change: str
) -> None:
    frames = dict(programme.quanta()[1])
    name, other = (track.name for track in programme.tracks())
    changed = {
        "missing": {name: frames[name]},
        "foreign": {name: frames[name], "mp3": frames[other]},
        "short": {name: frames[name], other: frames[other][1:]},
        "long": {name: frames[name] + frames[name], other: frames[other]},
    }[change]
    speak(writer, 1)
    with pytest.raises(ValueError, match="quantum"):
        writer.append(changed)
    assert writer.next_sample == QUANTUM
    speak(writer, 1)
    assert verify_chain(writer.folder).records == 5


def test_a_second_writer_is_refused(writer: TapeWriter, clock: ManualClock) -> None:
    with pytest.raises(TapeLocked):
        TapeWriter.resume(writer.folder, clock=clock)


def test_a_run_is_begun_once(writer: TapeWriter, clock: ManualClock) -> None:
    with pytest.raises(Conflict):
        TapeWriter.create(writer.folder, programme.genesis(), clock=clock)


def test_a_tape_that_cannot_begin_leaves_nothing_behind(tmp_path: Path, clock: ManualClock) -> None:
    (tmp_path / "space").write_text("a file in the way")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="Not a directory"):
        TapeWriter.create(tmp_path / "space" / "run", programme.genesis(), clock=clock)
    assert [path.name for path in tmp_path.iterdir()] == ["space"]
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_tape_is_data_that_nobody_can_execute(writer: TapeWriter) -> None:
    assert [path.name for path in writer.folder.iterdir() if path.stat().st_mode & 0o111] == []


def test_nothing_resumes_where_no_tape_is(tmp_path: Path, clock: ManualClock) -> None:
    with pytest.raises(UnknownTape):
        TapeWriter.resume(tmp_path / "nowhere", clock=clock)


def test_a_tape_goes_on_after_its_writer_closed(writer: TapeWriter, speak: Speak, resume: Resume) -> None:
    speak(writer, 5)
    writer.close()
    again = speak(resume(), 5)
    assert again.genesis == programme.genesis()
    assert again.next_sample == 10 * QUANTUM
    end = again.finish()
    assert (end.duration_samples, end.chunks, end.gaps) == (10 * QUANTUM, 10, 0)
    assert verify_chain(writer.folder).sound


def test_an_outage_is_filled_with_silence_typed_as_a_gap(writer: TapeWriter, speak: Speak) -> None:
    silence = programme.quanta()[0]
    speak(writer, 5)
    gone = events.snapshot(at=writer.next_sample, speaking=[])
    filled = writer.fill_gap(
        30 * QUANTUM + 777, silence, events=gone, snapshot=lambda at: events.snapshot(at=at, listeners=4)
    )
    assert filled == 25
    assert writer.next_sample == 30 * QUANTUM
    assert writer.fill_gap(29 * QUANTUM, silence) == 0
    assert writer.finish().gaps == 25
    with TapeReader.open(writer.folder) as reader:
        records = reader.records(1)[:-1]
        assert [record.kind == Kind.GAP for record in records] == [False] * 10 + [True] * 50
        seen = [event for record in records[::2] for event in events.read(reader.read(record))]
        assert [event.at for event in seen] == [0, 5 * QUANTUM, SEGMENT, 2 * SEGMENT]
    assert verify_chain(writer.folder).sound


def test_of_a_long_outage_a_machine_that_dies_takes_no_more_than_a_tape_comes_back_from(
    writer: TapeWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable, sync = [0], writer.sync

    def note() -> None:
        sync()
        durable.append(writer.next_sample // QUANTUM)

    monkeypatch.setattr(writer, "sync", note)
    assert writer.fill_gap(1100 * QUANTUM, programme.quanta()[0]) == 1100
    assert max(after - before for before, after in pairwise([*durable, 1100])) < CHECKED_QUANTA


def test_an_ended_tape_takes_nothing_more(writer: TapeWriter, speak: Speak, resume: Resume) -> None:
    end = speak(writer, 2).finish(reason="The disk is full.")
    assert writer.finish() == end
    assert end.reason == "The disk is full."
    with pytest.raises(TapeEnded):
        speak(writer, 1)
    with pytest.raises(TapeEnded):
        writer.fill_gap(9 * QUANTUM, programme.quanta()[0])
    with pytest.raises(Conflict):
        resume()
    writer.sync()


def test_a_tape_of_nothing_can_end(writer: TapeWriter) -> None:
    assert writer.finish().duration_samples == 0
    assert verify_chain(writer.folder).ended


def test_a_disk_below_its_reserve_ends_the_tape_cleanly(
    folder: Path, clock: ManualClock, speak: Speak
) -> None:
    TapeWriter.create(folder, programme.genesis(), clock=clock).close()
    writer = TapeWriter.resume(folder, clock=clock, min_free_bytes=2**62)
    with pytest.raises(DiskFull):
        speak(writer, 1)
    assert writer.finish(reason="The disk is full.").chunks == 0
    assert verify_chain(folder).ended


def test_no_tape_is_begun_where_the_reserve_or_the_room_asked_for_is_not_free(
    folder: Path, clock: ManualClock
) -> None:
    for wanted in ({"min_free_bytes": 2**62}, {"room_bytes": 2**62}):
        with pytest.raises(DiskFull):
            TapeWriter.create(folder, programme.genesis(), clock=clock, **wanted)
        assert os.listdir(folder.parent) == []
    TapeWriter.create(folder, programme.genesis(), clock=clock).close()


def test_a_closed_tape_holds_no_files(folder: Path, clock: ManualClock, speak: Speak) -> None:
    before = len(os.listdir("/proc/self/fd"))
    speak(TapeWriter.create(folder, programme.genesis(), clock=clock), 1).close()
    TapeWriter.resume(folder, clock=clock).finish()
    with pytest.raises(TapeEnded):
        TapeWriter.resume(folder, clock=clock)
    assert len(os.listdir("/proc/self/fd")) == before
