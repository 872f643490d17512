"""Standing in line at a door: with one place, politely, until one is let in.

Asks for the space's status as often as the door tells, and brings the place only when its number is called,
or when the door has said that it will be.
A door that is away is waited for; the place is kept meanwhile. Never listens.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

from rostra.core.errors import RostraError
from rostra.rehearsal import programme
from rostra.rehearsal.backoff import Backoff
from rostra.rehearsal.programme import LIVE, OVER, Joined, Page, Placed, Status
from rostra.rehearsal.replies import Refused, Unreachable

NEAR_MS: Final = 8_000
"""Whoever is near their turn asks at least so often."""

Pause = Callable[[float], Awaitable[None]]


class Line:
    """One place before one space's door."""

    def __init__(
        self, http: httpx.AsyncClient, page: Page, *, dice: random.Random | None = None, pause: Pause
    ) -> None:
        self.placed: Placed | None = None
        """Where one stands; None before, and once one is in."""
        self.before: int | None = None
        """How many come first; None while nobody knows."""
        self._http = http
        self._page = page
        self._dice = dice or random.Random()
        self._pause = pause
        self._place = ""

    async def join(self) -> Joined:
        """Return a ticket, at once or when it is one's turn. Refused; Unreachable only without a place."""
        backoff = Backoff()
        while True:
            try:
                answer = await programme.join(self._http, self._page, self._place)
                if isinstance(answer, Joined):
                    self.placed = self.before = None
                    return answer
                self.placed, self._place = answer, answer.place
                await self._until_called(answer)
                backoff.reset()
            except RostraError as error:
                if self.placed is None or not _passes(error):
                    self.placed = None
                    raise
                await self._pause(backoff.next_s())

    async def _until_called(self, placed: Placed) -> None:
        if placed.due:
            await self._pause(placed.again_ms / 1000)
            return
        await self._pause(placed.again_ms / 1000 * self._dice.uniform(0.5, 1.0))
        if placed.called or placed.reason == "owed":
            return
        while True:
            status = await programme.status(self._http, self._page)
            self.before = before(placed, status)
            if comes(placed, status):
                return
            await self._pause(wait_ms(placed, status) / 1000 * self._dice.uniform(0.7, 1.0))


def comes(placed: Placed, status: Status) -> bool:
    """Whether to bring a place to the door now: it is called, nobody waits any more, or it is all over."""
    if status.state != LIVE:
        return status.state in OVER
    room = status.room
    return room is None or placed.number is None or placed.number < room.serving[placed.line]


def before(placed: Placed, status: Status) -> int | None:
    """How many are called first; None before the draw."""
    if placed.number is None or status.room is None:
        return None
    return max(0, placed.number - status.room.serving[placed.line])


def wait_ms(placed: Placed, status: Status) -> int:
    """Until the status is asked for again, at the longest."""
    room, number = status.room, placed.number
    is_near = room is not None and number is not None and number < room.near[placed.line]
    return min(status.poll_ms, NEAR_MS) if is_near else status.poll_ms


def _passes(error: RostraError) -> bool:
    """Whether a place outlives it: a door that is away or busy."""
    if isinstance(error, Refused):
        return error.http_status >= 500 or error.http_status == httpx.codes.TOO_MANY_REQUESTS
    return isinstance(error, Unreachable)
