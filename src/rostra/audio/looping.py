"""Play a loop as 20 ms frames: softly in, softly out, never with a click. Pure.

Any sound can be made a loop without a seam: its end is cross-faded into its beginning.
"""

from __future__ import annotations

import numpy as np

from rostra.audio.frame import Sound
from rostra.core.samples import TICK

FADE_IN_TICKS = 100
FADE_OUT_TICKS = 15
"""0.3 s: somebody is back and wants to be understood."""
_SEAM = 4_800
_NOTHING = 1e-4
_RAMP = np.arange(1, TICK + 1, dtype=np.float32) / TICK


class Looping:
    """A source of ticks. Silent until it is started; :attr:`sounds` says whether it has to be asked."""

    def __init__(self, loop: Sound) -> None:
        """``loop`` is mono 48 kHz, at least a second, without a seam; neither changed nor copied."""
        self._loop = loop
        self._at = 0
        self._gain = np.float32(0)
        self._step = np.float32(0)

    @property
    def sounds(self) -> bool:
        return bool(self._gain > 0 or self._step > 0)

    def start(self) -> None:
        """Fade in over two seconds, from the beginning unless it still sounds."""
        if not self.sounds:
            self._at = 0
        self._step = np.float32(1 / FADE_IN_TICKS)

    def stop(self) -> None:
        """Fade out over 0.3 s."""
        self._step = np.float32(-1 / FADE_OUT_TICKS)

    def fill(self, row: Sound) -> None:
        """Write the next tick into ``row`` (960 samples)."""
        places = np.arange(self._at, self._at + TICK) % len(self._loop)
        gain = np.float32(min(1.0, max(0.0, float(self._gain + self._step))))
        row[:] = self._loop[places] * (self._gain + (gain - self._gain) * _RAMP)
        self._at = (self._at + TICK) % len(self._loop)
        if gain in (0, 1) or gain < _NOTHING:
            gain, self._step = np.float32(round(float(gain))), np.float32(0)
        self._gain = gain


def seamless(loop: Sound) -> Sound:
    """Return the loop, its last tenth of a second melted into its first, which then follows its end."""
    fade = np.linspace(0, 1, _SEAM, endpoint=False, dtype=np.float32)
    body = loop[:-_SEAM].copy()
    body[:_SEAM] = loop[:_SEAM] * fade + loop[-_SEAM:] * (1 - fade)
    return body
