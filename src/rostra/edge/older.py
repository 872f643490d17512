"""Segments that have left the window: read from the tape in threads, once for all who ask meanwhile.

The loop waits for no disk. Decides nothing about what is rendered of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from rostra.core.errors import RostraError, Unavailable
from rostra.edge import answers
from rostra.edge.holding import Holding
from rostra.serving.exchange import Exchange

log = structlog.get_logger()

MOST_READ = 64
"""Segments on their way at one time; whoever asks for another is refused."""

Render = Callable[[list[bytes]], bytes]
"""Makes an answer of a segment's chunks. May raise the refusals of the error tree."""


class Older:
    """Of one rendition. ``read`` fetches a segment as chunks, and is called in a thread."""

    def __init__(self, read: Callable[[int], list[bytes]]) -> None:
        self._read = read
        self._waiting: dict[int, Holding[Render]] = {}

    @property
    def waiting_count(self) -> int:
        """Answers that wait for a segment."""
        return sum(map(len, self._waiting.values()))

    def answer(self, number: int, exchange: Exchange, render: Render) -> None:
        """Answer once the segment is read. Raises Unavailable when too many are on their way."""
        waiting = self._waiting.get(number)
        if waiting is None:
            if len(self._waiting) >= MOST_READ:
                raise Unavailable
            waiting = self._waiting[number] = Holding()
            reading = asyncio.get_running_loop().run_in_executor(None, self._read, number)
            reading.add_done_callback(partial(self._came, number))
        waiting.hold(exchange, render)

    def everyone(self) -> list[Exchange]:
        """All who wait."""
        return [exchange for waiting in self._waiting.values() for exchange in waiting]

    def _came(self, number: int, reading: asyncio.Future[list[bytes]]) -> None:
        waiting = self._waiting.pop(number)
        for exchange, render in tuple(waiting.items()):
            exchange.send(_rendered(number, reading, render))


def _rendered(number: int, reading: asyncio.Future[list[bytes]], render: Render) -> bytes:
    try:
        return render(reading.result())
    except RostraError as error:
        return answers.refusal(error)
    except (OSError, asyncio.CancelledError) as error:
        log.warning("segment_not_read", number=number, reason=str(error))
        return answers.refusal(Unavailable())
