"""How fast listeners may join: additive increase, multiplicative decrease. Pure.

Steered by the *least* wait in the join queue over an interval (CoDel, RFC 8289 section 3: a queue that is
never empty is a standing one, a burst that drains is none) and by lateness: joins give way to those inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.admission.capacity import MOST_LATE
from rostra.admission.line import TICK_MS

FIRST_RATE: Final = 1_000.0
"""Joins a second of a door that has learnt nothing yet."""
INTERVAL_TICKS: Final = 5
"""The rate changes at most so often: half a second."""
INTERVAL_MS: Final = INTERVAL_TICKS * TICK_MS
TARGET_WAIT_MS: Final = 50
"""A least wait beyond this is a standing queue."""
DECREASE: Final = 0.7


@dataclass(frozen=True, slots=True)
class Pressure:
    """What was seen over one interval."""

    least_wait_ms: float
    """Of those who came in it, until they were answered; 0 when the queue was empty once."""
    late_share: float
    asked: int
    """Joins that came or waited for the rate; below it, it is not raised, for nothing was learnt."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Bounds, joins a second."""

    least: float = 50
    most: float = 20_000
    step: float = 100
    """Added an interval."""


def wait_ms(queued: int, taken: int, over_ms: float) -> float:
    """How long the last of ``queued`` waits where ``taken`` were in ``over_ms`` (Little's law)."""
    return queued * over_ms / max(1, taken)


def next_rate(rate: float, pressure: Pressure, rates: Rates) -> float:
    """Return the joins a second for the next interval."""
    if pressure.least_wait_ms > TARGET_WAIT_MS or pressure.late_share > MOST_LATE:
        return max(rates.least, rate * DECREASE)
    if pressure.asked * 1000 / INTERVAL_MS < rate:
        return rate
    return min(rates.most, rate + rates.step)
