"""Music while nobody is on stage: when it begins, when it stops, when the programme ends; never a click."""

from __future__ import annotations

import numpy as np
import pytest

from harness.loudness import meter
from rostra.audio.bed import BED_LUFS
from rostra.audio.frame import Sound, silence
from rostra.audio.looping import FADE_IN_TICKS, FADE_OUT_TICKS, Looping, seamless
from rostra.audio.music import shipped
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.stage import hold as holds
from rostra.stage.hold import AWAY_TICKS, TICKS_PER_S, UNVISITED_END_S, Hold

MINUTE = 60 * TICKS_PER_S
LARGEST_STEP = 0.05
"""Between two samples of the shipped music, by far: its highest partial is 1 kHz at −26 dB."""


def holding(end_s: int) -> Hold:
    """What somebody has been to and left."""
    hold = Hold(end_s=end_s)
    hold.use(Looping(shipped()))
    hold.count(somebody=True)
    return hold


def empty(hold: Hold, ticks: int) -> None:
    for _ in range(ticks):
        hold.count(somebody=False)


def heard(source: Looping | Hold, ticks: int) -> Sound:
    rows = []
    for _ in range(ticks):
        row = silence()
        source.fill(row)
        rows.append(row)
    return np.concatenate(rows)


def test_a_drop_of_a_moment_is_no_reason_for_music() -> None:
    hold = holding(600)
    for _ in range(5):
        empty(hold, AWAY_TICKS - 1)
        assert not hold.plays
        assert not hold.sounds
        hold.count(somebody=True)


def test_music_plays_once_everybody_is_gone_and_leaves_in_the_tick_in_which_somebody_is_back() -> None:
    hold = holding(600)
    empty(hold, AWAY_TICKS)
    assert hold.plays
    played = heard(hold, 2 * FADE_IN_TICKS)
    assert np.sqrt(np.mean(played[-SAMPLE_RATE:] ** 2)) > 0.01
    hold.count(somebody=True)
    assert not hold.plays
    assert hold.sounds  # softly out
    fading = heard(hold, FADE_OUT_TICKS)
    assert not hold.sounds
    assert abs(fading[-1]) < 1e-3
    whole = np.concatenate((played, fading))
    assert np.abs(np.diff(whole)).max() < LARGEST_STEP


def test_the_programme_ends_after_the_set_time_and_not_where_there_is_none() -> None:
    hold, forever = holding(120), holding(0)
    empty(hold, 2 * MINUTE - 1)
    assert not hold.is_over
    hold.count(somebody=True)
    empty(hold, 2 * MINUTE - 1)
    assert not hold.is_over
    empty(hold, 1)
    assert hold.is_over
    empty(forever, 60 * MINUTE)
    assert not forever.is_over
    assert forever.plays


def test_a_programme_that_nobody_has_come_to_yet_waits_for_hours_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert UNVISITED_END_S == 6 * 3600
    monkeypatch.setattr(holds, "UNVISITED_END_S", 1200)
    hold = Hold(end_s=120)
    empty(hold, 10 * MINUTE)
    assert hold.plays
    assert not hold.is_over
    hold.count(somebody=True)
    empty(hold, 2 * MINUTE)
    assert hold.is_over, "the first has come and gone"
    unvisited = Hold(end_s=120)
    empty(unvisited, 20 * MINUTE - 1)
    assert not unvisited.is_over
    empty(unvisited, 1)
    assert unvisited.is_over


def test_the_last_of_the_music_fades_before_the_programme_ends() -> None:
    hold = holding(30)
    rows = []
    while not hold.is_over:
        hold.count(somebody=False)
        row = silence()
        if hold.sounds:
            hold.fill(row)
        rows.append(row)
    played = np.concatenate(rows)
    assert np.abs(played[-TICK // 2 :]).max() < 1e-3
    assert np.abs(np.diff(played)).max() < LARGEST_STEP


def test_a_loop_of_the_hosts_own_plays_the_next_time() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    hold = holding(600)
    empty(hold, AWAY_TICKS)
    heard(hold, FADE_IN_TICKS)
    hold.use(Looping(seamless(tone)))
    assert int(np.argmax(np.abs(np.fft.rfft(heard(hold, 50))))) != 440, "not in the middle of what plays"
    hold.count(somebody=True)
    heard(hold, FADE_OUT_TICKS)
    empty(hold, AWAY_TICKS)
    spectrum = np.abs(np.fft.rfft(heard(hold, 4 * FADE_IN_TICKS)[-SAMPLE_RATE:]))
    assert int(np.argmax(spectrum)) == 440


def test_an_empty_stage_whose_music_is_still_made_ready_is_silent_until_it_has_it() -> None:
    hold = Hold(end_s=600)
    empty(hold, AWAY_TICKS + 10)
    assert hold.plays
    assert not hold.sounds
    hold.use(Looping(shipped()))
    empty(hold, 1)
    assert hold.sounds
    assert np.abs(heard(hold, FADE_IN_TICKS)[-TICK:]).max() > 0.01


def test_what_ships_is_calm_quiet_and_has_no_seam() -> None:
    music = shipped()
    assert 20 <= len(music) / SAMPLE_RATE <= 60
    assert abs(meter(music).lufs - BED_LUFS) < 0.5
    assert np.abs(music).max() < 0.4
    twice = np.concatenate((music, music))
    assert np.abs(np.diff(twice)).max() < LARGEST_STEP
    by_second = np.sqrt(
        np.mean(music[: len(music) // SAMPLE_RATE * SAMPLE_RATE].reshape(-1, SAMPLE_RATE) ** 2, 1)
    )
    assert by_second.min() > 0.3 * by_second.max()  # never falls silent


def test_any_loop_is_joined_without_a_jump() -> None:
    ramp = np.linspace(-0.5, 0.5, SAMPLE_RATE, dtype=np.float32)  # ends a full step away from where it begins
    joined = seamless(ramp)
    assert np.abs(np.diff(np.concatenate((joined, joined)))).max() < 0.001


def test_a_loop_of_odd_length_goes_round_and_round() -> None:
    loop = Looping(np.ones(SAMPLE_RATE + 7, np.float32) * np.float32(0.25))
    loop.start()
    played = heard(loop, 500)
    assert len(played) == 500 * TICK
    assert np.allclose(played[FADE_IN_TICKS * TICK :], 0.25, atol=1e-3)
