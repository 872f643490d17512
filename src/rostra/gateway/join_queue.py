"""How long whoever comes waits to be answered: in the kernel's queue, and for the door's loop.

Looked at each turn; tells the least over an interval, which a burst that drains leaves at nothing. Decides
nothing: :mod:`rostra.admission.throttle` does.
"""

from __future__ import annotations

from collections.abc import Callable

from rostra.admission.throttle import wait_ms


class JoinQueue:
    """Of one door process."""

    def __init__(self, *, queued: Callable[[], int], accepted: Callable[[], int]) -> None:
        """``queued``: who waits to be accepted now; ``accepted``: who was, since the process began."""
        self._queued = queued
        self._accepted = accepted
        self._accepted_before = accepted()
        self._least_queued: int | None = None
        self._least_late_ms = 0.0

    def look(self, late_ms: float) -> None:
        """A turn of the door begins, so much later than it was due."""
        queued = self._queued()
        if self._least_queued is None:
            self._least_queued, self._least_late_ms = queued, late_ms
        self._least_queued = min(self._least_queued, queued)
        self._least_late_ms = min(self._least_late_ms, late_ms)

    def least_wait_ms(self, over_ms: float) -> float:
        """Return the least wait of the last ``over_ms``; another interval begins."""
        accepted = self._accepted()
        waited_ms = wait_ms(self._least_queued or 0, accepted - self._accepted_before, over_ms)
        found_ms = waited_ms + self._least_late_ms
        self._accepted_before, self._least_queued, self._least_late_ms = accepted, None, 0.0
        return found_ms
