"""Which listeners are due when, and from when on another pace holds.

Listeners keep one of twelve *lanes* for as long as they listen; lanes are dealt into *cohorts* offset by a
quantum each (:mod:`rostra.core.pace`). Decides on values; a change is told beforehand, and each of its steps
holds from the first segment after its time.
"""

from __future__ import annotations

from rostra.bus.messages import EdgePolicy
from rostra.core.pace import LANES, Change, Pace


def lane(listener: bytes) -> int:
    """Return where a listener is dealt, from an id that is random: the same for every segment."""
    return listener[0] % LANES if listener else 0


class Pacing:
    """The pace of one worker: what holds, and what has been announced."""

    def __init__(self, pace: Pace) -> None:
        self._now = pace
        self._next: Change | None = None
        self.low = False
        """Whether the low renditions are to be taken."""

    def announce(self, policy: EdgePolicy) -> None:
        """Take up a policy from its time on. PaceUnusable; the newest announcement wins.

        What has been announced already keeps its time when it is said again with an earlier one.
        """
        self.low = policy.low
        pace, from_ms = Pace(policy.cadence, policy.cohorts), policy.from_ms
        if self._next is not None and self._next.after == pace:
            from_ms = max(from_ms, self._next.from_ms)
        self._next = Change(self._now, pace, from_ms)

    def at(self, utc_ms: int) -> Pace:
        """Return the pace that holds; ask at the beginning of a segment."""
        if self._next is not None:
            self._now = self._next.at(utc_ms)
            if utc_ms >= self._next.from_ms:
                self._next = None
        return self._now

    def told(self, utc_ms: int) -> int:
        """Return for how many quanta players are to be prepared: a longer cadence before it holds."""
        now = self.at(utc_ms)
        return now.cadence if self._next is None else max(now.cadence, self._next.after.cadence)

    def known(self, utc_ms: int) -> tuple[Pace, Change | None]:
        """Return what holds and what has been announced."""
        return self.at(utc_ms), self._next
