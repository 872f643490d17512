"""How much audio one write to a listener carries, and in how many groups listeners are written to.

A longer cadence costs fewer writes; cohorts, a quantum apart, spread them. It comes step by step, as fast as
players' stock of audio grows. Values and their rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from rostra.core.errors import BadRequest
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SAMPLE_RATE, SEGMENT

LANES: Final = CHUNKS_PER_SEGMENT
"""Divisible by every number of cohorts, so that cohorts are of one size."""
CADENCES: Final = tuple(quanta for quanta in range(1, LANES + 1) if LANES % quanta == 0)
TOLD_BEFORE_MS: Final = 2 * SEGMENT * 1000 // SAMPLE_RATE
"""Two segments: until everybody has heard of another pace, and acts on it."""
GROWTH: Final = 0.05
"""What a player gains each second before a longer cadence: it plays so much slower, which nobody hears."""


class PaceUnusable(BadRequest):
    """Cadence and cohorts must each be 1, 2, 3, 4, 6 or 12, cohorts at most the cadence."""

    code = "pace_unusable"


@dataclass(frozen=True, slots=True)
class Pace:
    """``cadence``: quanta in one write. ``cohorts``: in how many groups listeners are dealt. PaceUnusable."""

    cadence: int = 1
    cohorts: int = 1

    def __post_init__(self) -> None:
        if self.cadence < 1 or self.cohorts < 1 or LANES % self.cadence or LANES % self.cohorts:
            raise PaceUnusable
        if self.cohorts > self.cadence:
            raise PaceUnusable

    def due(self, quanta: int) -> range:
        """Return the lanes to which all that is there goes out, now that there are ``quanta`` quanta."""
        turn = quanta % self.cadence
        return range(turn, LANES, self.cohorts) if turn < self.cohorts else range(0)


def growth_ms(before: int, after: int) -> int:
    """How long players take from what one cadence wants in hand to what another does; 0 for a shorter one."""
    return round(max(0, after - before) * QUANTUM * 1000 / SAMPLE_RATE / GROWTH)


@dataclass(frozen=True, slots=True)
class Change:
    """From one pace to another: a shorter cadence at once when its time has come, a longer one by steps."""

    before: Pace
    after: Pace
    from_ms: int
    """UTC; all of it holds from the first segment that begins later."""

    @classmethod
    def told(cls, before: Pace, after: Pace, now_ms: int) -> Self:
        """Return a change that is told now, early enough that nobody's audio runs dry."""
        return cls(before, after, now_ms + TOLD_BEFORE_MS + growth_ms(before.cadence, after.cadence))

    def at(self, utc_ms: int) -> Pace:
        """Return what holds: before its time, the longest cadence for which players have grown enough."""
        left_ms = self.from_ms - utc_ms
        if left_ms <= 0:
            return self.after
        between = range(self.before.cadence + 1, self.after.cadence)
        for cadence in reversed(CADENCES):
            if cadence in between and left_ms <= growth_ms(cadence, self.after.cadence):
                return Pace(cadence, min(cadence, self.after.cohorts))
        return self.before
