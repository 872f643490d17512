"""Quiet and loud people end up equally loud, the programme at −16 LUFS, whoever speaks and however."""

from __future__ import annotations

import numpy as np
import pytest

from harness.loudness import Mixed, at_loudness, in_turn, meter, mixed, music, noise, silence, voice
from rostra.audio.bed import BED_LUFS, as_bed
from rostra.audio.frame import Sound
from rostra.audio.looping import Looping, seamless
from rostra.audio.loudness import TARGET_LUFS
from rostra.audio.music import shipped
from rostra.audio.peaks import CEILING_DBTP
from rostra.core.samples import SAMPLE_RATE, TICK

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


@pytest.mark.parametrize(
    ("level", "who"),
    [
        (-45, 0),
        (-8, 1),
        *(pytest.param(*other, marks=pytest.mark.long) for other in [(-45, 1), (-23, 0), (-23, 1), (-8, 0)]),
    ],
)
def test_somebody_alone(level: int, who: int) -> None:
    check(mixed(voice(40, lufs=level, who=who)))


def test_a_whisperer_a_shouter_and_somebody_in_between() -> None:
    check(mixed(*in_turn(-45, -8, -25)))


@pytest.mark.long
def test_thirteen_people_of_every_loudness() -> None:
    check(mixed(*in_turn(-45, -8, -25, -30, -20, -16, -35, -40, -12, -28, -22, -18, -33, turn_s=4)))


def test_people_who_talk_at_once() -> None:
    check(mixed(voice(60, lufs=-25), voice(60, lufs=-12, who=1), voice(60, lufs=-38, who=2)))


@pytest.mark.parametrize("level", [pytest.param(-30, marks=pytest.mark.long), -8])
def test_music_played_by_a_speaker(level: int) -> None:
    check(mixed(music(40, lufs=level)))


@pytest.mark.long
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


@pytest.mark.parametrize(("seconds", "louder_lu"), [(1, 25), (2, 20)])
def test_a_laugh_and_a_knock_at_the_microphone_leave_nothing_behind(seconds: int, louder_lu: int) -> None:
    talks = voice(20, lufs=-38)
    loud = voice(seconds, lufs=-38 + louder_lu, who=1)
    mix = mixed(np.concatenate((talks, loud, talks)))
    assert mix.moved_db_per_s() <= MOST_DB_PER_S
    over = (20 + seconds) * SAMPLE_RATE
    for start in range(over, over + 15 * SAMPLE_RATE, 5 * SAMPLE_RATE):
        said = mix.voices[0][start : start + 5 * SAMPLE_RATE]
        assert meter(said).lufs == pytest.approx(TARGET_LUFS, abs=MOST_APART_LU)


def test_a_newcomer_who_knocks_at_the_microphone_first_is_soon_as_loud_as_others() -> None:
    mix = mixed(np.concatenate((noise(4, lufs=-13)[: SAMPLE_RATE // 5], voice(30, lufs=-38))))
    assert mix.moved_db_per_s() <= MOST_DB_PER_S
    said = mix.voices[0][12 * SAMPLE_RATE : 17 * SAMPLE_RATE]
    assert meter(said).lufs == pytest.approx(TARGET_LUFS, abs=MOST_APART_LU)


def test_a_bed_stays_as_loud_as_it_is() -> None:
    loop = at_loudness(voice(20, lufs=-16), TARGET_LUFS)
    assert meter(mixed(silence(20), bed=loop).programme).lufs == pytest.approx(TARGET_LUFS, abs=1)


AWAY_S, BACK_S = 40, 12
SPOKEN_S = 12
"""Before all left."""


def come_back() -> Sound:
    """Somebody who speaks, is away until any gain has gone as far as it goes, and speaks again."""
    before, after = voice(SPOKEN_S, lufs=-25), voice(BACK_S, lufs=-25)
    return np.concatenate((before, silence(AWAY_S), after))


def holding(loop: Sound) -> Sound:
    """A bed while they are away: softly in, and softly out from the moment in which they are back."""
    source, bed = Looping(loop), silence(SPOKEN_S + AWAY_S + BACK_S).reshape(-1, TICK)
    source.start()
    for tick in range(SPOKEN_S * 50, len(bed)):
        if tick == (SPOKEN_S + AWAY_S) * 50:
            source.stop()
        if source.sounds:
            source.fill(bed[tick])
    return bed.reshape(-1)


def second(programme: Sound, first: int, last: int) -> float:
    """How loud some seconds are."""
    return meter(programme[first * SAMPLE_RATE : last * SAMPLE_RATE]).lufs


@pytest.fixture(scope="module")
def after_silence() -> Sound:
    """The programme of somebody who was away without any music."""
    return mixed(come_back()).programme


@pytest.mark.parametrize(
    "made",
    ["built-in", pytest.param("loud", marks=pytest.mark.long), pytest.param("quiet", marks=pytest.mark.long)],
)
def test_who_comes_back_after_music_is_as_loud_as_after_silence(made: str, after_silence: Sound) -> None:
    own = {"loud": -8, "quiet": -45}
    loop = seamless(as_bed(music(30, lufs=own[made]))) if made in own else shipped()
    programme = mixed(come_back(), bed=holding(loop)).programme
    alone = second(programme, SPOKEN_S + 10, SPOKEN_S + AWAY_S)
    assert alone == pytest.approx(BED_LUFS, abs=1)
    back = SPOKEN_S + AWAY_S
    for first, last in ((0, 2), (2, 5), (5, BACK_S)):
        without = second(after_silence, back + first, back + last)
        assert second(programme, back + first, back + last) == pytest.approx(without, abs=1)
    assert meter(programme).dbtp <= CEILING_DBTP + 0.3


def test_a_bed_with_a_single_crack_stays_under_the_ceiling() -> None:
    loop = music(5, lufs=-50)
    loop[SAMPLE_RATE] = 0.9
    made = meter(as_bed(loop))
    assert made.dbtp == pytest.approx(CEILING_DBTP, abs=0.3)
    assert made.lufs < BED_LUFS


def test_silence_makes_no_bed_louder() -> None:
    assert not as_bed(silence(3)).any()
    assert len(as_bed(silence(0))) == 0
