"""Listeners who ask to speak: passes what they ask on to backstage, tells them from memory what became of it.

Bounded everywhere: the body before it is read, asks of one address over time, asks on their way at
once. Remembers nothing of a request; backstage does, and tells where each stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
import structlog

from rostra.admission.allowance import Allowance, Buckets, address_prefix
from rostra.bus.messages import Asked, AskToSpeak, WithdrawAsking
from rostra.core import words
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, BodyTooLarge, RostraError, TooManyRequests, Unavailable
from rostra.core.ids import SpaceId
from rostra.gateway.answers import NO_STORE
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON, error_response, response

log = structlog.get_logger()

MOST_BYTES: Final = 2_048
MOST_WAITING: Final = 64
"""Asks on their way to backstage; further ones are refused."""
WORKERS: Final = 4
PER_ADDRESS: Final = Allowance(burst=20, refill_s=10)
"""A household, or an office behind one address, asks at once; a flood does not."""
MOST_ADDRESSES: Final = 16_384

_Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_Short = Annotated[str, msgspec.Meta(max_length=100)]


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the event page sends. ``withdraw``: they would rather not."""

    id: _Hash
    name: _Short = ""
    note: Annotated[str, msgspec.Meta(max_length=140)] = ""
    browser: _Short = ""
    voucher: _Short = ""
    withdraw: bool = False


@dataclass(frozen=True, slots=True)
class _OnItsWay:
    asked: AskToSpeak | WithdrawAsking
    exchange: Exchange
    language: str


class AskDesk:
    """``take`` answers later, ``run`` does it until cancelled. ``pass_on`` asks backstage."""

    def __init__(
        self, pass_on: Callable[[AskToSpeak | WithdrawAsking], Awaitable[Asked]], *, clock: Clock
    ) -> None:
        self._pass_on = pass_on
        self._clock = clock
        self._waiting: asyncio.Queue[_OnItsWay] = asyncio.Queue(MOST_WAITING)
        self._buckets = Buckets(most=MOST_ADDRESSES)
        self.refused = 0
        """For want of room or of patience; logged as it grows."""

    def take(self, space: SpaceId, request: Request, language: str, exchange: Exchange) -> None:
        """Pass a request on. TooManyRequests, Unavailable, BodyTooLarge, BadRequest for all but JSON."""
        if not request.is_json:
            raise BadRequest
        if len(request.body) > MOST_BYTES:
            raise BodyTooLarge
        if not self._buckets.take(
            address_prefix(request.peer), PER_ADDRESS, now_ns=self._clock.monotonic_ns()
        ):
            self._count()
            raise TooManyRequests
        try:
            ask = msgspec.json.decode(request.body, type=Ask)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest from error
        try:
            self._waiting.put_nowait(_OnItsWay(_message(space, ask), exchange, language))
        except asyncio.QueueFull:
            self._count()
            raise Unavailable from None

    async def run(self) -> None:
        """Pass on what waits, a few at a time."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            waiting = await self._waiting.get()
            if not waiting.exchange.closed:
                waiting.exchange.send(await self._answer(waiting))

    async def _answer(self, waiting: _OnItsWay) -> bytes:
        try:
            asked = await self._pass_on(waiting.asked)
        except RostraError as error:
            said = RostraError(words.sentence(waiting.language, error))
            said.code, said.status = error.code, error.status  # type: ignore[misc]  # as backstage said it
            return error_response(said)
        body = msgspec.json.encode({"state": asked.state})
        return response(202, body, content_type=JSON, headers=[NO_STORE])

    def _count(self) -> None:
        self.refused += 1
        if self.refused & (self.refused - 1) == 0:  # at 1, 2, 4, 8 …
            log.warning("asks_refused", count=self.refused)


def _message(space: SpaceId, ask: Ask) -> AskToSpeak | WithdrawAsking:
    if ask.withdraw:
        return WithdrawAsking(space=space, request=ask.id)
    return AskToSpeak(
        space=space,
        request=ask.id,
        name=ask.name,
        note=ask.note,
        browser=ask.browser,
        voucher=ask.voucher,
    )
