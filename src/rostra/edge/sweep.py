"""Do one thing to many exchanges without keeping the loop from everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rostra.serving.exchange import Exchange

SLICE = 256
"""Exchanges before the loop has a turn, in which their writes go out: about 4 ms. A newcomer is answered
after three turns."""


def _unwatched(_writes: int) -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is due to whom. The exchanges are a copy: who comes during the sweep is not among them."""

    exchanges: Sequence[Exchange]
    act: Callable[[Exchange], object]

    def now(self) -> None:
        """Act on every exchange without a pause: for the end of a programme."""
        for exchange in self.exchanges:
            self.act(exchange)

    async def sweep(self) -> None:
        """Act on every exchange, in slices."""
        await sweep((self,))


async def sweep(deliveries: Iterable[Delivery], wrote: Callable[[int], None] = _unwatched) -> None:
    """Act on every exchange of each delivery, in slices; ``wrote`` hears how many have just gone out.

    The loop writes at the end of a turn, so it hears a turn later.
    """
    since = 0
    for delivery in deliveries:
        exchanges, act = delivery.exchanges, delivery.act
        first = 0
        while first < len(exchanges):
            last = min(first + SLICE - since, len(exchanges))
            for exchange in exchanges[first:last]:
                act(exchange)
            since += last - first
            first = last
            if since == SLICE:
                await asyncio.sleep(0)
                wrote(since)
                since = 0
    if since:
        await asyncio.sleep(0)
        wrote(since)
