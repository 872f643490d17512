"""The grid of 20 ms ticks on the monotonic clock. Pure: the caller brings the time and does the waiting.

Deadlines are absolute, so the programme never drifts: a late tick is made up for, not put off. Ticks come
singly, or in pairs, both when the second is due. Of an aligned grid the tick that was asked for comes alone:
every other one from the first ends a pair, as every fourth from the fourth ends a batch of
``audio/encoder.py``.
"""

from __future__ import annotations

from rostra.audio.shelf import LEAST_HELD
from rostra.core.samples import nanoseconds

TICK_NS = 20_000_000
LATE_NS = TICK_NS
"""Beyond its deadline by more than a whole tick, a tick counts as late."""
OUTAGE_NS = nanoseconds(LEAST_HELD) - 500_000_000
"""So far behind, the process was stopped: the time is a gap, not work to catch up with. Anything less is
kept of every speaker, with room for what they held before and for what comes meanwhile.
"""


class Pace:
    """A tick covers ``[next_ns - TICK_NS, next_ns)`` and is due at ``next_ns``, the first of a pair later."""

    def __init__(self, now_ns: int) -> None:
        self.next_ns = now_ns + TICK_NS
        self.late = 0
        """Late ticks so far."""
        self.in_pairs = False
        """Set while ticks are to come in pairs."""
        self._number = 0
        """Of the next tick, from the one that the grid was aligned to; before that, less than 0."""

    @property
    def begins_ns(self) -> int:
        """When the next tick begins."""
        return self.next_ns - TICK_NS

    @property
    def together(self) -> int:
        """Ticks that come together next."""
        return 2 if self.in_pairs and self._number > 0 and self._number % 2 else 1

    @property
    def due_ns(self) -> int:
        """When they are due."""
        return self.next_ns + (self.together - 1) * TICK_NS

    def waits_ns(self, now_ns: int) -> int:
        """Time until then; zero or less: now."""
        return self.due_ns - now_ns

    def is_outage(self, now_ns: int) -> bool:
        return now_ns - self.due_ns > OUTAGE_NS

    def is_behind(self, now_ns: int) -> bool:
        """Whether what is due is late by a tick, which is to be made up for."""
        return now_ns - self.due_ns >= TICK_NS

    def advance(self, now_ns: int) -> None:
        """What was due was done."""
        ticks = self.together
        self.late += ticks * (now_ns - self.due_ns > LATE_NS)
        self.next_ns += ticks * TICK_NS
        self._number += ticks

    def align(self, begins_ns: int, now_ns: int) -> None:
        """Move the grid so that a tick begins at ``begins_ns``; ticks go on until then.

        When that time has passed, its tick is the next one and those since are to be made up for.
        """
        ticks_before = (begins_ns - now_ns - 1) // TICK_NS if begins_ns > now_ns else -1
        self.next_ns = begins_ns - ticks_before * TICK_NS
        self._number = -ticks_before - 1
