"""Mix the voices of one stage: the programme, and for everyone all voices but their own.

Voices sit on numbered seats. Each is gated, brought to the common loudness and summed; the programme
then gets its true-peak limiter, what speakers hear a light one without delay. Whoever is silent hears the
sum of all, one mix for them together; only who is heard has a return of their own, the sum less their
voice. All seats together, in arrays; pure.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound
from rostra.audio.gate import Flags, Gate
from rostra.audio.leveller import Leveller
from rostra.audio.levels import levels_dbov
from rostra.audio.limiter import Limiter
from rostra.audio.loudness import Values, k_power, lufs
from rostra.audio.peaks import PeakLimiter
from rostra.audio.trim import Trim
from rostra.core.samples import TICK

LINGER_TICKS = 25
"""A voice that has gone keeps its own return for half a second, by when both returns are the same."""
_LINEAR = np.arange(1, TICK + 1, dtype=np.float32) / TICK


@dataclass(frozen=True, slots=True)
class Mix:
    """One tick. The arrays are the mixer's own and hold until its next mix."""

    programme: Sound
    """``(960,)``: everyone, limited, :data:`~rostra.audio.peaks.DELAY_SAMPLES` late."""
    common: Sound
    """``(960,)``: everyone, for whoever is silent."""
    own: dict[int, Sound]
    """``(960,)`` by seat: everyone else, for those who are heard."""
    levels_dbov: list[int]
    """How loud each seat in use is in the mix."""


class Mixer:
    """``seats`` places for voices, taken from the lowest up."""

    def __init__(self, seats: int) -> None:
        self.voices: Sound = np.zeros((seats, TICK), np.float32)
        """Write each tick's frames here, one row a seat; a free seat must stay zero."""
        self.muted: Flags = np.zeros(seats, np.bool_)
        """Set for a seat that may not be heard: it fades out within the tick."""
        self._sums: Sound = np.zeros((seats + 1, TICK), np.float32)
        self._gate = Gate(seats)
        self._leveller = Leveller(seats)
        self._trim = Trim()
        self._factors: npt.NDArray[np.float32] = np.ones(seats, np.float32)
        """Each seat's gain, the trim included, at the end of the last tick."""
        self._lingers: npt.NDArray[np.int64] = np.zeros(seats, np.int64)
        self._returns = Limiter(seats + 1)
        self._programme = PeakLimiter()
        self._free = list(range(seats))
        self._taken: set[int] = set()
        self._leaving: list[int] = []
        """Seats given back since the last mix, of those taken."""

    @property
    def used(self) -> int:
        """Seats up to the highest one taken: the rows worth computing."""
        return max(self._taken, default=-1) + 1

    @property
    def gains_db(self) -> Values:
        """Each seat's gain, the trim included."""
        return self._leveller.gain_db + self._trim.gain_db

    @property
    def trim_db(self) -> float:
        """The gain of the whole programme."""
        return self._trim.gain_db

    def take_seat(self) -> int:
        """Return the lowest free seat. IndexError when all are taken: callers count people first.

        Where only seats that were given back since the last mix are left, the first of them falls silent now.
        """
        if not self._free and self._leaving:
            self._release(self._leaving.pop(0))
        seat = heapq.heappop(self._free)
        self._taken.add(seat)
        self._gate.reset(seat)
        self._leveller.reset(seat)
        self.muted[seat] = False
        self._lingers[seat] = 0
        return seat

    def free_seat(self, seat: int) -> None:
        """Give ``seat`` back: what its row holds at the next mix fades out within it, then it is free."""
        self.muted[seat] = True
        self._leaving.append(seat)

    def mix(self, bed: Sound | None = None) -> Mix:
        """Mix what stands in :attr:`voices`, which is then as loud as it is in the mix.

        ``bed`` is a tick of sound that is nobody's, such as a hold loop, at the loudness it should have:
        all hear it as it is, and no gain learns from it. No sample of the result reaches full scale.
        """
        used = self.used
        voices, sums = self.voices[:used], self._sums
        power = self._level(voices)
        np.sum(voices, axis=0, out=sums[0])
        if bed is not None:
            sums[0] += bed
        programme = self._programme.apply(sums[0])
        self._trim.update(power * self._programme.passed)
        seats = np.flatnonzero(self._lingers[:used])
        np.subtract(sums[0], voices[seats], out=sums[1 : 1 + len(seats)])
        self._returns.apply(sums[: 1 + len(seats)], np.concatenate(([0], seats + 1)))
        own = {seat: sums[1 + row] for row, seat in enumerate(seats.tolist())}
        mix = Mix(programme, sums[0], own, levels_dbov(voices).tolist())
        while self._leaving:
            self._release(self._leaving.pop())
        return mix

    def _release(self, seat: int) -> None:
        self._taken.remove(seat)
        self.voices[seat] = 0
        heapq.heappush(self._free, seat)

    def _level(self, voices: Sound) -> float:
        """Gate all voices and bring them to their loudness, in place; return their power before the trim."""
        used = len(voices)
        gate, before = self._gate, self._factors[:used].copy()
        power = k_power(voices)
        loudness = lufs(power)
        speaking = gate.update(voices, loudness, self.muted[:used])
        gains_db = self._leveller.update(power, gate.noise[:used], speaking, gate.first[:used])
        heard = gate.share[:used]
        factors = self._factors[:used]
        factors[:] = 10 ** ((gains_db + self._trim.gain_db) / 20)
        unheard = gate.was[:used] == 0
        before[unheard] = factors[unheard]
        voices *= before[:, None] + (factors - before)[:, None] * _LINEAR
        for row in np.flatnonzero((gate.was[:used] != 1) | (heard != 1)).tolist():
            voices[row] *= gate.ramp(row)
        lingers = self._lingers[:used]
        lingers[:] = np.where(unheard & (heard == 0), np.maximum(lingers - 1, 0), LINGER_TICKS)
        return float(np.sum(power * heard * 10 ** (gains_db / 10)))
