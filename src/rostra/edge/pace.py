"""How much audio one write carries, and which listeners are due when.

Listeners keep one of twelve *lanes* for as long as they listen; lanes are dealt into *cohorts* offset by a
quantum each. A longer cadence costs fewer writes, cohorts spread them. Decides on values; a change is told
beforehand and holds from the first segment after its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.bus.messages import EdgePolicy
from rostra.core.errors import BadRequest
from rostra.core.samples import CHUNKS_PER_SEGMENT

LANES: Final = CHUNKS_PER_SEGMENT
"""Divisible by every number of cohorts, so that cohorts are of one size."""


class PaceUnusable(BadRequest):
    """Cadence and cohorts must each be 1, 2, 3, 4, 6 or 12, cohorts at most the cadence."""

    code = "pace_unusable"


@dataclass(frozen=True, slots=True)
class Pace:
    """``cadence``: quanta in one write. ``cohorts``: in how many groups listeners are dealt."""

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


def lane(listener: bytes) -> int:
    """Return where a listener is dealt, from an id that is random: the same for every segment."""
    return listener[0] % LANES if listener else 0


class Pacing:
    """The pace of one worker: what holds, and what has been announced."""

    def __init__(self, pace: Pace) -> None:
        self._now = pace
        self._next: tuple[int, Pace] | None = None

    def announce(self, policy: EdgePolicy) -> None:
        """Take up a policy from its time on. PaceUnusable; the newest announcement wins."""
        self._next = (policy.from_ms, Pace(policy.cadence, policy.cohorts))

    def at(self, utc_ms: int) -> Pace:
        """Return the pace that holds; ask at the beginning of a segment."""
        if self._next is not None and utc_ms >= self._next[0]:
            self._now, self._next = self._next[1], None
        return self._now

    def told(self, utc_ms: int) -> int:
        """Return for how many quanta players are to be prepared: a longer cadence before it holds."""
        now = self.at(utc_ms)
        return now.cadence if self._next is None else max(now.cadence, self._next[1].cadence)

    def known(self, utc_ms: int) -> tuple[Pace, tuple[int, Pace] | None]:
        """Return what holds and what will hold from when (UTC ms)."""
        return self.at(utc_ms), self._next
