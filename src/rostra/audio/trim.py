"""Bring the programme as a whole to its loudness: one slow gain over everything.

People who talk at once add up, and a soft one brings less: the trim makes up for what the gains of the single
speakers leave. It moves only while something is heard, at one dB a second. Pure.
"""

from __future__ import annotations

from rostra.audio.loudness import TARGET_LUFS, Momentary, lufs, power_of
from rostra.core.samples import SAMPLE_RATE, TICK

MOST_DB_PER_S = 1.0
MOST_DB, LEAST_DB = 5.0, -12.0
LEAST_LUFS = -40.0
"""Blocks below this are nobody speaking."""
_STEP_DB = MOST_DB_PER_S * TICK / SAMPLE_RATE
_MEMORY_TICKS = 250
"""Five seconds of sound."""
_LOST_LU = 0.5
"""What encoders lose: Opus at 16 kbit/s up to 0.7, AAC at 64 next to nothing."""
_GATE = 10 ** (-10 / 10)


class Trim:
    """The gain of one programme."""

    def __init__(self) -> None:
        self.gain_db = 0.0
        self._momentary = Momentary()
        self._mean = power_of(TARGET_LUFS)

    def update(self, power: float) -> None:
        """Take in a tick's K-weighted power before the trim; :attr:`gain_db` is the gain at its end."""
        block = self._momentary.push(power)
        if block < max(power_of(LEAST_LUFS), _GATE * self._mean):
            return
        self._mean += (block - self._mean) / _MEMORY_TICKS
        wanted = TARGET_LUFS + _LOST_LU - lufs(self._mean)
        wanted = min(max(wanted, LEAST_DB), MOST_DB)
        self.gain_db += min(max(wanted - self.gain_db, -_STEP_DB), _STEP_DB)
