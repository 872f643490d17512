from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rostra.core.samples import QUANTUM, seconds
from rostra.tape import TapeReader, TapeWriter, UnknownTape, verify_chain

Speak = Callable[[TapeWriter, int], TapeWriter]


def flip(path: Path, at: int) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_a_tape_in_the_making_is_sound(writer: TapeWriter, speak: Speak) -> None:
    verdict = verify_chain(speak(writer, 3).folder)
    assert verdict.sound
    assert not verdict.ended
    assert verdict.records == 7


@pytest.mark.parametrize("name", ["aac64.mp4", "opus32.mp4"])
@pytest.mark.parametrize("quantum", [0, 7, 19])
def test_a_flipped_bit_of_audio_is_named_by_its_second(
    writer: TapeWriter, speak: Speak, name: str, quantum: int
) -> None:
    speak(writer, 20).finish()
    rendition = ["aac64.mp4", "opus32.mp4"].index(name)
    with TapeReader.open(writer.folder) as reader:
        record = reader.records(reader.number_at(quantum * QUANTUM, rendition))[0]
    flip(writer.folder / name, record.offset + record.length // 2)
    verdict = verify_chain(writer.folder)
    assert verdict.bad_record == record.number
    assert verdict.bad_second == seconds(quantum * QUANTUM)
    assert "bytes" in verdict.reason


@pytest.mark.parametrize("at", [3, 50, 130, 5 * 128 + 9, 12 * 128 + 100, 41 * 128 + 127])
def test_a_flipped_bit_of_the_index_is_named(writer: TapeWriter, speak: Speak, at: int) -> None:
    speak(writer, 20).finish()
    flip(writer.folder / "index", at)
    assert verify_chain(writer.folder).bad_record == at // 128


@pytest.mark.parametrize("name", ["genesis.json", "aac64.init.mp4", "aac64.mp4"])
def test_a_changed_beginning_is_the_first_record(writer: TapeWriter, speak: Speak, name: str) -> None:
    speak(writer, 3).finish()
    flip(writer.folder / name, 70)
    verdict = verify_chain(writer.folder)
    assert verdict.bad_record == 0
    assert not verdict.sound


def test_a_changed_end_is_the_last_record(writer: TapeWriter, speak: Speak) -> None:
    speak(writer, 3).finish()
    flip(writer.folder / "end.json", 30)
    assert verify_chain(writer.folder).bad_record == 7


def test_where_no_tape_is_nothing_is_verified(tmp_path: Path) -> None:
    with pytest.raises(UnknownTape):
        verify_chain(tmp_path)
