"""Speech made shorter or longer by a period of its own: same pitch, no seam."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.call import tone
from rostra.audio.stretch import LONGEST, NEEDED, SHORTEST, period, with_twice, without
from rostra.core.samples import SAMPLE_RATE, TICK


@given(st.integers(70, 2000))
def test_the_period_of_a_tone_is_found(hertz: int) -> None:
    found = period(tone(hertz, 0.05)[:NEEDED])
    turns = found.samples * hertz / SAMPLE_RATE
    assert abs(turns - round(turns)) < 0.03 * max(1, hertz / 440)
    assert found.likeness > 0.95


@pytest.mark.parametrize("hertz", [90, 220, 440, 1250])
def test_a_tone_that_is_cut_or_doubled_has_no_seam(hertz: int) -> None:
    sound = tone(hertz, 0.1)
    found = period(sound)
    steepest = np.abs(np.diff(sound)).max()
    for changed, length in ((without(sound, found.samples), -1), (with_twice(sound, found.samples), 1)):
        assert len(changed) == len(sound) + length * found.samples
        assert np.abs(np.diff(changed)).max() < 1.2 * steepest
        assert changed[0] == sound[0]
        assert changed[-1] == sound[-1]


def test_silence_repeats_itself_everywhere_and_noise_nowhere() -> None:
    assert period(np.zeros(NEEDED, np.float32)) == (LONGEST, 1.0)
    noise = np.random.default_rng(3).standard_normal(NEEDED).astype(np.float32) * np.float32(0.1)
    assert period(noise).likeness < 0.5


@pytest.mark.parametrize("samples", [480, TICK, TICK + 7, NEEDED, 5000])
def test_any_length_will_do_and_two_periods_fit_in_it(samples: int) -> None:
    found = period(np.random.default_rng(3).standard_normal(samples).astype(np.float32))
    assert SHORTEST <= found.samples <= min(LONGEST, samples // 2)
