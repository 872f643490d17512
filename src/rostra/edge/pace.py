"""Which listeners are due when, and from when on another pace holds.

Listeners keep one of twelve *lanes* for as long as they listen; lanes are dealt into *cohorts* offset by a
quantum each (:mod:`rostra.core.pace`). Decides on values; a change is told beforehand and holds from the
first segment after its time.
"""

from __future__ import annotations

from rostra.bus.messages import EdgePolicy
from rostra.core.pace import LANES, Pace


def lane(listener: bytes) -> int:
    """Return where a listener is dealt, from an id that is random: the same for every segment."""
    return listener[0] % LANES if listener else 0


class Pacing:
    """The pace of one worker: what holds, and what has been announced."""

    def __init__(self, pace: Pace) -> None:
        self._now = pace
        self._next: tuple[int, Pace] | None = None
        self.low = False
        """Whether the low renditions are to be taken."""

    def announce(self, policy: EdgePolicy) -> None:
        """Take up a policy from its time on. PaceUnusable; the newest announcement wins."""
        self.low = policy.low
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
