"""Do one thing to many exchanges without keeping the loop from everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from rostra.serving.broadcast import ONE_BY_ONE, Broadcast
from rostra.serving.exchange import Exchange
from rostra.serving.ring import ENTRIES

SLICE = ENTRIES
"""Exchanges before the loop has a turn: about 2 ms. A newcomer is answered after three turns."""


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
    same: bytes = b""
    """What all are to be written, where that can be done to many at once; ``act`` is then for the others."""

    def now(self) -> None:
        """Act on every exchange without a pause: for the end of a programme."""
        while self.exchanges:
            self.act(self.exchanges.pop())

    async def sweep(self) -> None:
        """Act on every exchange, in slices."""
        await sweep((self,))


async def sweep(
    deliveries: Iterable[Delivery],
    wrote: Callable[[int], None] = _unwatched,
    *,
    broadcast: Broadcast = ONE_BY_ONE,
) -> None:
    """Act on every exchange of each delivery, in slices; ``wrote`` hears how many have just gone out.

    It hears a turn later. Who has had no turn when an act fails, or when it is cancelled, is dropped: nobody
    is left to wait for what never comes.
    """
    rest, left = iter(deliveries), SLICE
    exchanges: list[Exchange] = []
    try:
        for delivery in rest:
            exchanges, act = delivery.exchanges, delivery.act
            while exchanges:
                writes = alone = min(left, len(exchanges))
                if delivery.same:
                    others = broadcast.write(exchanges[-writes:], delivery.same)
                    exchanges[-writes:], alone = others, len(others)
                for _ in range(alone):
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
