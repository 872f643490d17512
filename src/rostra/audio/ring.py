"""A bounded ring of one speaker's samples between the network and the mixer.

Packets come when they come; the mixer takes 960 samples every 20 ms. The ring waits for a cushion
before it begins, and begins again after it ran dry. A burst makes it deeper; when it has been deeper
than it needs to be for a whole second, what is too much is cut out with a short cross-fade, so that
delay goes away again. A mixer that stood still finds all that was said meanwhile, and catches up with it.
Full, the ring drops the oldest. What is dropped and missed is counted. Pure; one thread.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound
from rostra.core.samples import TICK

CUSHION = 2 * TICK
"""Samples gathered before the first is given: 40 ms against jitter."""
CAPACITY = 125 * TICK
"""Samples kept at most: 2.5 s that a process which stood still finds when it comes back."""
WATCH_TICKS = 50
"""A second of never needing the depth is enough to give it up."""
_FADE = 240
_FADE_IN = np.linspace(0, 1, _FADE, dtype=np.float32)


class SampleRing:
    """Push any number of samples, pop whole ticks."""

    def __init__(self) -> None:
        self.dropped = 0
        """Samples cut out or pushed out."""
        self.missed = 0
        """Times that a speaker who had begun ran dry."""
        self._store: Sound = np.zeros(CAPACITY, np.float32)
        self._start = 0
        self._length = 0
        self._flowing = False
        self._lowest = CAPACITY
        self._watched = 0

    def __len__(self) -> int:
        return self._length

    def push(self, sound: Sound) -> None:
        """Append ``sound``; what no longer fits pushes out the oldest."""
        if len(sound) > CAPACITY:
            self.dropped += len(sound) - CAPACITY
            sound = sound[-CAPACITY:]
        excess = self._length + len(sound) - CAPACITY
        if excess > 0:
            self.dropped += excess
            self._skip(excess)
        self._store[self._places(self._length, len(sound))] = sound
        self._length += len(sound)

    @property
    def runs_dry(self) -> bool:
        """Whether a speaker who had begun has no whole tick left."""
        return self._flowing and self._length < TICK

    def trim(self) -> None:
        """Give up all but the newest cushion: what was said before is for nobody any more."""
        stale = max(0, self._length - CUSHION)
        self.dropped += stale
        self._skip(stale)

    def pop_into(self, row: Sound, *, catching_up: bool = False) -> None:
        """Fill ``row`` (960 samples) with the oldest tick, or with silence when there is none.

        For a mixer that is ``catching_up`` depth is what it makes up for, and none of it is cut out.
        """
        if not self._ready():
            row[:] = 0
            return
        row[:] = self._store[self._places(0, TICK)]
        self._skip(TICK)
        if catching_up:
            self._lowest, self._watched = CAPACITY, 0
        else:
            self._watch_depth()

    def _ready(self) -> bool:
        if self._flowing and self._length < TICK:
            self._flowing = False
            self.missed += 1
        elif self._length >= CUSHION:
            self._flowing = True
        return self._flowing

    def _watch_depth(self) -> None:
        self._lowest = min(self._lowest, self._length)
        self._watched += 1
        if self._watched == WATCH_TICKS:
            self._cut_out((self._lowest - (CUSHION - TICK)) // TICK * TICK)
            self._lowest, self._watched = CAPACITY, 0

    def _cut_out(self, samples: int) -> None:
        if samples <= 0:
            return
        before = self._store[self._places(0, _FADE)]
        self._skip(samples)
        self.dropped += samples
        after = self._places(0, _FADE)
        self._store[after] = before * (1 - _FADE_IN) + self._store[after] * _FADE_IN

    def _places(self, offset: int, count: int) -> npt.NDArray[np.intp]:
        """Where ``count`` samples lie, from ``offset`` after the oldest."""
        return (np.arange(count) + (self._start + offset)) % CAPACITY

    def _skip(self, samples: int) -> None:
        self._start = (self._start + samples) % CAPACITY
        self._length -= samples
