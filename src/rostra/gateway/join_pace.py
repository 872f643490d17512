"""How many may join now, by call or straight in: a bucket that fills at the rate of the moment.

The rate follows how long those who come wait, and how late those inside hear. Decides nothing:
:mod:`rostra.admission.throttle` does.
"""

from __future__ import annotations

from typing import Final

from rostra.admission.capacity import MOST_LATE
from rostra.admission.throttle import FIRST_RATE, INTERVAL_MS, Pressure, Rates, next_rate
from rostra.gateway.join_queue import JoinQueue

HOLDS_S: Final = 0.25
"""The bucket holds what comes into it in so long."""
SLOWED_NS: Final = 10_000_000_000
"""So long it is told that late audio slowed joins: edges tell every five seconds how late they are."""


class JoinPace:
    """Of one door process."""

    def __init__(self, queue: JoinQueue, rates: Rates, *, now_ns: int) -> None:
        self.rate = max(FIRST_RATE, rates.least)
        """Joins a second."""
        self._queue = queue
        self._rates = rates
        self._joins = self.rate * HOLDS_S
        self._asked_before = 0
        self._filled_ns = self._followed_ns = now_ns
        self._late_ns: int | None = None
        """When late audio slowed joins last."""

    def is_slowed(self, now_ns: int) -> bool:
        """Whether joins were slowed for late audio lately."""
        return self._late_ns is not None and now_ns - self._late_ns < SLOWED_NS

    @property
    def joins(self) -> int:
        """How many may join now."""
        return max(0, int(self._joins))

    def recall(self, rate: float) -> None:
        """Go on at the rate that an earlier process of the door had come to."""
        self.rate = min(self._rates.most, max(self._rates.least, rate))

    def spend(self, joins: int) -> None:
        """So many join."""
        self._joins -= joins

    def fill(self, now_ns: int, *, late_ms: float) -> None:
        """A turn of the door begins, so much later than it was due."""
        self._queue.look(late_ms)
        passed_s, self._filled_ns = (now_ns - self._filled_ns) / 1e9, now_ns
        self._joins = min(self._joins + self.rate * passed_s, self.rate * HOLDS_S)

    def is_due(self, now_ns: int) -> bool:
        """Whether the rate may change again."""
        return now_ns - self._followed_ns >= INTERVAL_MS * 1_000_000

    def follow(self, now_ns: int, *, asked: int, waiting: int, late_share: float, is_new: bool) -> None:
        """Let the rate follow what was seen.

        ``asked``: joins since the door began. ``late_share``: of the edge's writes, and ``is_new`` whether
        it was measured since this was called last: a measurement slows joins once, not with each call until
        the next.
        """
        least_wait_ms = self._queue.least_wait_ms((now_ns - self._followed_ns) / 1e6)
        self._followed_ns = now_ns
        since, self._asked_before = asked - self._asked_before, asked
        if late_share > MOST_LATE and is_new:
            self._late_ns = now_ns
        if late_share <= MOST_LATE or is_new:
            pressure = Pressure(least_wait_ms=least_wait_ms, late_share=late_share, asked=since + waiting)
            self.rate = next_rate(self.rate, pressure, self._rates)
