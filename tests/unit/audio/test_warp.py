"""A tick bent by one sample is the same sound, with no seam to its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from harness.call import purity, tone
from rostra.audio.warp import warp
from rostra.core.samples import TICK


@pytest.mark.parametrize("samples", [TICK - 1, TICK + 1])
def test_the_ends_are_untouched_and_the_length_is_a_tick(samples: int) -> None:
    sound = np.random.default_rng(1).standard_normal(samples).astype(np.float32)
    bent = warp(sound)
    assert len(bent) == TICK
    assert np.abs(bent[:8] - sound[:8]).max() < 1e-5
    assert np.abs(bent[-8:] - sound[-8:]).max() < 1e-5


@pytest.mark.parametrize("hertz", [100, 1000, 8000, 14_000])
@pytest.mark.parametrize("samples", [TICK - 1, TICK + 1])
def test_a_tone_bent_again_and_again_stays_one_tone_of_the_same_loudness(hertz: int, samples: int) -> None:
    sound = tone(hertz, 3)
    bent = np.concatenate(
        [warp(sound[start : start + samples]) for start in range(0, 100 * samples, samples)]
    )
    assert purity(bent, hertz * samples / TICK) > 0.9999
    assert np.sqrt(np.mean(bent**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.01)
