"""How many of each line are called a second, over the last ten. Pure; counts ticks."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from rostra.admission.line import TICK_MS
from rostra.admission.room import Kind

OVER_S: Final = 10


class CallPace:
    """Of one space's lines."""

    def __init__(self) -> None:
        self._called: deque[tuple[int, Sequence[int]]] = deque()
        """When how many were called, by line."""
        self.per_s = (0.0, 0.0, 0.0)
        """By line, as of the tick that has passed last."""

    def add(self, tick: int, called: Sequence[int]) -> int:
        """So many of each line are called now; return how many that is together."""
        if any(called):
            self._called.append((tick, called))
        return sum(called)

    def pass_to(self, tick: int) -> None:
        """It is ``tick`` now."""
        self.per_s = self.at(tick)

    def at(self, tick: int) -> tuple[float, float, float]:
        """Return it by line as of ``tick``: what is longer ago counts no more."""
        since = tick - OVER_S * 1000 // TICK_MS
        while self._called and self._called[0][0] < since:
            self._called.popleft()
        first, second, reserved = (sum(called[kind] for _, called in self._called) / OVER_S for kind in Kind)
        return first, second, reserved
