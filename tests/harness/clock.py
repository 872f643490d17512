"""A clock that stands still until a test moves it."""

from __future__ import annotations


class ManualClock:
    """A clock that tests move. Both readings advance together, until the wall clock is set."""

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

    def set(self, *, ahead_ms: int) -> None:
        """Set the wall clock, as somebody or a time server does: time itself goes on as before."""
        self._utc_ns += ahead_ms * 1_000_000
