"""Run something to its end, and let one error out where a group of tasks failed together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from rostra.core.errors import RostraError

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; of several errors at once, the first of the error tree comes out alone."""
    try:
        return asyncio.run(work)
    except BaseExceptionGroup as group:
        ours = group.subgroup(RostraError)
        if ours is None:
            raise
        raise _first_leaf(ours) from group


def _first_leaf(group: BaseExceptionGroup[RostraError]) -> RostraError:
    first = group.exceptions[0]
    return _first_leaf(first) if isinstance(first, BaseExceptionGroup) else first
