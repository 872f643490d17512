"""The clock that paces a programme goes on while the machine sleeps."""

from __future__ import annotations

import time

from rostra.core.clock import SystemClock


def test_the_pacing_clock_counts_the_time_that_the_machine_slept() -> None:
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    read = SystemClock().monotonic_ns()
    assert before <= read <= time.clock_gettime_ns(time.CLOCK_BOOTTIME)
