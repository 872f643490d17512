"""Do one thing to many exchanges without keeping the loop from everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from rostra.serving.exchange import Exchange

SLICE = 256
"""Exchanges before the loop has a turn, in which their writes go out: about 4 ms. A newcomer is answered
after three turns."""


def _unwatched(_writes: int) -> None:
    """Nobody counts."""


def send(rendered: bytes, exchange: Exchange) -> None:
    """The act of answering everybody with the same bytes: ``partial(send, rendered)``."""
    exchange.send(rendered)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is due to whom. The exchanges are a copy, which a sweep empties: who comes meanwhile is not
    among them, and who is done with needs no memory until the last has had a turn."""

    exchanges: list[Exchange]
    act: Callable[[Exchange], object]

    def now(self) -> None:
        """Act on every exchange without a pause: for the end of a programme."""
        while self.exchanges:
            self.act(self.exchanges.pop())

    async def sweep(self) -> None:
        """Act on every exchange, in slices."""
        await sweep((self,))


async def sweep(deliveries: Iterable[Delivery], wrote: Callable[[int], None] = _unwatched) -> None:
    """Act on every exchange of each delivery, in slices; ``wrote`` hears how many have just gone out.

    The loop writes at the end of a turn, so it hears a turn later. Who has had no turn when an act fails, or
    when it is cancelled, is dropped: nobody is left to wait for what never comes.
    """
    rest, left = iter(deliveries), SLICE
    exchanges: list[Exchange] = []
    try:
        for delivery in rest:
            exchanges, act = delivery.exchanges, delivery.act
            while exchanges:
                writes = min(left, len(exchanges))
                for _ in range(writes):
                    act(exchanges[-1])
                    exchanges.pop()
                left -= writes
                if not left:
                    await asyncio.sleep(0)
                    wrote(SLICE)
                    left = SLICE
    except BaseException:
        for exchange in chain(exchanges, *(delivery.exchanges for delivery in rest)):
            exchange.drop()
        raise
    if left < SLICE:
        await asyncio.sleep(0)
        wrote(SLICE - left)
