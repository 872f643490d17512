"""Decide from what was heard of a peer whether it is still there. Pure; the caller brings the time.

A browser checks its connection every 2.5 s and an ICE agent at least every 6 s (RFC 7675), talking
or not, so a peer that was not heard at all for longer is away. It may come back by the way it knows, or
begin ICE anew, for as long as its consent to send would last.
"""

from __future__ import annotations

from enum import Enum

SILENT_NS = 7_000_000_000
LOST_NS = 30_000_000_000
"""Time after which nobody sends there any longer (RFC 7675 section 5.1)."""
HALF_OPEN_NS = 25_000_000_000
"""Time from the answer in which a peer must have connected, so that in half a minute all is cleaned up."""


class Verdict(Enum):
    """What to make of a peer."""

    ALIVE = "alive"
    SILENT = "silent"
    """Away, and may come back."""
    LOST = "lost"
    NEVER_CAME = "never_came"


class Liveness:
    """One peer's last signs of life."""

    def __init__(self, now_ns: int) -> None:
        self._answered_ns = now_ns
        self._heard_ns = now_ns
        self._heard = 0

    def judge(self, *, connected: bool, heard: int, now_ns: int) -> Verdict:
        """Take in the count of datagrams heard so far; return the verdict at ``now_ns``."""
        if heard != self._heard:
            self._heard, self._heard_ns = heard, now_ns
        if not connected:
            waited_ns = now_ns - self._answered_ns
            return Verdict.NEVER_CAME if waited_ns >= HALF_OPEN_NS else Verdict.ALIVE
        silent_ns = self.silent_ns(now_ns)
        if silent_ns >= LOST_NS:
            return Verdict.LOST
        return Verdict.SILENT if silent_ns >= SILENT_NS else Verdict.ALIVE

    def silent_ns(self, now_ns: int) -> int:
        """How long nothing was heard by ``now_ns``, as far as it was judged."""
        return now_ns - self._heard_ns
