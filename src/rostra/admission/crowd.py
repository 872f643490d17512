"""How exactly a crowd is told of. Pure."""

from __future__ import annotations


def roughly(count: int, *, digits: int = 2) -> int:
    """Round down to so many digits: two on a quiet rung, so that pages need no new copy each second."""
    unit: int = 10 ** max(0, len(str(count)) - digits)
    return count // unit * unit
