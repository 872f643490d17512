"""Attempts per visitor, to sign in above all, bounded in time and in memory.

Counts per address and per address and handle, so that guessing one password is slow, and yet
nobody can lock a host out from elsewhere. Forgets the least recently seen visitor when full.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from rostra.core.clock import Clock
from rostra.core.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Allowance:
    """A bucket: ``burst`` attempts at once, one more every ``refill_s`` seconds."""

    burst: int
    refill_s: float


PER_ADDRESS = Allowance(burst=30, refill_s=2)
PER_HANDLE = Allowance(burst=8, refill_s=15)
MAX_VISITORS = 4096


class Throttle:
    """Token buckets in least-recently-used order."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def attempt(self, address: str, handle: str) -> None:
        """Count one attempt; TooManyRequests when this visitor has used theirs up."""
        prefix = address_prefix(address)
        self._take(prefix, PER_ADDRESS)
        self._take(f"{prefix} {handle}", PER_HANDLE)

    def succeeded(self, address: str, handle: str) -> None:
        """Forget the attempts on this handle: its owner is there."""
        self._buckets.pop(f"{address_prefix(address)} {handle}", None)

    def spend(self, key: str, allowance: Allowance) -> None:
        """Count one use of ``key``, whatever that is; TooManyRequests when its bucket is empty."""
        self._take(key, allowance)

    def _take(self, key: str, allowance: Allowance) -> None:
        now_ns = self._clock.monotonic_ns()
        left, seen_ns = self._buckets.pop(key, (float(allowance.burst), now_ns))
        left = min(allowance.burst, left + (now_ns - seen_ns) / 1e9 / allowance.refill_s)
        allowed = left >= 1
        self._buckets[key] = (left - allowed, now_ns)
        if len(self._buckets) > MAX_VISITORS:
            self._buckets.popitem(last=False)
        if not allowed:
            raise TooManyRequests("Too many attempts. Please wait a moment and try again.")


def address_prefix(address: str) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return parsed.ipv4_mapped.compressed if parsed.ipv4_mapped else parsed.packed[:8].hex()
    return parsed.compressed
