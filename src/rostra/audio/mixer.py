"""Mix the voices of one stage: the programme, and for everyone all voices but their own.

Voices sit on numbered seats. Each is gated, brought to the common loudness and summed; the programme
then gets its true-peak limiter, what speakers hear a light one without delay. Whoever is silent hears the
sum of all, one mix for them together; only who is heard has a return of their own, the sum less their
voice. All seats' samples together, in arrays; pure.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from rostra.audio.frame import Sound
from rostra.audio.levels import levels_dbov
from rostra.audio.limiter import Limiter
from rostra.audio.loudness import crests_lu, k_power
from rostra.audio.peaks import PeakLimiter
from rostra.audio.strip import ChannelStrip
from rostra.audio.trim import Trim
from rostra.core.samples import TICK

_LINEAR = np.arange(1, TICK + 1, dtype=np.float32) / TICK


@dataclass(frozen=True, slots=True)
class Mix:
    """One tick. The arrays are the mixer's own: those of speakers hold until its next mix but one."""

    programme: Sound
    """``(960,)``: everyone, limited, :data:`~rostra.audio.peaks.DELAY_SAMPLES` late; until the next mix."""
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
        self._strips = [ChannelStrip() for _ in range(seats)]
        self._sums, self._sums_before = np.zeros((2, seats + 1, TICK), np.float32)
        self._trim = Trim()
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
    def gains_db(self) -> list[float]:
        """Each seat's gain, the trim included."""
        return [strip.gain_db + self._trim.gain_db for strip in self._strips]

    @property
    def trim_db(self) -> float:
        """The gain of the whole programme."""
        return self._trim.gain_db

    def take_seat(self, *, after: int | None = None) -> int:
        """Return the lowest free seat. IndexError when all are taken: callers count people first.

        Whoever comes with the microphone of the seat ``after`` keeps what is known of it. Where only seats
        that were given back since the last mix are left, the first of them falls silent now.
        """
        known = ChannelStrip() if after is None else self._strips[after].anew()
        if not self._free and self._leaving:
            self._release(self._leaving.pop(0))
        seat = heapq.heappop(self._free)
        self._taken.add(seat)
        self._strips[seat] = known
        return seat

    def mute(self, seat: int, *, muted: bool) -> None:
        """Whoever is muted fades out within the next tick, and is not heard until they are no longer."""
        self._strips[seat].muted = muted

    def free_seat(self, seat: int) -> None:
        """Give ``seat`` back: what its row holds at the next mix fades out within it, then it is free."""
        self.mute(seat, muted=True)
        self._leaving.append(seat)

    def mix(self, bed: Sound | None = None) -> Mix:
        """Mix what stands in :attr:`voices`, which is then as loud as it is in the mix.

        ``bed`` is a tick of sound that is nobody's, such as a hold loop, at the loudness it should have:
        all hear it as it is, and no gain learns from it. No sample of the result reaches full scale.
        """
        used = self.used
        voices, sums = self.voices[:used], self._sums_before
        self._sums, self._sums_before = sums, self._sums
        power = self._level(voices)
        np.sum(voices, axis=0, out=sums[0])
        if bed is not None:
            sums[0] += bed
        programme = self._programme.apply(sums[0])
        self._trim.update(power * self._programme.passed)
        seats = [seat for seat, strip in enumerate(self._strips[:used]) if strip.has_own_return]
        np.subtract(sums[0], voices[seats], out=sums[1 : 1 + len(seats)])
        self._returns.apply(sums[: 1 + len(seats)], np.array([0, *(seat + 1 for seat in seats)]))
        own = {seat: sums[row] for row, seat in enumerate(seats, 1)}
        mix = Mix(programme, sums[0], own, levels_dbov(voices))
        while self._leaving:
            self._release(self._leaving.pop())
        return mix

    def _release(self, seat: int) -> None:
        self._taken.remove(seat)
        self.voices[seat] = 0
        heapq.heappush(self._free, seat)

    def _level(self, voices: Sound) -> float:
        """Gate all voices and bring them to their loudness, in place; return their power before the trim."""
        strips, trim_db = self._strips[: len(voices)], self._trim.gain_db
        heard = zip(strips, k_power(voices).tolist(), crests_lu(voices), strict=True)
        power = math.fsum(strip.hear(power, crest, trim_db) for strip, power, crest in heard)
        factors = np.array([strip.factors for strip in strips], np.float32).reshape(-1, 2)
        begin, end = factors[:, :1], factors[:, 1:]
        voices *= begin + (end - begin) * _LINEAR
        for row, strip in enumerate(strips):
            fade = strip.fade
            if fade is not None:
                voices[row] *= fade
        return power
