"""Do one thing to many exchanges without keeping the loop from everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from rostra.serving.broadcast import ONE_BY_ONE, Broadcast
from rostra.serving.exchange import Exchange
from rostra.serving.recipients import Queue, Seats
from rostra.serving.ring import ENTRIES

SLICE = ENTRIES
"""Exchanges before the loop has a turn: about 4 ms. A newcomer is answered after three turns."""


def _unwatched(_writes: int) -> None:
    """Nobody counts."""


def send(rendered: bytes, exchange: Exchange) -> None:
    """The act of answering everybody with the same bytes: ``partial(send, rendered)``."""
    exchange.send(rendered)


class Round(Protocol):
    """What is due to whom, to be done in turns."""

    def __len__(self) -> int:
        """How many have not had theirs."""

    def serve(self, most: int, broadcast: Broadcast) -> int:
        """Let up to so many have their turn. Return how many had one: 0 once all have."""

    def drop(self) -> None:
        """Let go of whoever has had none: nobody is left to wait for what never comes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to be done to each. The exchanges are a copy, which is emptied: who comes meanwhile is not
    among them, and who is done with needs no memory until the last has had a turn."""

    exchanges: list[Exchange]
    act: Callable[[Exchange], object]

    def __len__(self) -> int:
        return len(self.exchanges)

    def serve(self, most: int, broadcast: Broadcast) -> int:
        """Act on up to so many."""
        exchanges, act = self.exchanges, self.act
        count = min(most, len(exchanges))
        for _ in range(count):
            act(exchanges[-1])
            exchanges.pop()
        return count

    def drop(self) -> None:
        """Let go of the others."""
        for exchange in self.exchanges:
            exchange.drop()

    async def sweep(self) -> None:
        """Act on every exchange, in slices."""
        await sweep((self,))


class Fanout:
    """The same bytes for everybody in these seats.

    ``act`` writes them to one exchange, where that cannot be done to many at once, and does what has to be
    done besides; ``done`` does that alone.
    """

    __slots__ = ("_act", "_data", "_done", "_queue")

    def __init__(
        self,
        data: bytes,
        act: Callable[[Exchange], object],
        some: Iterable[Seats],
        *,
        done: Callable[[Exchange], object] | None = None,
    ) -> None:
        self._data = data
        self._act = act
        self._done = done
        self._queue = Queue(some)

    def __len__(self) -> int:
        return len(self._queue)

    def serve(self, most: int, broadcast: Broadcast) -> int:
        """Write to up to so many, of whom some may have gone."""
        if not self._queue:
            return 0
        turn = self._queue.take(most)
        everyone = turn.everyone() if self._done is not None else []
        others = broadcast.write(turn, self._data)
        alone = set(others) if everyone else set[Exchange]()
        try:
            for exchange in everyone:
                if self._done is not None and exchange not in alone:
                    self._done(exchange)
            while others:
                self._act(others[-1])
                others.pop()
        except BaseException:
            Delivery(others, self._act).drop()
            raise
        return len(turn.numbers)

    def drop(self) -> None:
        """Let go of the others."""
        for exchange in self._queue.take(len(self._queue)).everyone():
            exchange.drop()


def at_once(deliveries: Iterable[Round]) -> None:
    """Let everybody have their turn without a pause: for the end of a programme."""
    for delivery in deliveries:
        while delivery.serve(SLICE, ONE_BY_ONE):
            pass


async def sweep(
    deliveries: Iterable[Round],
    wrote: Callable[[int], None] = _unwatched,
    *,
    broadcast: Broadcast = ONE_BY_ONE,
) -> None:
    """Let everybody of each delivery have their turn, in slices; ``wrote`` hears how many have just had it.

    It hears a turn later. Who has had none when an act fails, or when it is cancelled, is dropped.
    """
    rest, left = iter(deliveries), SLICE
    current: tuple[Round, ...] = ()
    try:
        for delivery in rest:
            current = (delivery,)
            while served := delivery.serve(left, broadcast):
                left -= served
                if not left:
                    await asyncio.sleep(0)
                    wrote(SLICE)
                    left = SLICE
    except BaseException:
        for delivery in chain(current, rest):
            delivery.drop()
        raise
    if left < SLICE:
        await asyncio.sleep(0)
        wrote(SLICE - left)
