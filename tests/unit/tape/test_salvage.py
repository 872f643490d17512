"""A damaged index is rebuilt from the chunks: nothing that was recorded is lost by it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import programme
from harness.clock import ManualClock
from rostra.core.errors import TapeDamaged
from rostra.core.samples import QUANTUM
from rostra.tape import TapeEnded, TapeReader, TapeWriter, verify_chain
from rostra.tape.record import RECORD_BYTES, Kind
from rostra.tape.salvage import TORN_QUANTA

Speak = Callable[[TapeWriter, int], TapeWriter]
BATCHES = TORN_QUANTA + 20
many_files = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def interrupted(writer: TapeWriter, speak: Speak) -> Path:
    """Ten quanta spoken, four of a gap, ten spoken; its writer is gone."""
    speak(writer, 10)
    writer.fill_gap(14 * QUANTUM, programme.quanta()[0])
    speak(writer, 10).close()
    return writer.folder


def resumed(folder: Path) -> int:
    """Quanta that a resumed tape stands at."""
    writer = TapeWriter.resume(folder, clock=ManualClock())
    writer.close()
    assert verify_chain(folder).sound
    return writer.next_sample // QUANTUM


@many_files
@given(
    record=st.integers(0, 46),
    at=st.integers(0, RECORD_BYTES - 1),
    junk=st.binary(min_size=1, max_size=3 * RECORD_BYTES),
)
def test_damage_anywhere_before_the_tail_costs_nothing(
    interrupted: Path, tmp_path: Path, record: int, at: int, junk: bytes
) -> None:
    folder = tmp_path / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(interrupted, folder)
    whole = (folder / "index").read_bytes()
    start = min(record * RECORD_BYTES + at, len(whole) - 2 * RECORD_BYTES - len(junk))
    broken = whole[:start] + junk + whole[start + len(junk) :]
    (folder / "index").write_bytes(broken)
    assert resumed(folder) == 24
    if broken != whole:
        assert (folder / "index.damaged").read_bytes() == broken


@pytest.mark.parametrize("record", [0, 1, 9, 21, 24, 28, 29, 45])
def test_one_lost_record_is_made_again_exactly_gap_or_not(interrupted: Path, record: int) -> None:
    whole = (interrupted / "index").read_bytes()
    start = record * RECORD_BYTES
    (interrupted / "index").write_bytes(whole[:start] + bytes(RECORD_BYTES) + whole[start + RECORD_BYTES :])
    assert resumed(interrupted) == 24
    assert (interrupted / "index").read_bytes() == whole


@pytest.mark.parametrize("left", [None, 0, 5])
def test_an_index_that_is_gone_is_rebuilt_and_the_end_tells_of_it(
    interrupted: Path, left: int | None
) -> None:
    raw = (interrupted / "index").read_bytes()
    (interrupted / "index").unlink()
    if left is not None:
        (interrupted / "index").write_bytes(raw[:left])
    writer = TapeWriter.resume(interrupted, clock=ManualClock())
    end = writer.finish()
    assert (end.chunks, end.salvages) == (24, 1)
    assert json.loads((interrupted / "end.json").read_bytes())["salvages"] == 1
    assert verify_chain(interrupted).ended


def test_an_index_that_lost_its_second_half_is_completed_from_the_chunks(writer: TapeWriter) -> None:
    writer.fill_gap(2 * BATCHES * QUANTUM, programme.quanta()[0])
    writer.close()
    whole = (writer.folder / "index").read_bytes()
    (writer.folder / "index").write_bytes(whole[: len(whole) // 2])
    assert resumed(writer.folder) == 2 * BATCHES


def test_an_index_of_zeros_from_the_middle_on_is_completed_from_the_chunks(writer: TapeWriter) -> None:
    writer.fill_gap(2 * BATCHES * QUANTUM, programme.quanta()[0])
    writer.close()
    whole = (writer.folder / "index").read_bytes()
    half = len(whole) // 2
    (writer.folder / "index").write_bytes(whole[:half] + bytes(len(whole) - half))
    assert resumed(writer.folder) == 2 * BATCHES


def test_a_tape_salvaged_twice_keeps_both_damaged_indexes(interrupted: Path) -> None:
    for name in ("index.damaged", "index.damaged.2"):
        raw = bytearray((interrupted / "index").read_bytes())
        raw[5 * RECORD_BYTES + 60] ^= 1
        (interrupted / "index").write_bytes(raw)
        assert resumed(interrupted) == 24
        assert (interrupted / name).read_bytes() == bytes(raw)


def test_a_reader_that_has_the_tape_open_goes_on_with_the_same_file(interrupted: Path) -> None:
    with TapeReader.open(interrupted) as reader:
        before = reader.records()
        raw = bytearray((interrupted / "index").read_bytes())
        raw[5 * RECORD_BYTES + 60] ^= 1
        with (interrupted / "index").open("r+b") as file:
            file.write(raw)
        writer = TapeWriter.resume(interrupted, clock=ManualClock())
        writer.append(programme.quanta()[0])
        writer.close()
        after = reader.records()
        assert after[: len(before)] == before
        assert len(after) == len(before) + 2


def test_a_tape_that_has_ended_is_still_ended(interrupted: Path) -> None:
    TapeWriter.resume(interrupted, clock=ManualClock()).finish()
    raw = bytearray((interrupted / "index").read_bytes())
    raw[5 * RECORD_BYTES + 60] ^= 1
    (interrupted / "index").write_bytes(raw)
    with pytest.raises(TapeEnded):
        TapeWriter.resume(interrupted, clock=ManualClock())
    verdict = verify_chain(interrupted)
    assert verdict.ended, verdict


def test_a_changed_genesis_is_not_covered_up(interrupted: Path) -> None:
    document = interrupted / "genesis.json"
    document.write_bytes(document.read_bytes().replace(b"An evening", b"An Evening"))
    raw = (interrupted / "index").read_bytes()
    (interrupted / "index").write_bytes(bytes(RECORD_BYTES) + raw[RECORD_BYTES:])
    with pytest.raises(TapeDamaged):
        TapeWriter.resume(interrupted, clock=ManualClock())


def test_chunks_that_are_gone_with_their_records_are_for_a_person_to_look_at(writer: TapeWriter) -> None:
    writer.fill_gap(2 * BATCHES * QUANTUM, programme.quanta()[0])
    writer.close()
    raw = bytearray((writer.folder / "index").read_bytes())
    raw[5 * RECORD_BYTES] ^= 1
    (writer.folder / "index").write_bytes(raw)
    media = writer.folder / "opus32.mp4"
    media.write_bytes(media.read_bytes()[:2000])
    with pytest.raises(TapeDamaged):
        TapeWriter.resume(writer.folder, clock=ManualClock())
    assert (writer.folder / "index").read_bytes() == bytes(raw)
    assert not (writer.folder / "index.damaged").exists()


def test_gaps_that_the_old_index_still_tells_of_stay_gaps(interrupted: Path) -> None:
    raw = bytearray((interrupted / "index").read_bytes())
    for record in (3, 4, 5, 6):
        raw[record * RECORD_BYTES + 60] ^= 1
    (interrupted / "index").write_bytes(raw)
    assert resumed(interrupted) == 24
    with TapeReader.open(interrupted) as reader:
        gaps = [record for record in reader.records() if record.kind == Kind.GAP]
    assert [record.start_sample // QUANTUM for record in gaps] == [10, 10, 11, 11, 12, 12, 13, 13]
