"""Which line whoever comes stands in, and whether the draw takes them. Pure.

A draw is of no use that nobody can check: it takes as many entries as :mod:`.drawn` reads, and of those in
the second line fewer, so that who floods it from a few networks keeps nobody else out. Whoever it does not
take gets a number after the start: first come, first served.
"""

from __future__ import annotations

from typing import Final

from rostra.admission.drawn import MOST_ENTRIES
from rostra.admission.room import Kind

MOST_OF_PREFIX: Final = 4_096
"""Entries of one network in a draw."""
MOST_SECOND: Final = MOST_ENTRIES // 4
"""Entries of the second line in a draw."""


def line_of(before: int, *, per_prefix: int) -> Kind:
    """Return the line of somebody from whose network so many came ``before``."""
    return Kind.FIRST if before < per_prefix else Kind.SECOND


def is_drawn(line: Kind, *, before: int, first: int, second: int) -> bool:
    """Whether the draw takes one more entry; ``first``, ``second``: how many it has of each line."""
    if first + second >= MOST_ENTRIES:
        return False
    return line is Kind.FIRST or (before < MOST_OF_PREFIX and second < MOST_SECOND)
