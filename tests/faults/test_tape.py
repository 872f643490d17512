"""A tape's writer is killed at any moment, and the disk fills up."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from harness import programme, writers
from harness.clock import ManualClock
from harness.small_disk import fill, mounted
from rostra.core.errors import DiskFull, TapeLocked
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.tape import TapeEnded, TapeReader, TapeWriter, verify_chain
from rostra.tape.record import RECORD_BYTES

pytestmark = pytest.mark.faults

KILLS = 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tape begun, its writer gone."""
    folder = tmp_path / "space23456" / "run23456"
    TapeWriter.create(folder, programme.genesis(), clock=ManualClock()).close()
    return folder


def whole_and_decodable(folder: Path, quanta: int) -> None:
    """Both renditions of an ended tape must decode to exactly its length, without complaint."""
    assert verify_chain(folder).ended
    for track in programme.tracks():
        decode = ["ffmpeg", "-v", "error", "-xerror", "-i", str(folder / f"{track.name}.mp4")]
        raw = subprocess.run([*decode, "-f", "u8", "-"], check=True, capture_output=True, timeout=60)
        assert raw.stderr == b""
        assert len(raw.stdout) == quanta * QUANTUM


def test_a_writer_killed_at_any_moment_loses_nothing_it_said_was_there(folder: Path) -> None:
    moments = random.Random(5)
    stood = 0
    for _ in range(KILLS):
        doomed = writers.start(writers.append_forever, folder)
        assert doomed.first == stood
        time.sleep(moments.uniform(0, 0.005))
        said = doomed.kill()
        writer = TapeWriter.resume(folder, clock=ManualClock())
        stood = writer.next_sample // QUANTUM
        writer.close()
        assert said <= stood <= said + 1
        assert verify_chain(folder).sound
    assert stood > KILLS
    assert TapeWriter.resume(folder, clock=ManualClock()).finish().chunks == stood
    whole_and_decodable(folder, stood)


def test_a_reader_never_sees_a_record_before_its_bytes(folder: Path) -> None:
    doomed = writers.start(writers.append_forever, folder)
    with TapeReader.open(folder) as reader:
        looks, seen = 0, 1
        while looks < 2000:
            doomed.hear()
            fresh = reader.records(max(seen, reader.count - 2))
            for record in fresh:
                assert sha256(reader.read(record)).digest() == record.sha256
                looks, seen = looks + 1, record.number + 1
    doomed.kill()


def test_an_end_killed_at_any_moment_is_made_again(folder: Path) -> None:
    writer = TapeWriter.resume(folder, clock=ManualClock())
    writer.fill_gap(60 * SAMPLE_RATE, programme.quanta()[0])
    quanta = writer.next_sample // QUANTUM
    writer.close()
    for kill in range(KILLS):
        doomed = writers.start(writers.end, folder)
        assert doomed.first == quanta
        time.sleep(0.001 * kill)
        doomed.kill()
        verdict = verify_chain(folder)
        assert verdict.sound, verdict
        if verdict.ended:
            break
    else:
        assert TapeWriter.resume(folder, clock=ManualClock()).finish().chunks == quanta
    whole_and_decodable(folder, quanta)
    with pytest.raises(TapeEnded):
        TapeWriter.resume(folder, clock=ManualClock())


def test_a_living_writer_keeps_others_out_and_a_dead_one_does_not(folder: Path) -> None:
    doomed = writers.start(writers.append_forever, folder)
    with pytest.raises(TapeLocked):
        TapeWriter.resume(folder, clock=ManualClock())
    doomed.kill()
    TapeWriter.resume(folder, clock=ManualClock()).close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    with mounted(tmp_path / "disk", megabytes=1) as folder:
        yield folder


def speak_until_refused(writer: TapeWriter, clock: ManualClock, *, second_ms: int) -> int:
    """Append for at most a thousand quanta; return how many are on the tape when the disk is full."""
    quanta = programme.quanta()
    for _ in range(1000):
        clock.advance(ms=second_ms)
        try:
            writer.append(quanta[writer.next_sample // QUANTUM % len(quanta)])
        except DiskFull:
            break
    else:
        pytest.fail("the disk was never full")
    return writer.next_sample // QUANTUM


def test_a_disk_that_fills_up_ends_the_tape_and_keeps_it(small_disk: Path) -> None:
    clock = ManualClock()
    folder = small_disk / "space" / "run"
    writer = TapeWriter.create(folder, programme.genesis(), clock=clock)
    stood = speak_until_refused(writer, clock, second_ms=1000)
    assert stood > 20
    assert writer.finish(reason="The disk is full.").chunks == stood
    whole_and_decodable(folder, stood)


def nothing_beyond_the_index(folder: Path) -> None:
    """What a writer could not finish it took back."""
    with TapeReader.open(folder) as reader:
        for record in reader.records()[-2:]:
            name = programme.tracks()[record.rendition].name
            assert (folder / f"{name}.mp4").stat().st_size == record.offset + record.length
        assert (folder / "index").stat().st_size == reader.count * RECORD_BYTES


def test_a_disk_that_another_program_filled_between_two_looks_spoils_nothing(small_disk: Path) -> None:
    clock = ManualClock()
    folder = small_disk / "space" / "run"
    writer = TapeWriter.create(folder, programme.genesis(), clock=clock)
    writer.append(programme.quanta()[0])
    hog = fill(small_disk)
    stood = speak_until_refused(writer, clock, second_ms=0)
    assert verify_chain(folder).records == 1 + 2 * stood
    nothing_beyond_the_index(folder)
    with pytest.raises(DiskFull):
        writer.finish()
    assert verify_chain(folder).sound
    nothing_beyond_the_index(folder)
    hog.unlink()
    assert writer.finish().chunks == stood
    whole_and_decodable(folder, stood)


def test_a_tape_does_not_begin_on_a_full_disk(small_disk: Path) -> None:
    fill(small_disk)
    with pytest.raises(DiskFull):
        TapeWriter.create(small_disk / "space" / "run", programme.genesis(), clock=ManualClock())
    assert not (small_disk / "space" / "run").exists()
