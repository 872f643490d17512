"""How late a stage's ticks are: counted by the tenth of a millisecond, told every few seconds. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

TOLD_TICKS: Final = 500
"""Ticks between two accounts: ten seconds."""
_BUCKET_NS: Final = 100_000
_BUCKETS: Final = 1_000
"""Up to 100 ms; what is later counts as that."""


class Lateness:
    """Since the last account."""

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self._ticks = 0

    def note(self, late_ns: int, *, ticks: int = 1) -> bool:
        """Count ticks that began, or were done, so long after they were due; say if an account is due."""
        self._counts[min(max(late_ns, 0) // _BUCKET_NS, _BUCKETS - 1)] += ticks
        self._ticks += ticks
        return self._ticks >= TOLD_TICKS

    def account(self) -> dict[str, float]:
        """Return the lateness (ms) that half, 99 % and all of the ticks stayed under, and begin anew."""
        below = np.cumsum(self._counts)
        at = np.searchsorted(below, [0.5 * self._ticks, 0.99 * self._ticks, self._ticks]) + 1
        median, p99, most = (int(each) * _BUCKET_NS / 1e6 for each in at)
        self._counts, self._ticks = [0] * _BUCKETS, 0
        return {"median_ms": median, "p99_ms": p99, "most_ms": most}
