"""An hour with a clock that runs wrong, in virtual time: nothing is heard of it, and nobody gets later."""

from __future__ import annotations

import numpy as np
import pytest

from harness.call import MS, Call, Encoder, longest_gap_ms, packets_of, purity, tone
from rostra.core.samples import SAMPLE_RATE, TICK

HZ, AMPLITUDE = 450, 0.25
"""Nine whole turns in a tick: one second of packets can be said again and again."""
STEEPEST = AMPLITUDE * 2 * np.pi * HZ / SAMPLE_RATE
MINUTE = 60 * SAMPLE_RATE // TICK


def glitches(sound: np.ndarray) -> int:  # type: ignore[type-arg]  # of any kind
    """Samples where the sound bends more sharply than a tone can."""
    bends = np.abs(np.diff(sound, 2))
    return int((bends > 3 * STEEPEST * 2 * np.pi * HZ / SAMPLE_RATE).sum())


@pytest.mark.parametrize(
    ("ppm", "minutes"),
    [
        (300, 6),
        (-300, 6),
        (40, 6),
        pytest.param(300, 60, marks=pytest.mark.long),
        pytest.param(-300, 60, marks=pytest.mark.long),
        pytest.param(0, 60, marks=pytest.mark.long),
    ],
)
def test_a_wrong_clock_makes_no_glitch_and_no_delay(ppm: int, minutes: int) -> None:
    second = packets_of(tone(HZ, 3, amplitude=AMPLITUDE), Encoder(bit_rate=64_000, fec=False))[-50:]
    call = Call(ppm=ppm)
    for minute in range(minutes):
        heard = call.talk(second * 60)
        if minute == 0:
            heard = heard[SAMPLE_RATE:]
        assert glitches(heard) == 0
        assert longest_gap_ms(heard) <= 10
        assert max(call.delays[-MINUTE + 50 :]) <= 45 * MS
        assert min(call.delays[-MINUTE + 50 :]) >= 15 * MS
        if minute >= 2:
            assert abs(purity(heard[-10 * SAMPLE_RATE :], HZ) - 1) < 1e-3
            assert call.playout.measures().drift_ppm == pytest.approx(ppm, abs=2)
        call.heard.clear()
        call.delays.clear()
    measures = call.playout.measures()
    assert (measures.concealed_ms, measures.packets_late) == (0, 0)
