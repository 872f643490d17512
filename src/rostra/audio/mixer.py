"""Mix the voices of one stage: the programme, and for everyone all voices but their own.

Voices sit on numbered seats, so that the limiter of each return keeps its gain while others come
and go. A mix-minus costs one subtraction: the sum less one's own voice. Pure.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from rostra.audio.frame import Sound
from rostra.audio.limiter import Limiter
from rostra.core.samples import TICK


@dataclass(frozen=True, slots=True)
class Mix:
    """One tick. The arrays are the mixer's own and hold until its next mix."""

    programme: Sound
    """``(960,)``: everyone."""
    returns: Sound
    """``(seats in use, 960)``: row *n* is for seat *n*, everyone else."""


class Mixer:
    """``seats`` places for voices, taken from the lowest up."""

    def __init__(self, seats: int) -> None:
        self.voices: Sound = np.zeros((seats, TICK), np.float32)
        """Write each tick's frames here, one row a seat; a free seat must stay zero."""
        self._sums: Sound = np.zeros((seats + 1, TICK), np.float32)
        self._limiter = Limiter(seats + 1)
        self._free = list(range(seats))
        self._taken: set[int] = set()

    @property
    def used(self) -> int:
        """Seats up to the highest one taken: the rows worth computing."""
        return max(self._taken, default=-1) + 1

    def take_seat(self) -> int:
        """Return the lowest free seat. IndexError when all are taken: callers count people first."""
        seat = heapq.heappop(self._free)
        self._taken.add(seat)
        self._limiter.reset(seat + 1)
        return seat

    def free_seat(self, seat: int) -> None:
        """Give ``seat`` back and silence it."""
        self._taken.remove(seat)
        self.voices[seat] = 0
        heapq.heappush(self._free, seat)

    def mix(self) -> Mix:
        """Mix what stands in :attr:`voices`. No sample of the result reaches full scale."""
        used = self.used
        voices = self.voices[:used]
        sums = self._sums[: used + 1]
        np.sum(voices, axis=0, out=sums[0])
        np.subtract(sums[0], voices, out=sums[1:])
        self._limiter.apply(sums)
        return Mix(sums[0], sums[1:])
