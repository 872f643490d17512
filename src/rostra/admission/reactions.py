"""Reactions of listeners: which there are, who may send how many, how many of each a second had.

Decides on figures alone. A listener (their ticket) has a small allowance, an address a larger one
for those who share it; beyond both, and beyond :data:`MOST_PER_S` in one space, a press is refused
and counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from rostra.admission.allowance import Allowance

KINDS: Final = ("clap", "heart", "laugh", "wow", "thanks")
"""What can be pressed, in the order of the buttons."""
MOST_PER_S: Final = 5_000
"""Presses counted in one space in one second."""


PER_LISTENER: Final = Allowance(burst=5, refill_s=1.0)
PER_ADDRESS: Final = Allowance(burst=100, refill_s=0.05)


@dataclass(slots=True)
class Tally:
    """How many pressed each kind in one space since it was last asked."""

    _counts: dict[str, int] = field(default_factory=dict)
    _sum: int = 0

    def add(self, kind: str) -> bool:
        """Count one press; False when the second is full."""
        if self._sum >= MOST_PER_S:
            return False
        self._counts[kind] = self._counts.get(kind, 0) + 1
        self._sum += 1
        return True

    def take(self) -> tuple[tuple[str, int], ...]:
        """Hand over the counts, those of nobody left out, and begin anew."""
        counts, self._counts, self._sum = self._counts, {}, 0
        return tuple((kind, counts[kind]) for kind in KINDS if kind in counts)
