"""Attempts per visitor, to sign in above all, bounded in time and in memory.

Counts per address and per address and handle, so that guessing one password is slow, and yet
nobody can lock a host out from elsewhere. Forgets the least recently seen visitor when full.
"""

from __future__ import annotations

from typing import Final

from rostra.admission.allowance import Allowance, Buckets
from rostra.core.clock import Clock
from rostra.core.errors import TooManyRequests
from rostra.core.networks import visitor

PER_ADDRESS: Final = Allowance(burst=30, refill_s=2)
PER_HANDLE: Final = Allowance(burst=8, refill_s=15)
MAX_VISITORS: Final = 4096


class Throttle:
    """Token buckets in least-recently-used order."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._buckets = Buckets(most=MAX_VISITORS)

    def attempt(self, address: str, handle: str) -> None:
        """Count one attempt; TooManyRequests when this visitor has used theirs up."""
        prefix = visitor(address)
        self.spend(prefix, PER_ADDRESS)
        self.spend(f"{prefix} {handle}", PER_HANDLE)

    def succeeded(self, address: str, handle: str) -> None:
        """Forget the attempts on this handle: its owner is there."""
        self._buckets.forget(f"{visitor(address)} {handle}")

    def cost_nothing(self, address: str, handle: str) -> None:
        """As :meth:`succeeded`, and this attempt takes nothing from others at the same address."""
        self.succeeded(address, handle)
        self._buckets.give_back(visitor(address), PER_ADDRESS)

    def spend(self, key: str, allowance: Allowance) -> None:
        """Count one use of ``key``, whatever that is; TooManyRequests when its bucket is empty."""
        if not self._buckets.take(key, allowance, now_ns=self._clock.monotonic_ns()):
            raise TooManyRequests("Too many attempts. Please wait a moment and try again.")
