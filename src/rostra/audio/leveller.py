"""Bring everyone to the same loudness: a slow gain per speaker, driven by their speech alone.

Each speaker's loudness is the mean of their 400-ms blocks while they speak, as BS.1770 counts it: blocks more
than 10 LU below the mean weigh next to nothing, so pauses do not count and a voice that stays soft does in
time. The gain moves only while its speaker speaks: a pause pumps nothing up. A newcomer's is found before
any of their sound passes. Pure.
"""

from __future__ import annotations

from rostra.audio.loudness import TARGET_LUFS, Momentary, lufs
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
    """One speaker's gain."""

    def __init__(self) -> None:
        self.gain_db = 0.0
        self._momentary = Momentary()
        self._mean = 0.0
        """K-weighted power of their speech."""
        self._ticks = 0
        """Ticks of speech heard."""

    def update(self, power: float, noise: float, *, speaking: bool, first: bool) -> float:
        """Take in a tick: its K-weighted power, the noise (LUFS), whether it is speech, whether the first.

        Return the gain (dB).
        """
        block = self._momentary.push(power)
        if not speaking:
            return self.gain_db
        self._ticks += 1
        self._mean = self._learnt(power, block, first=first)
        wanted = min(max(TARGET_LUFS - lufs(self._mean), LEAST_GAIN_DB), MOST_GAIN_DB)
        step = min(wanted, max(MOST_NOISE_LUFS - noise, 0.0)) - self.gain_db
        self.gain_db += step if first else min(max(step, -_STEP_DB), _STEP_DB)
        return self.gain_db

    def _learnt(self, power: float, block: float, *, first: bool) -> float:
        mean = self._mean
        if first:
            return max(mean, power * _FIRST_SHARE)
        if self._ticks <= _FIRST_TICKS:
            return max(mean, block)
        share = max(1 / _MEMORY_TICKS, 1 / self._ticks) if block >= _GATE * mean else 1 / _SOFT_MEMORY_TICKS
        return mean + share * (block - mean)
