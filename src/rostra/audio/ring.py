"""A bounded ring of one speaker's samples between the network and the mixer.

Packets come when they come; the mixer takes 960 samples every 20 ms. The ring waits for a cushion
before it begins (and begins again after it ran dry), drops the oldest when full, and counts both.
Pure; one thread.
"""

from __future__ import annotations

import numpy as np

from rostra.audio.frame import Sound
from rostra.core.samples import TICK

CUSHION = 2 * TICK
"""Samples gathered before the first is given: 40 ms against jitter."""
CAPACITY = 8 * TICK
"""Samples kept at most, 160 ms: more would be delay that never goes away."""


class SampleRing:
    """Push any number of samples, pop whole ticks."""

    def __init__(self) -> None:
        self.dropped = 0
        """Samples dropped because the ring was full."""
        self.missed = 0
        """Ticks in which a speaker who had begun gave nothing."""
        self._store: Sound = np.zeros(CAPACITY, np.float32)
        self._start = 0
        self._length = 0
        self._flowing = False

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
        end = (self._start + self._length) % CAPACITY
        first = min(len(sound), CAPACITY - end)
        self._store[end : end + first] = sound[:first]
        self._store[: len(sound) - first] = sound[first:]
        self._length += len(sound)

    def pop_into(self, row: Sound) -> None:
        """Fill ``row`` (960 samples) with the oldest tick, or with silence when there is none."""
        if not self._ready():
            row[:] = 0
            return
        first = min(TICK, CAPACITY - self._start)
        row[:first] = self._store[self._start : self._start + first]
        row[first:] = self._store[: TICK - first]
        self._skip(TICK)

    def _ready(self) -> bool:
        if self._flowing and self._length < TICK:
            self._flowing = False
            self.missed += 1
        elif self._length >= CUSHION:
            self._flowing = True
        return self._flowing

    def _skip(self, samples: int) -> None:
        self._start = (self._start + samples) % CAPACITY
        self._length -= samples
