"""Close the microphones of those who do not speak: so thirteen rooms do not add up.

A gate opens at once (within 2.5 ms) when a tick stands out from the noise of its room, stays open for a while
after the last such tick, then fades out. The noise is the quietest moment of the last seconds (minimum
statistics, R. Martin, 2001): speech dips to it between words, so a voice never passes for noise; a fan is
noise after a few seconds. Sound louder than any room passes in any case: music need not pause. A newcomer is
heard once 160 ms of them were, in which their gain is found. Pure, counts ticks of 20 ms.
"""

from __future__ import annotations

import copy
import math

import numpy as np

from rostra.audio.frame import Sound
from rostra.core.samples import TICK

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
_CLOSED = 1e-6
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
_FIRST_NOISE_LUFS = -62.0


class Gate:
    """One microphone's, closed at first."""

    def __init__(self) -> None:
        self.noise = _FIRST_NOISE_LUFS
        """LUFS."""
        self.share = 0.0
        """How far it is open at the end of the last tick: 0 … 1."""
        self.was = 0.0
        """The same, at its beginning."""
        self.first = True
        """Whether it has never been open."""
        self._met = 0
        """Ticks that a newcomer has stood out."""
        self._kept = 0
        """Ticks that it stays open."""
        self._quietest = self._quietest_before = math.inf
        """LUFS, in this window and in the one before."""
        self._ticks = 0

    def anew(self) -> Gate:
        """The same, closed."""
        gate = copy.copy(self)
        gate.share = gate.was = 0.0
        gate._kept = 0
        return gate

    def update(self, loudness: float, loudest: float, *, muted: bool) -> bool:
        """Take in how loud a tick was, and its loudest 5 ms (LUFS); say whether it stands out from the noise.

        One that is muted closes within the tick and learns nothing.
        """
        self._listen(loudness, muted=muted)
        kept = self._kept
        if loudest >= max(self.noise + OPENS_LU, LEAST_LUFS) or (
            kept and loudness >= max(self.noise + KEEPS_LU, LEAST_LUFS - (OPENS_LU - KEEPS_LU))
        ):
            kept = HOLD_TICKS
        else:
            kept = max(kept - 1, 0)
        self._kept = 0 if muted else kept
        speaking = self._kept > 0 and loudness >= self.noise + OPENS_LU
        self._met += speaking
        self.was = self.share
        self.share = self._next_share(muted=muted)
        self.first = self.share == 0 and self._met <= FIRST_TICKS
        return speaking

    def ramp(self) -> Sound:
        """How one that moves goes from :attr:`was` to :attr:`share` within the tick: ``(960,)``."""
        shape = _OPENING if self.share > self.was else _LINEAR
        return np.asarray(np.float32(self.was) + np.float32(self.share - self.was) * shape)

    def _next_share(self, *, muted: bool) -> float:
        if muted or self._met <= FIRST_TICKS:
            return 0.0
        if self._kept:
            return 1.0
        share = self.share - 1 / FADE_TICKS
        return share if share > _CLOSED else 0.0

    def _listen(self, loudness: float, *, muted: bool) -> None:
        """Follow the noise of the room."""
        if self._ticks % _WINDOW_TICKS == 0:
            self._quietest_before, self._quietest = self._quietest, math.inf
        self._ticks += 1
        if loudness > _DEAF_LUFS and not muted:
            self._quietest = min(self._quietest, loudness)
        if self._quietest_before == math.inf:
            seen = min(self.noise, self._quietest)
        else:
            seen = min(self._quietest, self._quietest_before)
        step = seen - self.noise
        noise = self.noise + (step * _FALL if step < 0 else min(step, _RISE_LU))
        self.noise = min(max(noise, LEAST_NOISE_LUFS), MOST_NOISE_LUFS)
