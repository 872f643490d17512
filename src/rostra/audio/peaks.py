"""Keep the programme's true peaks under a ceiling: a limiter that looks ahead.

A true peak is what stands between the samples (ITU-R BS.1770-5, Annex 2): read from four times as many. The
gain falls in straight lines that begin before the peak and end at it, so nothing is bent; it comes back over
a tenth of a second. The ceiling leaves room for what lossy encoders add; noise is kept lower, for they add
more to it. Delays the sound by :data:`DELAY_SAMPLES`, which costs the audience nothing and which speakers'
returns do without. Pure.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound
from rostra.core.samples import SAMPLE_RATE, TICK

CEILING_DBTP = -5.5
"""Before encoding. AAC at 32 kbit/s adds 3 dB to speech, seldom 5; Opus at 16 up to 2: tests decode them."""
MOST_NOISE = 0.13
"""Root mean square of noise, as of applause: codecs make noise of the same power anew, and its peaks, up to
six times as high, are where they will be.
"""
_CEILING = 10 ** (CEILING_DBTP / 20)
_BLOCK = 48
_BLOCKS = TICK // _BLOCK
_AHEAD = 6
"""Blocks of 1 ms that a coming peak is known before."""
_TAPS = 24
_AFTER = _TAPS // 2
DELAY_SAMPLES = _AHEAD * _BLOCK + _AFTER
_RELEASE = 0.01
"""Share of the way back to 1 that the gain goes in a block."""
_QUIET = 0.5
"""Samples that stay this far under the ceiling have no true peak above it."""
_RAMP = np.arange(1, _BLOCK + 1, dtype=np.float32) / _BLOCK


def _interpolators() -> npt.NDArray[np.float32]:
    """A windowed sinc for each quarter of a sample: ``(taps, 4)``."""
    at = np.arange(_TAPS)[:, None] - (_AFTER - 1) - np.arange(4)[None, :] / 4
    window = np.i0(6.0 * np.sqrt(np.maximum(0, 1 - (at / _AFTER) ** 2))) / np.i0(6.0)
    return np.asarray(np.sinc(at) * window, np.float32)


_INTERPOLATORS = _interpolators()
_STEP = 12
"""Samples that are interpolated around with one multiplication of matrices: few, so that little is copied."""


def _steps() -> npt.NDArray[np.float32]:
    """The same for ``_STEP`` samples in a row: ``(_STEP + taps - 1, 4 * _STEP)``."""
    steps = np.zeros((_STEP + _TAPS - 1, 4 * _STEP), np.float32)
    for sample in range(_STEP):
        steps[sample : sample + _TAPS, 4 * sample : 4 * sample + 4] = _INTERPOLATORS
    return steps


_STEPS = _steps()


def true_peak(sound: Sound) -> float:
    """Return the highest true peak of a whole sound, in amplitude, never below 0.0001."""
    padded = np.pad(sound, (_AFTER - 1, _AFTER))
    highest = 1e-4
    for start in range(0, len(sound), SAMPLE_RATE):
        piece = padded[start : start + SAMPLE_RATE + _TAPS - 1]
        between = np.lib.stride_tricks.sliding_window_view(piece, _TAPS) @ _INTERPOLATORS
        highest = max(highest, float(np.abs(between).max()))
    return highest


class PeakLimiter:
    """One voice, 960 samples at a time."""

    def __init__(self) -> None:
        self._inside: Sound = np.zeros(DELAY_SAMPLES + _AFTER - 1 + TICK, np.float32)
        """What has come in and not gone out, and what the first of it is interpolated with."""
        self._newest = self._inside[_AHEAD * _BLOCK :]
        """What the blocks that came last are interpolated with."""
        self._around = np.lib.stride_tricks.sliding_window_view(self._newest, _STEP + _TAPS - 1)[::_STEP]
        self._needed = [1.0] * _AHEAD
        """Gain that each block still inside needs."""
        self._gain = 1.0
        self.passed = 1.0
        """Share of the last tick's power that came through."""

    def apply(self, sound: Sound) -> Sound:
        """Return the 960 samples that end :data:`DELAY_SAMPLES` before those given, limited.

        The array is the limiter's own and holds until the next call.
        """
        inside = self._inside
        inside[:-TICK] = inside[TICK:]
        inside[-TICK:] = sound
        needed = self._needed + self._needed_now()
        self._needed = needed[_BLOCKS:]
        leaving = inside[_AFTER - 1 : _AFTER - 1 + TICK]
        if self._gain == 1 and min(needed) == 1:
            self.passed = 1.0
            return leaving
        line = np.array(self._line(needed), np.float32)
        gain = (line[:-1, None] + (line[1:] - line[:-1])[:, None] * _RAMP).reshape(-1)
        limited = np.asarray(leaving * gain, np.float32)
        self.passed = float(limited @ limited) / max(float(leaving @ leaving), 1e-12)
        return limited

    def _needed_now(self) -> list[float]:
        """The gain that each new block's true peak needs, from its samples and those around."""
        newest = self._newest
        if max(float(newest.max()), -float(newest.min())) < _QUIET * _CEILING:
            return [1.0] * _BLOCKS
        between = self._around @ _STEPS
        peaks = np.abs(between, out=between).reshape(_BLOCKS, -1).max(axis=1)
        return [
            1 / max(1.0, peak / _CEILING, noise / MOST_NOISE)
            for peak, noise in zip(peaks.tolist(), self._noises(), strict=True)
        ]

    def _noises(self) -> list[float]:
        """The root mean square of each new block and the two before it, were it white noise.

        By the steps from sample to sample: as large as the sound itself in noise, small in vowels and tones.
        """
        steps = np.diff(self._inside[-TICK - 2 * _BLOCK - 1 :]).reshape(-1, _BLOCK)
        powers = np.vecdot(steps, steps).tolist()
        return [
            math.sqrt((one + two + three) / (3 * _BLOCK * 2))
            for one, two, three in zip(powers, powers[1:], powers[2:], strict=False)
        ]

    def _line(self, needed: list[float]) -> list[float]:
        """The gain at each block's border: at each block no more than it needs, however it gets there."""
        borders = list(map(min, needed, needed[1:]))
        gain = self._gain
        line = [gain]
        for block in range(_BLOCKS):
            free = gain + (1 - gain) * _RELEASE
            ahead = borders[block : block + _AHEAD - 1]
            if min(ahead) >= free:
                gain = free
            else:
                falls = min((need - gain) / (blocks + 1) for blocks, need in enumerate(ahead))
                gain = min(free, gain + falls)
            line.append(gain)
        self._gain = 1.0 if gain > 0.9999 else gain
        return line
