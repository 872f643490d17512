"""Bring everyone to the same loudness: a slow gain per speaker, driven by their speech alone.

Each speaker's loudness is the mean of their 400-ms blocks while they speak, as BS.1770 counts it: blocks more
than 10 LU below the mean weigh next to nothing, so pauses do not count and a voice that stays soft does in
time. The gain moves only while its speaker speaks: a pause pumps nothing up. A newcomer's is found before
any of their sound passes. All rows together; pure.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rostra.audio.gate import Flags
from rostra.audio.loudness import TARGET_LUFS, Momentary, Values, lufs
from rostra.core.samples import SAMPLE_RATE, TICK

MOST_DB_PER_S = 2.0
MOST_GAIN_DB, LEAST_GAIN_DB = 30.0, -24.0
MOST_NOISE_LUFS = -30.0
"""No gain lifts a room's noise above this while somebody speaks in it."""
_FIRST_SHARE = 10 ** (-6 / 10)
"""A newcomer's speech is taken to be 6 LU softer than their loudest first tick."""
_STEP_DB = MOST_DB_PER_S * TICK / SAMPLE_RATE
_FIRST_TICKS = 20
_MEMORY_TICKS = 200
"""The mean forgets over 4 s of speech,"""
_SOFT_MEMORY_TICKS = 750
"""and by blocks far below it over 15 s."""
_GATE = 10 ** (-10 / 10)


class Leveller:
    """``rows`` gains."""

    def __init__(self, rows: int) -> None:
        self.gain_db: Values = np.zeros(rows)
        self._momentary = Momentary(rows)
        self._mean = np.zeros(rows)
        """K-weighted power of the speech of each."""
        self._ticks: npt.NDArray[np.int64] = np.zeros(rows, np.int64)
        """Ticks of speech heard."""

    def reset(self, row: int) -> None:
        """Somebody else sits there now."""
        self.gain_db[row] = self._mean[row] = 0.0
        self._ticks[row] = 0
        self._momentary.forget(row)

    def update(self, power: Values, noise: Values, speaking: Flags, first: Flags) -> Values:
        """Take in a tick: its K-weighted power, the noise (LUFS), who speaks, who was not heard yet.

        Return the gains (dB).
        """
        rows = len(power)
        gain = self.gain_db[:rows]
        block = self._momentary.push(power)
        if not speaking.any():
            return gain
        ticks, mean = self._ticks[:rows], self._mean[:rows]
        ticks += speaking
        share = np.where(
            block >= _GATE * mean,
            np.maximum(1 / _MEMORY_TICKS, 1 / np.maximum(ticks, 1)),
            1 / _SOFT_MEMORY_TICKS,
        )
        learnt = np.where(ticks <= _FIRST_TICKS, np.maximum(mean, block), mean + share * (block - mean))
        learnt = np.where(first, np.maximum(mean, power * _FIRST_SHARE), learnt)
        mean[speaking] = learnt[speaking]
        wanted = np.clip(TARGET_LUFS - lufs(mean), LEAST_GAIN_DB, MOST_GAIN_DB)
        wanted = np.minimum(wanted, np.maximum(MOST_NOISE_LUFS - noise, 0))
        step = np.where(first, np.inf, _STEP_DB)
        gain += np.where(speaking, np.clip(wanted - gain, -step, step), 0.0)
        return gain
