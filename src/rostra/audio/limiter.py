"""Keep what speakers hear under full scale without clipping and without delay.

Two stages per row. A gain, smoothed across frames, falls to what the frame's peak needs within
5 ms and comes back over about a second; below the threshold it is exactly 1 and the sound passes
untouched. What is loud before the gain has fallen is bent by a soft knee that never reaches full
scale. No look-ahead: the mix costs speakers no latency. Pure.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound
from rostra.core.samples import TICK

THRESHOLD = np.float32(0.8)
"""Amplitude (-1.9 dB of full scale) up to which sound passes untouched."""
CEILING = np.float32(0.97)
"""No sample leaves louder than this; the rest is room for lossy encoders to overshoot into."""
_ATTACK_SAMPLES = 240
_RELEASE_PER_TICK = np.float32(0.02)
_RAMP = np.minimum(np.arange(1, TICK + 1, dtype=np.float32) / _ATTACK_SAMPLES, 1)


class Limiter:
    """``rows`` independent limiters, run together."""

    def __init__(self, rows: int) -> None:
        self._gain: npt.NDArray[np.float32] = np.ones(rows, np.float32)

    def apply(self, sums: Sound, rows: npt.NDArray[np.intp]) -> None:
        """Limit ``sums`` (× 960 samples) in place: each by the limiter of that number in ``rows``.

        The others follow the first: whatever is theirs next has been like it.
        """
        gain = self._gain[rows]
        peaks = np.maximum(sums.max(axis=1), -sums.min(axis=1))
        if peaks.max(initial=0) <= THRESHOLD and gain.min(initial=1) == 1:
            self._gain[:] = 1
            return
        needed = THRESHOLD / np.maximum(peaks, THRESHOLD)
        target = np.minimum(needed, gain + _RELEASE_PER_TICK).clip(max=1).astype(np.float32)
        sums *= gain[:, None] + (target - gain)[:, None] * _RAMP
        self._gain[:] = target[0]
        self._gain[rows] = target
        _bend(sums)


def _bend(sums: Sound) -> None:
    over = np.abs(sums) > THRESHOLD
    if over.any():
        room = CEILING - THRESHOLD
        loud = sums[over]
        sums[over] = np.sign(loud) * (THRESHOLD + room * np.tanh((np.abs(loud) - THRESHOLD) / room))
