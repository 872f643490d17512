"""Levels read as RFC 6464 says."""

from __future__ import annotations

import numpy as np
import pytest

from rostra.audio.frame import Sound
from rostra.audio.levels import levels_dbov
from rostra.core.samples import SAMPLE_RATE, TICK


def sine(amplitude: float, samples: int = TICK) -> Sound:
    time = np.arange(samples) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)


@pytest.mark.parametrize(
    ("sound", "level"),
    [
        (np.zeros(TICK, np.float32), -127),
        (np.ones(TICK, np.float32), 0),
        (sine(1.0), -3),
        (sine(0.1), -23),
        (np.full(TICK, 1e-9, np.float32), -127),
        (np.full(TICK, 3.0, np.float32), 0),
    ],
)
def test_a_level_is_the_power_under_full_scale(sound: Sound, level: int) -> None:
    assert levels_dbov(sound[None, :]) == [level]


def test_many_voices_are_measured_at_once_and_none_costs_nothing() -> None:
    assert levels_dbov(np.stack([sine(1.0), sine(0.1)])) == [-3, -23]
    assert levels_dbov(np.zeros((0, TICK), np.float32)) == []
