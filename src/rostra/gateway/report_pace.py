"""How many reports may come from where: token buckets per address and per network. No I/O.

Bounded: forgets whoever came longest ago. Keeps nothing but prefixes and counts, in memory.
"""

from __future__ import annotations

from functools import partial
from ipaddress import IPv6Address, ip_address, ip_network

from rostra.admission.allowance import Allowance, Buckets
from rostra.core.clock import Clock
from rostra.core.errors import TooManyRequests

MOST_PREFIXES = 4096


NEAR = Allowance(burst=5, refill_s=60)
"""Of one IPv4 address, or one IPv6 /64."""
FAR = Allowance(burst=40, refill_s=10)
"""Of an IPv4 /24, or an IPv6 /48."""


class ReportPace:
    """One per door."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._buckets = Buckets(most=MOST_PREFIXES)
        self.refused = 0

    def spend(self, address: str) -> None:
        """Count one report; TooManyRequests when its address or network has used its own up."""
        near, far = prefixes(address)
        now_ns = self._clock.monotonic_ns()
        take = partial(self._buckets.take, now_ns=now_ns)
        if not (take(near, NEAR) and take(far, FAR)):
            self.refused += 1
            raise TooManyRequests


def prefixes(address: str) -> tuple[str, str]:
    """Return the address as one visitor, and its network; for what is no address, itself twice."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return f"near {address}", f"far {address}"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    near, far = (64, 48) if isinstance(parsed, IPv6Address) else (32, 24)
    return tuple(str(ip_network((parsed, bits), strict=False)) for bits in (near, far))  # type: ignore[return-value]  # two bits, two prefixes
