"""What pages send that backstage must answer: a few on their way, so many waiting, no more.

What is refused is counted. Knows neither what is sent nor how it is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

T = TypeVar("T")


class Errands(Generic[T]):
    """``add`` never waits; ``run`` does them until cancelled. ``name`` is theirs in the log."""

    def __init__(self, name: str, *, most: int, at_a_time: int) -> None:
        self._name = name
        self._at_a_time = at_a_time
        self._waiting: asyncio.Queue[T] = asyncio.Queue(most)
        self.refused = 0
        """Because too many waited."""

    def add(self, errand: T) -> bool:
        """Have it done; False when too many wait."""
        try:
            self._waiting.put_nowait(errand)
        except asyncio.QueueFull:
            self.refused += 1
            if self.refused & (self.refused - 1) == 0:  # at 1, 2, 4, 8 …
                log.warning("errands_refused", of=self._name, count=self.refused)
            return False
        return True

    async def run(self, do: Callable[[T], Awaitable[None]]) -> None:
        """Do what waits, a few at a time, in the order in which it came. ``do`` answers its own errors."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_a_time):
                group.create_task(self._work(do))

    async def _work(self, do: Callable[[T], Awaitable[None]]) -> None:
        while True:
            await do(await self._waiting.get())
