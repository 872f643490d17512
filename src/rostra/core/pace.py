"""How much audio one write to a listener carries, and in how many groups listeners are written to.

A longer cadence costs fewer writes; cohorts, a quantum apart, spread them. A value and its rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.core.errors import BadRequest
from rostra.core.samples import CHUNKS_PER_SEGMENT

LANES: Final = CHUNKS_PER_SEGMENT
"""Divisible by every number of cohorts, so that cohorts are of one size."""


class PaceUnusable(BadRequest):
    """Cadence and cohorts must each be 1, 2, 3, 4, 6 or 12, cohorts at most the cadence."""

    code = "pace_unusable"


@dataclass(frozen=True, slots=True)
class Pace:
    """``cadence``: quanta in one write. ``cohorts``: in how many groups listeners are dealt. PaceUnusable."""

    cadence: int = 1
    cohorts: int = 1

    def __post_init__(self) -> None:
        if self.cadence < 1 or self.cohorts < 1 or LANES % self.cadence or LANES % self.cohorts:
            raise PaceUnusable
        if self.cohorts > self.cadence:
            raise PaceUnusable

    def due(self, quanta: int) -> range:
        """Return the lanes to which all that is there goes out, now that there are ``quanta`` quanta."""
        turn = quanta % self.cadence
        return range(turn, LANES, self.cohorts) if turn < self.cohorts else range(0)
