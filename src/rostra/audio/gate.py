"""Close the microphones of those who do not speak: so thirteen rooms do not add up.

A gate opens at once (within 2.5 ms) when a tick stands out from the noise of its room, stays open for a while
after the last such tick, then fades out. The noise is the quietest moment of the last seconds (minimum
statistics, R. Martin, 2001): speech dips to it between words, so a voice never passes for noise; a fan is
noise after a few seconds. Sound louder than any room passes in any case: music need not pause. A newcomer is
heard once 160 ms of them were, in which their gain is found. All rows together; pure, counts
ticks of 20 ms.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound
from rostra.audio.loudness import Values
from rostra.core.samples import TICK

Flags = npt.NDArray[np.bool_]

OPENS_LU = 10.0
"""Above the noise by so much, a tick opens the gate."""
KEEPS_LU = 6.0
"""Above the noise by so much, a tick keeps it open."""
LEAST_LUFS = -58.0
"""What is quieter opens no gate, however quiet the room."""
MOST_NOISE_LUFS = -46.0
"""Nothing louder is taken for a room's noise."""
LEAST_NOISE_LUFS = -75.0
HOLD_TICKS = 20
"""400 ms from the last tick that kept it open."""
FADE_TICKS = 10
"""Ticks from open to closed."""
OPENING_SAMPLES = 120
_OPENING = np.minimum(np.arange(1, TICK + 1, dtype=np.float32) / OPENING_SAMPLES, 1)
_LINEAR = np.arange(1, TICK + 1, dtype=np.float32) / TICK
_WINDOW_TICKS = 50
"""The noise is the quietest tick of the last one to two such windows."""
_RISE_LU = 0.24
"""A tick: 12 LU a second."""
_FALL = 0.3
"""Share of the way down that a tick goes."""
FIRST_TICKS = 8
"""Ticks that a microphone must stand out before it is heard for the first time: its gain is found in them."""
_DEAF_LUFS = -85.0
"""Digital silence: tells nothing about a room."""
_PARTS = 4
_FIRST_NOISE_LUFS = -62.0


class Gate:
    """``rows`` gates. One that was never opened is closed."""

    def __init__(self, rows: int) -> None:
        self.noise: Values = np.full(rows, _FIRST_NOISE_LUFS)
        """LUFS."""
        self.share: npt.NDArray[np.float32] = np.zeros(rows, np.float32)
        """How far each gate is open at the end of the last tick: 0 … 1."""
        self.was: npt.NDArray[np.float32] = np.zeros(rows, np.float32)
        """The same, at its beginning."""
        self.first: Flags = np.ones(rows, np.bool_)
        """Who has not been heard yet."""
        self._met: npt.NDArray[np.int64] = np.zeros(rows, np.int64)
        """Ticks that a newcomer has stood out."""
        self._kept: npt.NDArray[np.int64] = np.zeros(rows, np.int64)
        """Ticks that it stays open."""
        self._quietest = np.full((2, rows), np.inf)
        self._tick = 0

    def reset(self, row: int) -> None:
        """Close a gate and forget its room."""
        self.noise[row] = _FIRST_NOISE_LUFS
        self.share[row] = self.was[row] = self._kept[row] = self._met[row] = 0
        self.first[row] = True
        self._quietest[:, row] = np.inf

    def update(self, voices: Sound, loudness: Values, muted: Flags) -> Flags:
        """Take in a tick and how loud it was (LUFS); return which rows stand out from their noise.

        Muted rows close within the tick and teach nothing.
        """
        rows = len(loudness)
        self._listen(loudness, muted)
        noise = self.noise[:rows]
        opening = _peak_loudness(voices, loudness) >= np.maximum(noise + OPENS_LU, LEAST_LUFS)
        keeping = loudness >= np.maximum(noise + KEEPS_LU, LEAST_LUFS - (OPENS_LU - KEEPS_LU))
        kept, met, first = self._kept[:rows], self._met[:rows], self.first[:rows]
        kept[:] = np.where(opening | (keeping & (kept > 0)), HOLD_TICKS, np.maximum(kept - 1, 0))
        kept[muted] = 0
        speaking = (loudness >= noise + OPENS_LU) & (kept > 0)
        met += speaking
        was, share = self.was[:rows], self.share[:rows]
        was[:] = share
        share[:] = np.where(kept > 0, 1, np.maximum(share - np.float32(1 / FADE_TICKS), 0))
        share[muted | (share < 1e-6) | (met <= FIRST_TICKS)] = 0
        first[:] = share == 0
        first &= met <= FIRST_TICKS
        return np.asarray(speaking)

    def ramp(self, row: int) -> Sound:
        """How a gate that moves goes from :attr:`was` to :attr:`share` within the tick: ``(960,)``."""
        shape = _OPENING if self.share[row] > self.was[row] else _LINEAR
        return np.asarray(self.was[row] + (self.share[row] - self.was[row]) * shape)

    def _listen(self, loudness: Values, muted: Flags) -> None:
        """Follow the noise of each room."""
        rows = len(loudness)
        if self._tick % _WINDOW_TICKS == 0:
            self._quietest[1] = self._quietest[0]
            self._quietest[0] = np.inf
        self._tick += 1
        hears = (loudness > _DEAF_LUFS) & ~muted
        quietest = self._quietest[:, :rows]
        np.minimum(quietest[0], loudness, out=quietest[0], where=hears)
        noise = self.noise[:rows]
        seen = np.where(np.isinf(quietest[1]), np.minimum(noise, quietest[0]), quietest.min(axis=0))
        step = seen - noise
        noise += np.where(step < 0, step * _FALL, np.minimum(step, _RISE_LU))
        np.clip(noise, LEAST_NOISE_LUFS, MOST_NOISE_LUFS, out=noise)


def _peak_loudness(voices: Sound, loudness: Values) -> Values:
    """The loudness of the loudest 5 ms of each tick: a syllable begins anywhere."""
    parts = voices.reshape(len(voices), _PARTS, TICK // _PARTS)
    power = np.einsum("ijk,ijk->ij", parts, parts) + np.float32(1e-12)
    above = power.max(axis=1) / power.mean(axis=1)
    return np.asarray(loudness + 10 * np.log10(above))
