import numpy as np
import pytest

from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.rehearsal.dialogue import Dialogue, load, read_lines, voices_folder
from rostra.rehearsal.sound import rms_dbfs


@pytest.fixture(scope="module")
def dialogue() -> Dialogue:
    return load()


def test_two_voices_talk_for_a_minute_or_a_minute_and_a_half(dialogue: Dialogue) -> None:
    assert set(dialogue.voices) == {"Nora", "Sam"}
    assert 60 <= dialogue.samples / SAMPLE_RATE <= 90
    assert dialogue.samples % TICK == 0


def test_the_voices_take_turns_and_never_talk_over_each_other(dialogue: Dialogue) -> None:
    loud = [
        np.abs(voice.samples[: dialogue.samples].reshape(-1, TICK)).max(axis=1) > 300
        for voice in dialogue.voices.values()
    ]
    assert not np.any(loud[0] & loud[1])
    assert all(voice.any() for voice in loud)


def test_the_list_tells_how_long_each_line_is(dialogue: Dialogue) -> None:
    told = sum(line.duration_ms + line.pause_ms for line in dialogue.lines) / 1000
    assert told == pytest.approx(dialogue.samples / SAMPLE_RATE, abs=0.1)


def test_both_voices_are_equally_loud(dialogue: Dialogue) -> None:
    levels = []
    for voice in dialogue.voices.values():
        spoken = voice.samples[np.abs(voice.samples) > 100].astype(float) / 32768
        levels.append(rms_dbfs(spoken))
    assert abs(levels[0] - levels[1]) < 2.0


def test_the_spoken_lines_are_the_written_ones() -> None:
    written = voices_folder().joinpath("dialogue.txt").read_text().splitlines()
    texts = [line.split("|", 2)[2].strip() for line in written if line and not line.startswith("#")]
    assert [line.text for line in read_lines()] == texts


def test_the_voices_are_small_enough_to_carry_in_the_wheel() -> None:
    sizes = [len(voices_folder().joinpath(line.file).read_bytes()) for line in read_lines()]
    assert sum(sizes) < 300_000
