"""Do one thing to many exchanges without keeping the loop from everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

from rostra.serving.exchange import Exchange

SLICE = 1_000
"""Exchanges before the loop has a turn, so that a newcomer does not wait for a whole sweep."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is due to whom. The exchanges are a copy: who comes during the sweep is not among them."""

    exchanges: Collection[Exchange]
    act: Callable[[Exchange], None]

    def now(self) -> None:
        """Act on every exchange without a pause: for the end of a programme."""
        for exchange in self.exchanges:
            self.act(exchange)

    async def sweep(self) -> None:
        """Act on every exchange, in slices."""
        for position, exchange in enumerate(self.exchanges, 1):
            self.act(exchange)
            if position % SLICE == 0:
                await asyncio.sleep(0)
