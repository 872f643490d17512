"""Loudness reads as FFmpeg's meter reads it."""

from __future__ import annotations

import numpy as np
import pytest

from harness.loudness import meter, music, noise, voice
from rostra.audio.frame import Sound
from rostra.audio.loudness import Momentary, k_power, lufs, power_of
from rostra.core.samples import SAMPLE_RATE, TICK


def sine(hertz: float) -> Sound:
    return (0.1 * np.sin(2 * np.pi * hertz * np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)


SOUNDS = {
    "60 Hz": sine(60),
    "440 Hz": sine(440),
    "3 kHz": sine(3000),
    "music": music(8, lufs=-20),
    "fan": noise(8, lufs=-30),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_the_mean_of_all_ticks_is_what_the_meter_says(name: str) -> None:
    ticks = SOUNDS[name][: len(SOUNDS[name]) // TICK * TICK].reshape(-1, TICK)
    assert lufs(float(k_power(ticks).mean())) == pytest.approx(meter(SOUNDS[name]).lufs, abs=0.4)


def test_many_voices_are_measured_at_once_and_none_costs_nothing() -> None:
    rows = np.stack([sine(440)[:TICK], 2 * sine(440)[:TICK], np.zeros(TICK, np.float32)])
    loud, louder, silent = map(lufs, k_power(rows).tolist())
    assert louder - loud == pytest.approx(6.02, abs=0.01)
    assert silent == pytest.approx(-90)
    assert k_power(rows[:0]).tolist() == []


def test_rows_of_silence_cost_nothing_and_change_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    click = np.zeros(TICK, np.float32)
    click[1] = 0.5
    rows = np.stack([sine(440)[:TICK], np.zeros(TICK, np.float32), click, np.zeros(TICK, np.float32)])
    alone = [float(k_power(row[None])[0]) for row in rows]
    seen: list[int] = []
    transform = np.fft.rfft

    def counted(sounds: Sound, **options: int) -> object:
        seen.append(len(sounds))
        return transform(sounds, **options)

    monkeypatch.setattr(np.fft, "rfft", counted)
    assert k_power(rows) == pytest.approx(alone, rel=1e-5)
    assert seen == [2]
    assert alone[1] == alone[3] == 0 < alone[2]


def test_a_loudness_and_its_power_are_the_same() -> None:
    assert lufs(power_of(-23.0)) == pytest.approx(-23)


def test_momentary_loudness_is_that_of_the_last_400_ms() -> None:
    momentary = Momentary()
    means = [momentary.push(power) for power in [4.0] * 20 + [0.0] * 10]
    assert (means[19], means[-1]) == (4.0, 2.0)


def test_a_voice_of_the_harness_is_as_loud_as_asked() -> None:
    assert meter(voice(20, lufs=-31)).lufs == pytest.approx(-31, abs=0.3)
