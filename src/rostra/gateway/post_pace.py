"""How much may be posted from where: buckets per address and network, for reports, reminders, asks to speak.

Bounded: forgets whoever came longest ago. Keeps nothing but prefixes and counts, in memory.
"""

from __future__ import annotations

from functools import partial
from math import ceil

from rostra.admission.allowance import Allowance, Buckets
from rostra.core.clock import Clock
from rostra.core.errors import TooManyRequests
from rostra.core.networks import network, visitor

MOST_PREFIXES = 4096


NEAR = Allowance(burst=5, refill_s=60)
"""Of one IPv4 address, or one IPv6 /64."""
FAR = Allowance(burst=40, refill_s=10)
"""Of an IPv4 /24, or an IPv6 /48."""


def network_of(address: str) -> str:
    """The network of an address: an IPv4 /24, or an IPv6 /48."""
    return network(address, v4=24, v6=48)


class PostPace:
    """One per door, and per kind of what is posted."""

    def __init__(self, *, clock: Clock, near: Allowance = NEAR, far: Allowance = FAR) -> None:
        self._clock = clock
        self._near, self._far = near, far
        self._buckets = Buckets(most=MOST_PREFIXES)
        self.refused = 0

    def spend(self, address: str) -> None:
        """Count one; TooManyRequests, with when to come back, once its address or network has had its own."""
        now_ns = self._clock.monotonic_ns()
        take = partial(self._buckets.take, now_ns=now_ns)
        near, far = f"near {visitor(address)}", f"far {network_of(address)}"
        if not (take(near, self._near) and take(far, self._far)):
            self.refused += 1
            wait_s = partial(self._buckets.wait_s, now_ns=now_ns)
            raise TooManyRequests(retry_after_s=ceil(max(wait_s(near, self._near), wait_s(far, self._far))))
