"""Quiet and loud people end up equally loud, the programme at −16 LUFS, whoever speaks and however."""

from __future__ import annotations

import numpy as np
import pytest

from harness.loudness import Mixed, at_loudness, in_turn, meter, mixed, music, noise, silence, voice
from rostra.audio.loudness import TARGET_LUFS
from rostra.audio.peaks import CEILING_DBTP
from rostra.core.samples import SAMPLE_RATE

MOST_APART_LU = 6.0
MOST_DB_PER_S = 3.0


def check(mix: Mixed, *, from_s: int = 0, speakers: int | None = None) -> None:
    start = from_s * SAMPLE_RATE
    programme = meter(mix.programme[start:])
    assert programme.lufs == pytest.approx(TARGET_LUFS, abs=1)
    assert programme.dbtp <= CEILING_DBTP + 0.3
    levels = [meter(each[start:]).lufs for each in mix.voices[:speakers]]
    assert max(levels) - min(levels) <= MOST_APART_LU
    assert mix.moved_db_per_s() <= MOST_DB_PER_S


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("level", [-45, pytest.param(-23, marks=pytest.mark.long), -8])
def test_somebody_alone(level: int, who: int) -> None:
    check(mixed(voice(40, lufs=level, who=who)))


def test_a_whisperer_a_shouter_and_somebody_in_between() -> None:
    check(mixed(*in_turn(-45, -8, -25)))


@pytest.mark.long
def test_thirteen_people_of_every_loudness() -> None:
    check(mixed(*in_turn(-45, -8, -25, -30, -20, -16, -35, -40, -12, -28, -22, -18, -33, turn_s=4)))


def test_people_who_talk_at_once() -> None:
    check(mixed(voice(60, lufs=-25), voice(60, lufs=-12, who=1), voice(60, lufs=-38, who=2)))


@pytest.mark.parametrize("level", [-30, -8])
def test_music_played_by_a_speaker(level: int) -> None:
    check(mixed(music(40, lufs=level)))


def test_somebody_over_music() -> None:
    check(mixed(music(60, lufs=-20), voice(60, lufs=-25)))


def test_the_gain_of_a_speaker_with_a_fan_waits_while_another_speaks() -> None:
    said = np.concatenate((voice(15, lufs=-38), voice(3, lufs=-12), silence(15)))
    answer = np.concatenate((silence(18), voice(15, lufs=-20, who=1)))
    mix = mixed(said + noise(33, lufs=-60), answer)
    gain = mix.gains_db[:, 0] - mix.trims_db
    assert gain[18 * 50] < gain[16 * 50] - 0.5  # on its way down when the pause begins
    assert np.ptp(gain[19 * 50 :]) < 0.1
    assert not mix.voices[0][20 * SAMPLE_RATE :].any()


def test_somebody_who_comes_nearer_to_their_microphone_is_turned_down_slowly() -> None:
    mix = mixed(np.concatenate((voice(20, lufs=-35), voice(30, lufs=-15))))
    assert mix.moved_db_per_s() <= MOST_DB_PER_S
    late = slice(36 * SAMPLE_RATE, None)
    assert meter(mix.voices[0][late]).lufs == pytest.approx(TARGET_LUFS, abs=2)


def test_somebody_who_goes_on_softly_is_turned_up_in_time() -> None:
    mix = mixed(np.concatenate((voice(20, lufs=-15), voice(60, lufs=-32))))
    assert meter(mix.voices[0][60 * SAMPLE_RATE :]).lufs > TARGET_LUFS - 4


def test_a_hold_loop_at_the_common_loudness_stays_there() -> None:
    loop = at_loudness(voice(20, lufs=-16), TARGET_LUFS)
    assert meter(mixed(silence(20), bed=loop).programme).lufs == pytest.approx(TARGET_LUFS, abs=1)
