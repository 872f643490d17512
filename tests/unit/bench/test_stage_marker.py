"""The benchmark finds the sweeps that were spoken in what was heard, and says how late they are."""

from __future__ import annotations

import numpy as np
import pytest
from bench.stage.marker import delays_ms, sweep

from rostra.core.samples import SAMPLE_RATE, TICK

SECOND_NS = 1_000_000_000


def heard_after(delay_s: float, *, gain: float = 0.5, seconds: int = 6) -> np.ndarray:
    """A sweep each second, so late, among noise."""
    sound = 0.05 * np.random.default_rng(1).standard_normal((seconds + 1) * SAMPLE_RATE)
    for second in range(seconds):
        start = round((second + delay_s) * SAMPLE_RATE)
        sound[start : start + len(sweep())] += gain * sweep()
    return sound.astype(np.float32)


def arrivals(sound: np.ndarray) -> list[int]:
    return [round(at / SAMPLE_RATE * SECOND_NS) for at in range(0, len(sound), TICK)]


@pytest.mark.parametrize("delay_s", [0.0401, 0.123])
def test_each_sweep_is_found_where_it_is(delay_s: float) -> None:
    sound = heard_after(delay_s)
    found = delays_ms(sound, arrivals(sound), TICK, [second * SECOND_NS for second in range(6)])
    assert found == pytest.approx([1000 * delay_s] * 6, abs=0.1)


def test_a_sweep_that_was_not_heard_is_not_made_up() -> None:
    sound = heard_after(0.1, gain=0.0)
    assert delays_ms(sound, arrivals(sound), TICK, [SECOND_NS]) == []
    assert delays_ms(np.zeros(0, np.float32), [], TICK, [SECOND_NS]) == []
