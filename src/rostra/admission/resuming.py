"""Places kept for listeners who dropped out and may resume: their tickets let them in past the door.

Whose line broke is back within seconds, if at all; most who leave do not come back. So a place is kept for
each who leaves, for half of them after :data:`HALF_S`, for a quarter after twice that, and so on; for whoever
is back it is kept no longer. Pure; takes the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import exp2
from typing import Final

HALF_S: Final = 10
LAST_S: Final = 60
"""By then a sixty-fourth is left of a place: nothing, but of thousands."""


def share(age_s: int) -> float:
    """Return the share of a place that is kept for somebody who left so long ago."""
    return exp2(-age_s / HALF_S)


class Resuming:
    """Of all spaces. Times are whole seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._left_s: dict[bytes, int] = {}
        """When each left, the longest ago first."""
        self._away: Counter[int] = Counter()
        """How many of them left in which second."""

    def __contains__(self, listener: bytes) -> bool:
        return listener in self._left_s

    def leave(self, listeners: Iterable[bytes], now_s: int) -> None:
        """These are gone, for now or for good."""
        for listener in listeners:
            self._forget(listener)
            self._left_s[listener] = now_s
            self._away[now_s] += 1

    def back(self, listeners: Iterable[bytes]) -> None:
        """These are here, whether they had left or not."""
        for listener in self._left_s.keys() & set(listeners):
            self._forget(listener)

    def kept(self, now_s: int) -> int:
        """Return how many places are kept now."""
        while self._left_s and (oldest := next(iter(self._left_s.items())))[1] < now_s - LAST_S:
            self._forget(oldest[0])
        return int(sum(count * share(now_s - left_s) for left_s, count in self._away.items()))

    def _forget(self, listener: bytes) -> None:
        left_s = self._left_s.pop(listener, None)
        if left_s is not None:
            self._away[left_s] -= 1
            if not self._away[left_s]:
                del self._away[left_s]
