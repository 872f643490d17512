"""Bring everyone to the same loudness: a slow gain per speaker, driven by their speech alone.

How loud somebody speaks is told by their last seconds of speech, counted as BS.1770 does: the mean of their
400-ms blocks, without those that are 10 LU below it, so pauses do not count. No block counts for more than
8 LU above the median: a laugh, a cough, a knock at the microphone is no voice, and once it is over nothing of
it is left. While it lasts the gain falls, as it does for whoever comes nearer. The gain moves only while its
speaker speaks: a pause pumps nothing up. A newcomer's is found before any of their sound passes. Pure.
"""

from __future__ import annotations

from collections import deque

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
_STEP_TICKS = 10
"""Blocks begin 200 ms apart, and are kept of"""
_BLOCKS = 60
"""12 s of speech."""
_LATELY = 4
"""Blocks that begin within a second."""
_LOUD = 10 ** (8 / 10)
_SUDDEN = 10 ** (-6 / 10)
"""Somebody who is suddenly louder than usual by more is turned down by what is beyond."""
_GATE = 10 ** (-10 / 10)


class Leveller:
    """One speaker's gain."""

    def __init__(self) -> None:
        self.gain_db = 0.0
        self._momentary = Momentary()
        self._blocks: deque[float] = deque(maxlen=_BLOCKS)
        """K-weighted power of their speech,"""
        self._level = 0.0
        """and what is made of it."""
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
        self._learn(power, block, first=first)
        wanted = min(max(TARGET_LUFS - lufs(self._level), LEAST_GAIN_DB), MOST_GAIN_DB)
        step = min(wanted, max(MOST_NOISE_LUFS - noise, 0.0)) - self.gain_db
        self.gain_db += step if first else min(max(step, -_STEP_DB), _STEP_DB)
        return self.gain_db

    def _learn(self, power: float, block: float, *, first: bool) -> None:
        if first:
            self._level = max(self._level, power * _FIRST_SHARE)
        elif self._ticks < _FIRST_TICKS:
            self._level = max(self._level, block)
        elif self._ticks % _STEP_TICKS == 0:
            self._blocks.append(block)
            self._level = _level_of(list(self._blocks))


def _level_of(blocks: list[float]) -> float:
    """How loud somebody speaks who spoke these blocks, the newest last."""
    most = sorted(blocks)[len(blocks) // 2] * _LOUD
    usual = [min(block, most) for block in blocks]
    gate = sum(usual) / len(usual) * _GATE
    heard = [block for block in usual if block >= gate]
    lately = blocks[-_LATELY:]
    return max(sum(heard) / len(heard), sum(lately) / len(lately) * _SUDDEN)
