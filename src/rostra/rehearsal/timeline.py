"""One time line for all voices of a rehearsal, so that they take turns whatever happens to any of them."""

from __future__ import annotations

from rostra.core.clock import Clock
from rostra.core.samples import SAMPLE_RATE, TICK

TICK_NS = TICK * 1_000_000_000 // SAMPLE_RATE
"""20 ms."""
BEFORE = -TICK
"""The position of every moment before the beginning."""


class Timeline:
    """Sample positions since ``begin``; before it, everything is at :data:`BEFORE`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun_ns: int | None = None

    @property
    def begun(self) -> bool:
        return self._begun_ns is not None

    def begin(self) -> None:
        """Start from the top, now. Asked again, it starts again."""
        self._begun_ns = self._clock.monotonic_ns()

    def position(self, at_ns: int) -> int:
        """The position, in samples and on the 20 ms grid, of a monotonic time."""
        if self._begun_ns is None or at_ns < self._begun_ns:
            return BEFORE
        return (at_ns - self._begun_ns) // TICK_NS * TICK
