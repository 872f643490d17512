"""Places kept for listeners who dropped out and may resume: their tickets let them in past the door.

Whose line broke is back within seconds, if at all; most who leave do not come back. So a place is kept for
each who leaves, for half of them after :data:`HALF_S`, for a quarter after twice that, and so on; for whoever
is back it is kept no longer. It is kept in the space that they left. Pure; takes the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import exp2
from typing import Final

from rostra.core.ids import SpaceId

HALF_S: Final = 10
LAST_S: Final = 60
"""By then a sixty-fourth is left of a place: nothing, but of thousands."""


def share(age_s: int) -> float:
    """Return the share of a place that is kept for somebody who left so long ago."""
    return exp2(-age_s / HALF_S)


class Resuming:
    """Of all spaces. Times are whole seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._left: dict[bytes, tuple[SpaceId, int]] = {}
        """Which space each left, and when: the longest ago first."""
        self._away: dict[SpaceId, Counter[int]] = {}
        """How many of them left it in which second."""

    def __contains__(self, listener: bytes) -> bool:
        return listener in self._left

    def leave(self, listeners: Mapping[bytes, SpaceId], now_s: int) -> None:
        """These are gone, for now or for good, each from their space."""
        for listener, space in listeners.items():
            self._forget(listener)
            self._left[listener] = (space, now_s)
            self._away.setdefault(space, Counter())[now_s] += 1

    def back(self, listeners: Iterable[bytes]) -> None:
        """These are here, whether they had left or not."""
        for listener in self._left.keys() & set(listeners):
            self._forget(listener)

    def kept(self, now_s: int) -> Counter[SpaceId]:
        """Return how many places are kept now, by space."""
        while self._left and (oldest := next(iter(self._left.items())))[1][1] < now_s - LAST_S:
            self._forget(oldest[0])
        return Counter({space: _kept(away, now_s) for space, away in self._away.items()})

    def _forget(self, listener: bytes) -> None:
        if listener not in self._left:
            return
        space, left_s = self._left.pop(listener)
        away = self._away[space]
        away[left_s] -= 1
        if not away[left_s]:
            del away[left_s]
        if not away:
            del self._away[space]


def _kept(away: Mapping[int, int], now_s: int) -> int:
    return int(sum(count * share(now_s - left_s) for left_s, count in away.items()))
