"""Decoded sound of a source, between its decoder's thread and the mixer.

A source sends in gulps (an Ogg page may hold a second) and by its own clock; the mixer takes 960 samples
every 20 ms by ours. So the buffer begins once it holds a cushion, makes a decoder wait when it is full
(which makes a file that is sent as fast as it can go at our pace), and follows a source whose clock is
up to 3,000 ppm off by giving its sound that much faster or slower, by a twentieth of a semitone at most,
instead of cutting it. What runs dry begins again with a cushion, and is counted. One thread puts, one pops.
"""

from __future__ import annotations

import threading
from functools import partial

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound
from rostra.audio.interpolation import TAPS, Interpolation
from rostra.core.samples import SAMPLE_RATE, TICK

PAGE = SAMPLE_RATE
"""What FFmpeg's Ogg pages hold."""
CUSHION = SAMPLE_RATE * 3 // 2
"""Samples gathered before the first is given: more than a page."""
CAPACITY = SAMPLE_RATE * 4
HIGH, MIDDLE, LOW = CUSHION + PAGE * 5 // 4, SAMPLE_RATE * 5 // 4, SAMPLE_RATE // 2
"""Beyond these the pace is changed, until the middle is reached again; no page upon a cushion does it."""
FULL = CAPACITY - SAMPLE_RATE
"""From here up it is a source that is made to wait, not one whose clock is fast."""
STEP = 3
"""Samples by which a tick is stretched or shrunk: 3,125 ppm, a twentieth of a semitone."""
_PACES = {
    step: Interpolation(TAPS + np.arange(TICK, dtype=np.float64) * (1 + step / TICK), TICK + step + 2 * TAPS)
    for step in (-STEP, STEP)
}
"""By step: a tick of a stretch that reaches some samples further in both directions."""


class SourceBuffer:
    """``put`` from the decoder's thread, everything else from the stage's loop."""

    def __init__(self) -> None:
        self.missed = 0
        """Times that it ran dry before its end."""
        self.dropped = 0
        """Samples given up because nobody was there to take them."""
        self.broken = 0
        """Packets of what came that were no sound."""
        self._changed = threading.Condition()
        self._store = np.zeros(CAPACITY, np.float32)
        self._start = self._length = 0
        self._flowing = self._ended = self._closed = False
        self._step = 0

    def __len__(self) -> int:
        return self._length

    @property
    def runs_dry(self) -> bool:
        """Never: a source's cushion is longer than any tick that is late."""
        return False

    @property
    def drained(self) -> bool:
        """Whether all that came has been given, and no more comes."""
        return self._ended and self._length < TICK

    def put(self, sound: Sound, *, timeout_s: float = 10.0) -> bool:
        """Append ``sound``, waiting for room. False when nobody takes it any more."""
        for piece in np.array_split(sound, -(-len(sound) // SAMPLE_RATE)) if len(sound) else ():
            with self._changed:
                if not self._changed.wait_for(partial(self._takes, len(piece)), timeout_s) or self._closed:
                    return False
                self._store[self._places(self._length, len(piece))] = piece
                self._length += len(piece)
        return True

    def end(self) -> None:
        """No more comes: what is there is given to the last whole tick."""
        with self._changed:
            self._ended = True

    def close(self) -> None:
        """Nobody takes any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def trim(self) -> None:
        """Give up all but a cushion: what was said before is for nobody any more."""
        with self._changed:
            stale = max(0, self._length - CUSHION)
            self.dropped += stale
            self._skip(stale)

    def pop_into(self, row: Sound, *, catching_up: bool = False, ticks_ago: int = 0) -> None:
        """Fill ``row`` (960 samples) with the oldest tick, or with silence when there is none."""
        with self._changed:
            if not self._ready():
                row[:] = 0
                return
            self._pace()
            taken = TICK + self._step
            if self._length < taken + TAPS or not self._step:
                row[:] = self._store[self._places(0, TICK)]
                self._skip(TICK)
                return
            # Behind the start the store still holds what was given last: nobody steps while it is that full.
            row[:] = _PACES[self._step].of(self._store[self._places(-TAPS, taken + 2 * TAPS)])
            self._skip(taken)

    def _takes(self, samples: int) -> bool:
        return self._closed or self._length + samples <= CAPACITY

    def _ready(self) -> bool:
        if self._flowing and self._length < TICK:
            self._flowing = False
            self.missed += not self._ended
        elif self._length >= CUSHION or (self._ended and self._length >= TICK):
            self._flowing = True
        return self._flowing

    def _pace(self) -> None:
        if self._ended or self._length >= FULL:
            self._step = 0
        elif self._length >= HIGH:
            self._step = STEP
        elif self._length <= LOW:
            self._step = -STEP
        elif (self._length - MIDDLE) * self._step <= 0:
            self._step = 0

    def _places(self, offset: int, count: int) -> npt.NDArray[np.intp]:
        return (np.arange(count) + (self._start + offset)) % CAPACITY

    def _skip(self, samples: int) -> None:
        self._start = (self._start + samples) % CAPACITY
        self._length -= samples
        self._changed.notify_all()
