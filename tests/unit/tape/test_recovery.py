from __future__ import annotations

import os
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
from rostra.media import movie
from rostra.tape import TapeReader, TapeWriter, recovery, verify_chain
from rostra.tape.record import RECORD_BYTES

Speak = Callable[[TapeWriter, int], TapeWriter]
Resume = Callable[[], TapeWriter]
AAC, OPUS = (f"{track.name}.mp4" for track in programme.tracks())
many_files = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def torn(folder: Path, name: str, length: int) -> None:
    """Leave only the first ``length`` bytes of a file (or, below zero, all but so many)."""
    size = (folder / name).stat().st_size
    os.truncate(folder / name, length if length >= 0 else size + length)


@pytest.fixture
def interrupted(writer: TapeWriter, speak: Speak) -> Path:
    """A tape of six quanta whose writer is gone."""
    speak(writer, 6).close()
    return writer.folder


def resumed(folder: Path) -> int:
    """Quanta that a resumed tape stands at; it must then go on, end and verify."""
    writer = TapeWriter.resume(folder, clock=ManualClock())
    try:
        stood = writer.next_sample // QUANTUM
        writer.append(programme.quanta()[stood])
        assert writer.finish().chunks == stood + 1
    finally:
        writer.close()
    verdict = verify_chain(folder)
    assert verdict.ended, verdict
    return stood


@many_files
@given(missing=st.integers(1, 4 * RECORD_BYTES))
def test_an_index_torn_at_any_byte_costs_only_what_it_lost(
    interrupted: Path, tmp_path: Path, missing: int
) -> None:
    folder = copied(interrupted, tmp_path / "copy")
    torn(folder, "index", -missing)
    assert resumed(folder) == 6 - -(-missing // (2 * RECORD_BYTES))


def copied(folder: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    return Path(shutil.copytree(folder, to))


@pytest.mark.parametrize("name", [AAC, OPUS])
def test_bytes_without_a_record_are_cut(interrupted: Path, name: str) -> None:
    with (interrupted / name).open("ab") as file:
        file.write(b"half a chunk")
    assert resumed(interrupted) == 6


@pytest.mark.parametrize(("name", "missing"), [(AAC, 1), (OPUS, 1), (AAC, 400), (OPUS, 100)])
def test_a_chunk_that_lost_bytes_takes_its_quantum_with_it(
    interrupted: Path, name: str, missing: int
) -> None:
    torn(interrupted, name, -missing)
    assert resumed(interrupted) == 5


def test_bytes_a_dead_machine_never_wrote_are_noticed(interrupted: Path) -> None:
    with TapeReader.open(interrupted) as reader:
        third = reader.records(reader.number_at(2 * QUANTUM, 1))[0]
    with (interrupted / OPUS).open("r+b") as file:
        file.seek(third.offset + third.length - 8)
        file.write(bytes(8))
    assert resumed(interrupted) == 2


def test_broken_records_at_the_tail_are_cut(interrupted: Path) -> None:
    with (interrupted / "index").open("r+b") as file:
        for record in (10, 11, 12):
            file.seek(record * RECORD_BYTES + 50)
            file.write(b"\xff\xff")
    assert resumed(interrupted) == 4
    assert not (interrupted / "index.damaged").exists()


def test_a_tape_that_lost_more_than_a_torn_tail_is_left_as_it_is(
    interrupted: Path, resume: Resume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "CHECKED_QUANTA", 3)
    with TapeReader.open(interrupted) as reader:
        third = reader.records(reader.number_at(2 * QUANTUM, 1))[0]
    torn(interrupted, OPUS, third.offset)
    before = {path.name: path.read_bytes() for path in interrupted.iterdir()}
    for _ in range(2):
        with pytest.raises(TapeDamaged):
            resume()
        assert {path.name: path.read_bytes() for path in interrupted.iterdir()} == before


def test_a_changed_genesis_is_refused(interrupted: Path, resume: Resume) -> None:
    document = interrupted / "genesis.json"
    document.write_bytes(document.read_bytes().replace(b"An evening", b"An Evening"))
    with pytest.raises(TapeDamaged):
        resume()


@pytest.fixture
def ended(writer: TapeWriter, speak: Speak) -> Path:
    speak(writer, 6).finish()
    return writer.folder


@many_files
@given(
    record_bytes=st.integers(0, RECORD_BYTES - 1),
    document=st.sampled_from(["end.json", "end.json.new", None]),
    sealed=st.sampled_from([(), (AAC,), (AAC, OPUS)]),
    moov_bytes=st.integers(0, 700),
)
def test_an_end_that_died_anywhere_can_be_made_again(
    ended: Path,
    tmp_path: Path,
    record_bytes: int,
    document: str | None,
    sealed: tuple[str, ...],
    moov_bytes: int,
) -> None:
    """Sealing goes file by file: moov, then header; then the document, then the record."""
    folder = copied(ended, tmp_path / "copy")
    torn(folder, "index", 13 * RECORD_BYTES + record_bytes)
    if document != "end.json":
        (folder / "end.json").rename(folder / (document or "gone"))
    for name in {AAC, OPUS} - set(sealed):
        unsealed(folder, name, moov_bytes)
    assert resumed(folder) == 6
    assert (folder / "end.json").exists()
    assert not (folder / "end.json.new").exists()


def test_a_tape_that_goes_on_after_half_an_end_is_again_as_it_was(
    writer: TapeWriter, speak: Speak, resume: Resume
) -> None:
    speak(writer, 6)
    live = [(writer.folder / name).read_bytes() for name in (AAC, OPUS, "index")]
    writer.finish()
    torn(writer.folder, "index", -1)
    assert resume().next_sample == 6 * QUANTUM
    assert [(writer.folder / name).read_bytes() for name in (AAC, OPUS, "index")] == live
    assert not (writer.folder / "end.json").exists()


def unsealed(folder: Path, name: str, moov_bytes: int) -> None:
    """Turn the header back and keep only a part of the moov at the end."""
    with (folder / name).open("r+b") as file:
        header_at = int.from_bytes(file.read(4), "big")
        file.seek(header_at + 8)
        moov_at = header_at + int.from_bytes(file.read(8), "big")
        file.seek(header_at)
        file.write(b"\0\0\0\x10free" + bytes(8))
        file.truncate(moov_at + moov_bytes)


def test_a_tape_of_before_whose_init_segments_are_shorter_goes_on_and_verifies(
    folder: Path, speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(movie, "LEAST_INIT_BYTES", 0)
        speak(TapeWriter.create(folder, programme.genesis(), clock=ManualClock()), 6).close()
    assert all(file.stat().st_size < movie.LEAST_INIT_BYTES for file in folder.glob("*.init.mp4"))
    assert resumed(folder) == 6
