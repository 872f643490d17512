from __future__ import annotations

import io
import mmap
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from harness import programme
from harness.clock import ManualClock
from harness.traffic import Traffic
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SAMPLE_RATE, SEGMENT
from rostra.media import cmaf, events
from rostra.media.cmaf import ChunkSplitter, Track
from rostra.media.movie import finished_movie
from rostra.tape import TapeWriter
from rostra.tape.finished import FinishedTape, Gap, TapeStillOpen
from rostra.tape.genesis import INDEX

Speak = Callable[[TapeWriter, int], TapeWriter]
by_name = pytest.mark.parametrize("track", programme.tracks(), ids=lambda track: track.name)
HOURS_3 = 3 * 3600 * SAMPLE_RATE // QUANTUM
ALIGNED_SAMPLES = SAMPLE_RATE // 1000


SMALL_BYTES = 64 * 1024
"""More than the documents of a tape and what a test reads beside it; far less than a minute of speech."""


class CountingFile(io.FileIO):
    """A file that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size) or b""
        self.taken += len(data)
        return data


def probed(path: Path, entries: str) -> str:
    """What ffprobe says of a file."""
    command = ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "csv=p=0", str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.strip()


@by_name
def test_a_recording_is_what_was_spoken_to_a_millisecond(
    writer: TapeWriter, speak: Speak, track: Track
) -> None:
    speak(writer, programme.QUANTA).finish()
    heard, samples = np.zeros_like(programme.mix()), 0
    with av.open(str(FinishedTape.open(writer.folder).media_path(track.name))) as media:
        for frame in media.decode(audio=0):
            sound = frame.to_ndarray()[0]
            heard[frame.pts : frame.pts + len(sound)] = sound
            samples += len(sound)
    assert samples == programme.QUANTA * QUANTUM
    for start in range(0, len(heard), SEGMENT):
        part = slice(start, start + SEGMENT)
        assert abs(programme.shift(heard[part], programme.mix()[part])) <= ALIGNED_SAMPLES
    assert np.corrcoef(heard, programme.mix())[0, 1] > 0.5


@by_name
def test_ffmpeg_reads_a_recording_without_complaint(writer: TapeWriter, speak: Speak, track: Track) -> None:
    speak(writer, programme.QUANTA).finish()
    path = FinishedTape.open(writer.folder).media_path(track.name)
    assert float(probed(path, "format=duration")) == programme.QUANTA * QUANTUM / SAMPLE_RATE
    decode = ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(decode, check=True, capture_output=True, timeout=20)
    assert done.stderr == b""


@by_name
def test_no_chunk_byte_changes_at_the_end(writer: TapeWriter, speak: Speak, track: Track) -> None:
    speak(writer, 30)
    path = writer.folder / f"{track.name}.mp4"
    live = path.read_bytes()
    end = writer.finish()
    finished = path.read_bytes()
    at = int.from_bytes(live[:4], "big")
    assert finished[at + 16 : len(live)] == live[at + 16 :]
    assert live[at + 4 : at + 8] == b"free"
    assert finished[at : at + 8] == b"\0\0\0\1mdat"
    assert int.from_bytes(finished[at + 8 : at + 16], "big") == len(live) - at
    assert end.sizes[track.name] == len(finished)


def test_segments_are_byte_ranges_of_whole_chunks(writer: TapeWriter, speak: Speak) -> None:
    speak(writer, 27).finish()
    tape = FinishedTape.open(writer.folder)
    for track in programme.tracks():
        data = tape.media_path(track.name).read_bytes()
        segments = tape.segments(track.name)
        assert [(each.start_sample, each.samples) for each in segments] == [
            (0, SEGMENT),
            (SEGMENT, SEGMENT),
            (2 * SEGMENT, 3 * QUANTUM),
        ]
        for segment in segments:
            chunks = ChunkSplitter().feed(data[segment.offset : segment.offset + segment.length])
            assert len(chunks) == segment.samples // QUANTUM
            assert cmaf.parse(chunks[0]).start_sample == segment.start_sample
        assert tape.init(track.name) == cmaf.init_segment(track)


def test_gaps_and_events_of_a_recording_are_known(writer: TapeWriter, speak: Speak) -> None:
    silence = programme.quanta()[0]
    speak(writer, 14)
    writer.fill_gap(20 * QUANTUM, silence)
    speak(writer, 2)
    writer.fill_gap(23 * QUANTUM, silence)
    writer.finish()
    tape = FinishedTape.open(writer.folder)
    assert tape.gaps() == [Gap(14 * QUANTUM, 6 * QUANTUM), Gap(22 * QUANTUM, QUANTUM)]
    assert list(tape.events("opus32")) == [
        events.Snapshot(at=0),
        events.Snapshot(at=SEGMENT, listeners=CHUNKS_PER_SEGMENT),
    ]


def test_a_tape_in_the_making_is_no_recording(writer: TapeWriter, speak: Speak) -> None:
    speak(writer, 2)
    with pytest.raises(TapeStillOpen):
        FinishedTape.open(writer.folder)


def test_an_empty_recording_has_no_segments(writer: TapeWriter) -> None:
    writer.finish()
    tape = FinishedTape.open(writer.folder)
    assert tape.segments("aac64") == []
    assert tape.gaps() == []


def test_a_file_beyond_four_gigabytes_has_wide_offsets() -> None:
    track = programme.tracks()[0]
    sizes = np.full(30, 170, np.uint32)
    near = finished_movie(track, sizes, np.array([649, 4000], np.uint64))
    far = finished_movie(track, sizes, np.array([649, 2**32], np.uint64))
    assert b"stco" in near
    assert b"co64" in far
    assert (2**32).to_bytes(8, "big") in far


def spoken_for_three_hours(folder: Path) -> TapeWriter:
    writer = TapeWriter.create(folder, programme.genesis(), clock=ManualClock())
    quanta = programme.quanta()
    for number in range(HOURS_3):
        opens = number % CHUNKS_PER_SEGMENT == 0
        snapshot = events.snapshot(at=writer.next_sample) if opens else b""
        writer.append(quanta[number % len(quanta)], events=snapshot)
    writer.sync()
    return writer


def test_three_hours_end_resume_open_and_seek_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are printed, not asserted; what is read and written is."""
    clock = Stopwatch()
    writer = spoken_for_three_hours(folder)
    clock.lap(f"append {HOURS_3} quanta")
    writer.close()
    writer = TapeWriter.resume(folder, clock=ManualClock())
    clock.lap("resume")
    monkeypatch.setattr(mmap, "mmap", reads_the_tape)
    index_bytes = os.path.getsize(folder / INDEX)
    before = Traffic.now()
    end = writer.finish()
    clock.lap("finish")
    finishing = Traffic.now().since(before)
    assert finishing.read < SMALL_BYTES, "no chunk, and no record, is read again"
    assert finishing.written < index_bytes, "tables are written, and no chunk"
    assert end.duration_samples == HOURS_3 * QUANTUM
    before = Traffic.now()
    tape = FinishedTape.open(folder)
    assert len(tape.segments("aac64")) == -(-HOURS_3 // CHUNKS_PER_SEGMENT)
    clock.lap("open")
    assert Traffic.now().since(before).read < index_bytes + SMALL_BYTES, "the index, and no chunk"
    path = tape.media_path("aac64")
    assert float(probed(path, "format=duration")) == HOURS_3 * QUANTUM / SAMPLE_RATE
    clock.lap("ffprobe")
    with CountingFile(path) as file, av.open(file, buffer_size=4096) as media:
        wanted = 2 * 3600 * SAMPLE_RATE
        media.seek(wanted, stream=media.streams.audio[0])
        frame = next(media.decode(audio=0))
        assert 0 <= wanted - frame.pts < SAMPLE_RATE // 10
        clock.lap("seek")
        assert file.taken < 4 * 1024 * 1024 < os.path.getsize(path) // 16


def reads_the_tape(*_: object, **__: object) -> None:
    """In place of ``mmap``, whose reading nobody counts."""
    raise AssertionError("a tape was mapped where none need be read")


class Stopwatch:
    """Prints how long each lap took."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def lap(self, what: str) -> None:
        now = time.monotonic()
        print(f"{what}: {(now - self._since) * 1000:.0f} ms")
        self._since = now
