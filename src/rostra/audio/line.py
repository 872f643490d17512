"""A speaker's decoded sound on its way to the next tick: filled from packets, cut to measure, given out.

What the schedule wants of it (``audio/playout.py``) it does without a seam: whole periods of the pitch more
or fewer, single samples for a clock that drifts, a fade where sound begins or ends. Pure; times in samples.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from rostra.audio import stretch
from rostra.audio.frame import Sound, silence
from rostra.audio.speech import Speech
from rostra.audio.warp import warp
from rostra.core.samples import TICK

_ALIKE: Final = 0.9
_IMPATIENCE: Final = 0.01
"""By how much less alike two periods may be for each tick in which none were alike enough."""
_MOST_OWED: Final = 2.0
_FADE: Final = 240
_RISE = np.linspace(0, 1, _FADE, dtype=np.float32)


class Line:
    """At most a few packets long."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._sound: Sound = silence(0)
        self._tries = 0
        self._owed = 0.0
        """Samples by which the drift is behind."""

    def __len__(self) -> int:
        return len(self._sound)

    @property
    def begins(self) -> int:
        """Timestamp of the sample that is given out next."""
        return (self._speech.position or 0) - len(self._sound)

    def fill(self, samples: int, *, only_if_here: bool = False) -> None:
        """Decode until there are ``samples`` or nothing more, or nothing more without making it up."""
        while len(self._sound) < samples and (self._speech.ready or not only_if_here):
            piece = self._speech.more()
            if piece is None:
                return
            self._sound = np.concatenate((self._sound, piece)) if len(self._sound) else piece.copy()

    def begin(self) -> None:
        """Have the sound that begins now rise from silence."""
        self.fill(TICK)
        fade = min(_FADE, len(self._sound))
        self._sound[:fade] *= _RISE[:fade]

    def clear(self) -> None:
        """Forget what was not given out."""
        self._sound = silence(0)
        self._owed = 0.0

    def lengthen(self) -> None:
        """Say a period of the pitch twice, if one is found."""
        self.fill(TICK)
        if len(self._sound) < TICK:
            return
        found = stretch.period(self._sound[: stretch.NEEDED])
        if self._is_alike(found.likeness):
            self._sound = stretch.with_twice(self._sound, found.samples)

    def shorten(self) -> bool:
        """Leave a period out, if one is found and a tick remains; say whether it was."""
        self.fill(TICK + stretch.LONGEST, only_if_here=True)
        if len(self._sound) < max(stretch.NEEDED, TICK + stretch.SHORTEST):
            return False
        found = stretch.period(self._sound[: stretch.NEEDED])
        if found.samples > len(self._sound) - TICK or not self._is_alike(found.likeness):
            return False
        self._sound = stretch.without(self._sound, found.samples)
        return True

    def follow(self, ppm: float) -> None:
        """Note that for a tick the speaker's clock was so much faster than ours."""
        self._owed = max(-_MOST_OWED, min(_MOST_OWED, self._owed + TICK * ppm * 1e-6))

    def give(self, row: Sound) -> bool:
        """Fill ``row`` with the next tick. False when it ended within it: the rest is silence."""
        self.fill(TICK)
        left = len(self._sound)
        if left < TICK:
            fade = min(_FADE, left)
            self._sound[left - fade :] *= _RISE[:fade][::-1]
            row[:left] = self._sound
            row[left:] = 0
            return False
        samples = self._bent()
        if samples == TICK:
            row[:] = self._sound[:TICK]
        else:
            row[:] = warp(self._sound[:samples])
            self._owed -= samples - TICK
        self._sound = self._sound[samples:]
        return True

    def _bent(self) -> int:
        """How many samples the next tick is to be made of."""
        if self._owed <= -1:
            return TICK - 1
        if self._owed >= 1:
            self.fill(TICK + 1, only_if_here=True)
            return TICK + (len(self._sound) > TICK)
        return TICK

    def _is_alike(self, likeness: float) -> bool:
        self._tries += 1
        if likeness < _ALIKE - _IMPATIENCE * self._tries:
            return False
        self._tries = 0
        return True
