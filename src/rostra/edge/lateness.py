"""How late audio leaves: when each quantum was due, and how long after that it was written.

A quantum is due when the sample clock has passed its end, plus the least delay lately seen on the way here
(stage and tape are not the edge's doing). Counts only; a write costs nothing here, a slice of writes one look
at the clock.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from rostra.core.clock import Clock
from rostra.core.samples import nanoseconds
from rostra.serving.metrics import Histogram

BOUNDS_MS: Final = (10, 20, 50, 100, 200, 320, 500, 640, 1_000, 2_000, 5_000)
"""Upper bounds of all buckets but the last."""
_REMEMBERED = 180
"""Quanta over which the least delay is taken: about a minute."""


class Due:
    """When the newest quantum of one programme was due."""

    def __init__(self, anchor_utc_ns: int, *, clock: Clock, late_ms: Histogram) -> None:
        self._anchor_utc_ns = anchor_utc_ns
        self._clock = clock
        self._late_ms = late_ms
        self._delays: deque[int] = deque(maxlen=_REMEMBERED)
        self._due_ns: int | None = None

    def arrived(self, samples: int) -> None:
        """A quantum that ends at ``samples`` is here. Of several that wait, the oldest counts."""
        ended_ns = self._anchor_utc_ns + nanoseconds(samples)
        self._delays.append(self._clock.utc_ns() - ended_ns)
        if self._due_ns is None:
            self._due_ns = ended_ns + min(self._delays)

    def swept(self) -> None:
        """All that was due is written."""
        self._due_ns = None

    def wrote(self, writes: int) -> None:
        """So many writes of what has arrived have just gone out."""
        if self._due_ns is not None:
            self._late_ms.add(max(0, self._clock.utc_ns() - self._due_ns) // 1_000_000, writes)
