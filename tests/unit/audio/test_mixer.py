"""Everyone is heard by all others, nobody by themselves, and nothing clips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.audio.frame import Sound
from rostra.audio.gate import FADE_TICKS, FIRST_TICKS, HOLD_TICKS
from rostra.audio.limiter import CEILING, THRESHOLD, Limiter
from rostra.audio.mixer import Mix, Mixer
from rostra.audio.peaks import CEILING_DBTP, DELAY_SAMPLES
from rostra.audio.strip import LINGER_TICKS
from rostra.core.samples import SAMPLE_RATE, TICK

SETTLED = 40
"""Ticks after which gates are open."""
FIRST = np.array([0])
BETWEEN_HZ = 217
"""Ticks do not begin where this tone crosses zero: a step there is heard."""


def tone(hertz: int, amplitude: float, tick: int = 0) -> Sound:
    time = (np.arange(TICK) + tick * TICK) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def seated(count: int) -> Mixer:
    mixer = Mixer(13)
    for _ in range(count):
        mixer.take_seat()
    return mixer


def speak(mixer: Mixer, tones: dict[int, int], ticks: int, *, after: int = 0, peak: float = 0.1) -> Mix:
    """Seats say tones, the others nothing; return the last tick."""
    for tick in range(after, after + ticks):
        mixer.voices[: mixer.used] = 0
        for seat, hertz in tones.items():
            mixer.voices[seat] = tone(hertz, peak, tick)
        mix = mixer.mix()
    return mix


def test_each_speaker_gets_everyone_but_themselves() -> None:
    mixer = seated(3)
    mix = speak(mixer, {0: 400, 1: 500, 2: 600}, 8 * SETTLED)
    voices = mixer.voices[:3]
    assert (np.abs(voices).max(axis=1) > 0.05).all()
    np.testing.assert_allclose(mix.common, voices.sum(axis=0), atol=1e-6)
    for seat in range(3):
        others = [each for each in range(3) if each != seat]
        np.testing.assert_allclose(mix.own[seat], voices[others].sum(axis=0), atol=1e-6)


def test_somebody_alone_hears_silence() -> None:
    mix = speak(seated(1), {0: 440}, SETTLED)
    assert not mix.own[0].any()
    assert np.abs(mix.programme).max() > 0.05


def test_all_who_are_silent_share_one_mix() -> None:
    mixer = seated(13)
    assert list(speak(mixer, {3: 440}, SETTLED).own) == [3]
    assert list(speak(mixer, {4: 440}, 1 + FIRST_TICKS, after=SETTLED).own) == [3, 4]
    quiet = HOLD_TICKS + FADE_TICKS + LINGER_TICKS
    assert list(speak(mixer, {4: 440}, quiet, after=SETTLED + 9).own) == [4]


def test_the_programme_is_the_common_mix_a_few_milliseconds_later() -> None:
    mixer = seated(1)
    speak(mixer, {0: 440}, SETTLED)
    common, programme = [], []
    for tick in range(SETTLED, SETTLED + 10):
        mix = speak(mixer, {0: 440}, 1, after=tick)
        common.append(mix.common.copy())
        programme.append(mix.programme.copy())
    heard, spoken = np.concatenate(programme), np.concatenate(common)
    np.testing.assert_allclose(heard[DELAY_SAMPLES:], spoken[:-DELAY_SAMPLES], atol=1e-6)


def test_an_empty_stage_is_silent() -> None:
    mix = Mixer(13).mix()
    assert not mix.programme.any()
    assert not mix.common.any()
    assert (mix.own, mix.levels_dbov) == ({}, [])


def test_a_seat_given_back_is_silent_and_taken_again_first() -> None:
    mixer = Mixer(2)
    first, _ = mixer.take_seat(), mixer.take_seat()
    speak(mixer, {first: 440}, SETTLED)
    mixer.free_seat(first)
    speak(mixer, {first: 440}, 1)
    assert not mixer.mix().common.any()
    assert mixer.take_seat() == first
    with pytest.raises(IndexError):
        mixer.take_seat()


def test_whoever_takes_a_seat_gets_nothing_of_who_sat_there() -> None:
    mixer = seated(1)
    speak(mixer, {0: 440}, 200, peak=0.8)
    gain_db = mixer.gains_db[0]
    mixer.free_seat(0)
    mixer.mix()
    assert mixer.take_seat() == 0
    assert list(speak(mixer, {}, 1).own) == []
    speak(mixer, {0: 440}, SETTLED, peak=0.05)
    assert mixer.gains_db[0] > gain_db + 15


def largest_step(mixer: Mixer, before: int, change: Callable[[], None], after: int) -> float:
    heard = []
    for tick in range(before + after):
        if tick == before:
            change()
        heard.append(speak(mixer, {0: BETWEEN_HZ}, 1, after=tick).common.copy())
    sound = np.concatenate(heard[before - 5 :])
    assert not heard[-1].any()
    return float(np.abs(np.diff(sound)).max() / np.abs(sound).max())


@pytest.mark.parametrize("leaves", [False, True])
def test_whoever_is_muted_or_leaves_fades_out_within_a_tick_without_a_click(leaves: bool) -> None:
    mixer = seated(1)

    def silence() -> None:
        if leaves:
            mixer.free_seat(0)
        else:
            mixer.mute(0, muted=True)

    steepest = 2 * np.pi * BETWEEN_HZ / SAMPLE_RATE
    assert largest_step(mixer, SETTLED, silence, 2) < 1.2 * steepest


def test_a_seat_is_found_even_while_all_that_are_free_still_fade() -> None:
    mixer = Mixer(2)
    seats = [mixer.take_seat(), mixer.take_seat()]
    for seat in seats:
        mixer.free_seat(seat)
    assert [mixer.take_seat(), mixer.take_seat()] == seats
    with pytest.raises(IndexError):
        mixer.take_seat()


def test_a_bed_is_heard_by_all_as_loud_as_it_is() -> None:
    mixer = seated(2)
    bed = tone(300, 0.1)
    mix = mixer.mix(bed)
    np.testing.assert_allclose(mix.common, bed, atol=1e-6)
    np.testing.assert_allclose(mix.programme[DELAY_SAMPLES:], bed[:-DELAY_SAMPLES], atol=1e-6)


@given(
    st.lists(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=20), min_size=1, max_size=13),
    st.integers(1, 12),
)
def test_no_crowd_of_voices_clips(shapes: list[list[float]], ticks: int) -> None:
    mixer = Mixer(13)
    seats = [mixer.take_seat() for _ in shapes]
    for _ in range(ticks):
        for seat, shape in zip(seats, shapes, strict=True):
            mixer.voices[seat] = np.resize(np.array(shape, np.float32), TICK)
        mix = mixer.mix()
        assert np.abs(mix.programme).max() <= 10 ** (CEILING_DBTP / 20) + 1e-5
        for each in (mix.common, *mix.own.values()):
            assert np.abs(each).max() <= CEILING + 1e-6


def test_a_sustained_loud_sum_is_turned_down_not_distorted() -> None:
    limiter = Limiter(1)
    for tick in range(10):
        sums = tone(1000, 2.0, tick)[None, :]
        limiter.apply(sums, FIRST)
    np.testing.assert_allclose(sums[0], tone(1000, float(THRESHOLD), 9), atol=0.01)


def test_the_gain_moves_without_a_step_between_frames() -> None:
    limiter = Limiter(1)
    heard = []
    for tick in range(30):
        sums = tone(200, 2.0 if 5 <= tick < 10 else 0.5, tick)[None, :]
        limiter.apply(sums, FIRST)
        heard.append(sums[0].copy())
    quiet_again = np.concatenate(heard[11:])
    steepest = 2 * np.pi * 200 / SAMPLE_RATE * float(THRESHOLD)
    assert np.abs(np.diff(quiet_again)).max() < steepest


def test_after_a_loud_moment_sound_passes_untouched_again() -> None:
    limiter = Limiter(1)
    limiter.apply(tone(200, 3.0)[None, :], FIRST)
    for tick in range(60):
        sums = tone(200, 0.5, tick)[None, :]
        limiter.apply(sums, FIRST)
    assert np.array_equal(sums[0], tone(200, 0.5, 59))


def test_a_return_that_begins_goes_on_with_the_gain_of_the_common_one() -> None:
    limiter = Limiter(3)
    for tick in range(10):
        limiter.apply(tone(1000, 2.0, tick)[None, :], FIRST)
    both = np.stack([tone(1000, 2.0, 10)] * 2)
    limiter.apply(both, np.array([0, 2]))
    np.testing.assert_allclose(both[1], both[0])
