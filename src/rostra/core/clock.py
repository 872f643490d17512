"""Clocks are handed in, never called: monotonic to pace, wall clock for people.

``SystemClock`` in production, ``ManualClock`` in tests.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Two readings, both integer nanoseconds."""

    def monotonic_ns(self) -> int:
        """Time since an arbitrary start; never goes back."""

    def utc_ns(self) -> int:
        """Time since 1970-01-01T00:00Z; may be stepped."""


MONOTONIC = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux stops CLOCK_MONOTONIC while the machine is suspended, which would leave a programme behind UTC by
that long ever after. CLOCK_BOOTTIME goes on, and the sleep becomes an outage like any other.
"""


class SystemClock:
    """The machine's clocks. Event loops sleep by CLOCK_MONOTONIC: hand them durations, never deadlines."""

    def monotonic_ns(self) -> int:
        return time.clock_gettime_ns(MONOTONIC)

    def utc_ns(self) -> int:
        return time.time_ns()


class ManualClock:
    """A clock that tests move. Both readings advance together."""

    def __init__(self, *, utc_ns: int = 1_700_000_000_000_000_000) -> None:
        self._utc_ns = utc_ns
        self._monotonic_ns = 0

    def monotonic_ns(self) -> int:
        return self._monotonic_ns

    def utc_ns(self) -> int:
        return self._utc_ns

    def advance(self, *, ms: int = 0, ns: int = 0) -> None:
        """Move both readings forward."""
        step = ms * 1_000_000 + ns
        self._monotonic_ns += step
        self._utc_ns += step
