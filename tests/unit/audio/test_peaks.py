"""No true peak passes the ceiling, and what stays below is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from harness.loudness import meter, music, voice
from rostra.audio.frame import Sound
from rostra.audio.peaks import CEILING_DBTP, DELAY_SAMPLES, PeakLimiter
from rostra.core.samples import SAMPLE_RATE, TICK


def limited(sound: Sound) -> Sound:
    limiter = PeakLimiter()
    ticks = [sound[start : start + TICK] for start in range(0, len(sound) - TICK + 1, TICK)]
    return np.concatenate([limiter.apply(tick).copy() for tick in ticks])


def between_samples() -> Sound:
    """A quarter of the sample rate at 45°: peaks stand 3 dB above every sample."""
    at = np.arange(SAMPLE_RATE)
    return np.sin(np.pi / 2 * at + np.pi / 4).astype(np.float32)


def clicks() -> Sound:
    sound = np.zeros(SAMPLE_RATE, np.float32)
    sound[::1_013] = 1.0
    sound[500::1_777] = -1.0
    return sound


LOUD = {
    "between the samples": between_samples(),
    "clicks": clicks(),
    "noise": np.random.default_rng(1).standard_normal(SAMPLE_RATE).astype(np.float32),
    "a voice": 8 * voice(10, lufs=-16),
    "music": 4 * music(10, lufs=-16),
}


@pytest.mark.parametrize("name", LOUD)
def test_no_true_peak_passes_the_ceiling(name: str) -> None:
    assert meter(limited(LOUD[name])).dbtp <= CEILING_DBTP + 0.3


def test_what_stays_below_the_ceiling_passes_untouched() -> None:
    sound = 0.3 * between_samples()
    assert np.array_equal(limited(sound)[DELAY_SAMPLES:], sound[:-DELAY_SAMPLES])


def test_the_gain_has_no_step_around_a_peak() -> None:
    sound = (0.3 * np.sin(2 * np.pi * 200 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)
    sound[10_000:10_400] *= 3
    out = limited(sound)
    into, back = out[: 10_000 + DELAY_SAMPLES - 1], out[10_401 + DELAY_SAMPLES :]
    steepest = 2 * np.pi * 200 / SAMPLE_RATE * 0.3
    assert np.abs(np.diff(into)).max() < 1.5 * steepest
    assert np.abs(np.diff(back)).max() < 1.5 * steepest
    assert np.abs(out).max() <= 10 ** (CEILING_DBTP / 20) + 1e-4


def test_after_a_peak_sound_is_as_loud_as_before() -> None:
    sound = 0.3 * between_samples()
    sound[4_800:4_810] = 1.0
    np.testing.assert_allclose(
        limited(sound)[-SAMPLE_RATE // 8 :], np.roll(sound, DELAY_SAMPLES)[-6_000:], atol=0.002
    )
