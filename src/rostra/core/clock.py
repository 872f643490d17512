"""Clocks are handed in, never called: monotonic to pace, wall clock for people.

``SystemClock`` in production; tests bring one that they move.
"""

from __future__ import annotations

import time
from functools import partial
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

    monotonic_ns = staticmethod(partial(time.clock_gettime_ns, MONOTONIC))
    utc_ns = staticmethod(time.time_ns)
    """Both as the system has them: a busy edge reads them a hundred thousand times a second."""
