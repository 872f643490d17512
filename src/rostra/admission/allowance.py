"""How often somebody may do something: buckets that fill with time, bounded in number. Pure.

The least recently seen is forgotten when there are too many; whoever is forgotten begins anew.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """A bucket: ``burst`` attempts at once, one more every ``refill_s`` seconds."""

    burst: int
    refill_s: float


class Buckets:
    """At most ``most`` buckets, by key."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._buckets: OrderedDict[str | bytes, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str | bytes, allowance: Allowance, *, now_ns: int) -> bool:
        """Take one from the bucket of ``key``; whether there was one. ``now_ns`` is monotonic."""
        left, seen_ns = self._buckets.pop(key, (float(allowance.burst), now_ns))
        left = min(allowance.burst, left + (now_ns - seen_ns) / 1e9 / allowance.refill_s)
        allowed = left >= 1
        self._buckets[key] = (left - allowed, now_ns)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return allowed

    def wait_s(self, key: str | bytes, allowance: Allowance, *, now_ns: int) -> float:
        """Seconds until one may be taken from the bucket of ``key``; 0.0 where one is there."""
        left, seen_ns = self._buckets.get(key, (float(allowance.burst), now_ns))
        return max(0.0, (1 - left) * allowance.refill_s - (now_ns - seen_ns) / 1e9)

    def give_back(self, key: str | bytes, allowance: Allowance) -> None:
        """Put back one that was taken; a bucket that is full or forgotten stays so."""
        if key in self._buckets:
            left, seen_ns = self._buckets[key]
            self._buckets[key] = (min(float(allowance.burst), left + 1), seen_ns)

    def forget(self, key: str | bytes) -> None:
        """Fill a bucket."""
        self._buckets.pop(key, None)
