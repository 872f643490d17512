import numpy as np
import pytest

from rostra.core.samples import SAMPLE_RATE
from rostra.rehearsal.sound import SILENCE_DBFS, Loop, Silence, Tone, rms_dbfs


def test_a_tone_read_in_pieces_is_the_tone_read_at_once() -> None:
    tone = Tone(440.0)
    pieces = np.concatenate([tone.read(at, 960) for at in range(0, 9600, 960)])
    assert np.array_equal(pieces, tone.read(0, 9600))


def test_a_tone_has_the_frequency_and_level_it_names() -> None:
    heard = Tone(1000.0, peak=0.5).read(0, SAMPLE_RATE).astype(float) / 32768
    assert int(np.argmax(np.abs(np.fft.rfft(heard)))) == 1000
    assert rms_dbfs(heard) == pytest.approx(-9.03, abs=0.05)


def test_a_loop_is_silent_before_the_beginning_and_repeats_after_its_end() -> None:
    loop = Loop(np.array([1, 2, 3], dtype=np.int16))
    assert loop.read(-2, 8).tolist() == [0, 0, 1, 2, 3, 1, 2, 3]


def test_silence_is_the_lowest_level_there_is() -> None:
    assert rms_dbfs(Silence().read(0, 960).astype(float)) == SILENCE_DBFS
    assert rms_dbfs(np.zeros(0)) == SILENCE_DBFS
