"""How exactly a crowd is told of. Pure."""

from __future__ import annotations


def roughly(count: int) -> int:
    """Round down to two digits: on a quiet rung, so that pages and caches need no new copy each second."""
    unit: int = 10 ** max(0, len(str(count)) - 2)
    return count // unit * unit
