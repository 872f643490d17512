"""What a listener costs on each rung: so that a rung is left only where the milder one carries the crowd.

A longer cadence saves most of the CPU. Judged by what is spent on it, the milder rung would seem to have room
for all, be taken, and be full at once. Pure.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final

from rostra.admission.capacity import FEW, Load
from rostra.admission.ladder import RUNGS

SETTLED_S: Final = 30
"""A shorter cadence holds by then, and edges have told what it costs."""
STEADY: Final = 1.1
"""Of a crowd that grows by more meanwhile nobody knows how many the CPU was spent on that is told next."""


def by_cadence(cpu_us: float, before: int, after: int) -> float:
    """Return what ``cpu_us`` come to at another cadence, as if CPU followed the number of writes."""
    return cpu_us * before / after


class Costs:
    """CPU of one listener, µs each second, as it was measured last on each rung."""

    def __init__(self) -> None:
        self._each_us: dict[int, float] = {}
        self._at = 0
        self._lately: deque[int] = deque(maxlen=SETTLED_S)
        """Listeners of the last seconds on this rung."""

    def note(self, at: int, load: Load) -> None:
        """So much is spent on the rung ``at`` in this second."""
        if at != self._at:
            self._at = at
            self._lately.clear()
        self._lately.append(load.listeners)
        settled = len(self._lately) == SETTLED_S and max(self._lately) <= STEADY * min(self._lately)
        if settled and load.spent_on >= FEW and load.cpu_us_per_s > 0:
            self._each_us[at] = load.cpu_us_per_s / load.spent_on

    def milder(self, at: int, load: Load) -> Load:
        """Return what the same listeners would spend on the next milder rung, with nothing late.

        As was measured there; where nothing was, or more, as if CPU followed the number of writes.
        """
        if not at or not load.listeners:
            return replace(load, late_share=0)
        by_writes = by_cadence(load.cpu_us_per_s, RUNGS[at].cadence, RUNGS[at - 1].cadence)
        known = self._each_us.get(at - 1)
        cpu_us_per_s = by_writes if known is None else min(by_writes, known * load.spent_on)
        return replace(load, cpu_us_per_s=cpu_us_per_s, late_share=0)
