"""How much may be posted from where, reports and reminders alike: buckets per address and network.

Bounded: forgets whoever came longest ago. Keeps nothing but prefixes and counts, in memory.
"""

from __future__ import annotations

from functools import partial

from rostra.admission.allowance import Allowance, Buckets
from rostra.core.clock import Clock
from rostra.core.errors import TooManyRequests
from rostra.core.networks import network, visitor

MOST_PREFIXES = 4096


NEAR = Allowance(burst=5, refill_s=60)
"""Of one IPv4 address, or one IPv6 /64."""
FAR = Allowance(burst=40, refill_s=10)
"""Of an IPv4 /24, or an IPv6 /48."""


class PostPace:
    """One per door."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._buckets = Buckets(most=MOST_PREFIXES)
        self.refused = 0

    def spend(self, address: str) -> None:
        """Count one; TooManyRequests when its address or network has used its own up."""
        now_ns = self._clock.monotonic_ns()
        take = partial(self._buckets.take, now_ns=now_ns)
        near, far = visitor(address), network(address, v4=24, v6=48)
        if not (take(f"near {near}", NEAR) and take(f"far {far}", FAR)):
            self.refused += 1
            raise TooManyRequests
