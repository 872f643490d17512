"""Everyone is heard by all others, nobody by themselves, and nothing clips."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.audio.frame import Sound
from rostra.audio.limiter import CEILING, THRESHOLD, Limiter
from rostra.audio.mixer import Mixer
from rostra.core.samples import SAMPLE_RATE, TICK


def tone(hertz: int, amplitude: float, tick: int = 0) -> Sound:
    time = (np.arange(TICK) + tick * TICK) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def test_each_speaker_gets_everyone_but_themselves() -> None:
    mixer = Mixer(3)
    seats = [mixer.take_seat() for _ in range(3)]
    voices = [tone(400, 0.1), tone(500, 0.2), tone(600, 0.1)]
    for seat, voice in zip(seats, voices, strict=True):
        mixer.voices[seat] = voice
    mix = mixer.mix()
    np.testing.assert_allclose(mix.programme, sum(voices), atol=1e-6)
    np.testing.assert_allclose(mix.returns[seats[0]], voices[1] + voices[2], atol=1e-6)
    np.testing.assert_allclose(mix.returns[seats[1]], voices[0] + voices[2], atol=1e-6)


def test_somebody_alone_hears_silence_and_the_programme_is_their_voice_untouched() -> None:
    mixer = Mixer(13)
    seat = mixer.take_seat()
    mixer.voices[seat] = tone(440, 0.7)
    mix = mixer.mix()
    assert np.array_equal(mix.programme, tone(440, 0.7))
    assert not mix.returns[seat].any()


def test_an_empty_stage_is_silent() -> None:
    mix = Mixer(13).mix()
    assert not mix.programme.any()
    assert mix.returns.shape == (0, TICK)


def test_a_seat_given_back_is_silent_and_taken_again_first() -> None:
    mixer = Mixer(2)
    first, _ = mixer.take_seat(), mixer.take_seat()
    mixer.voices[first] = tone(440, 0.5)
    mixer.free_seat(first)
    assert not mixer.mix().programme.any()
    assert mixer.take_seat() == first
    with pytest.raises(IndexError):
        mixer.take_seat()


@given(
    st.lists(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=20), min_size=1, max_size=13),
    st.integers(1, 4),
)
def test_no_crowd_of_voices_clips(shapes: list[list[float]], ticks: int) -> None:
    mixer = Mixer(13)
    for shape in shapes:
        mixer.voices[mixer.take_seat()] = np.resize(np.array(shape, np.float32), TICK)
    for _ in range(ticks):
        mix = mixer.mix()
        assert np.abs(mix.programme).max() <= CEILING + 1e-6
        assert np.abs(mix.returns).max() <= CEILING + 1e-6


def test_a_sustained_loud_sum_is_turned_down_not_distorted() -> None:
    limiter = Limiter(1)
    for tick in range(10):
        sums = tone(1000, 2.0, tick)[None, :]
        limiter.apply(sums)
    np.testing.assert_allclose(sums[0], tone(1000, float(THRESHOLD), 9), atol=0.01)


def test_the_gain_moves_without_a_step_between_frames() -> None:
    limiter = Limiter(1)
    heard = []
    for tick in range(30):
        sums = tone(200, 2.0 if 5 <= tick < 10 else 0.5, tick)[None, :]
        limiter.apply(sums)
        heard.append(sums[0].copy())
    quiet_again = np.concatenate(heard[11:])
    steepest = 2 * np.pi * 200 / SAMPLE_RATE * float(THRESHOLD)
    assert np.abs(np.diff(quiet_again)).max() < steepest


def test_after_a_loud_moment_sound_passes_untouched_again() -> None:
    limiter = Limiter(1)
    limiter.apply(tone(200, 3.0)[None, :])
    for tick in range(60):
        sums = tone(200, 0.5, tick)[None, :]
        limiter.apply(sums)
    assert np.array_equal(sums[0], tone(200, 0.5, 59))
