"""Listeners who ask to speak: passes what they ask on to backstage, tells them from memory what became of it.

Bounded everywhere: the body before it is read, asks of one address and one network over time, asks on
their way at once. Remembers nothing of a request; backstage does, and tells where each stands.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final

import msgspec

from rostra.admission.allowance import Allowance
from rostra.bus.messages import Asked, AskToSpeak, WithdrawAsking
from rostra.core.clock import Clock
from rostra.core.errors import NotAllowed, RostraError, Unavailable
from rostra.core.ids import SpaceId
from rostra.gateway.answers import NO_STORE
from rostra.gateway.errands import Errands
from rostra.gateway.post_pace import PostPace, network_of
from rostra.gateway.posted import read_posted
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON, error_response, response

MOST_BYTES: Final = 2_048
MOST_WAITING: Final = 64
"""Asks on their way to backstage; further ones are refused."""
AT_A_TIME: Final = 4
NEAR: Final = Allowance(burst=20, refill_s=10)
"""A household, or an office behind one address, asks at once; a flood does not."""
FAR: Final = Allowance(burst=40, refill_s=5)
"""Of one network."""

_Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_Short = Annotated[str, msgspec.Meta(max_length=100)]


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the event page sends. ``withdraw``: the secret whose hash ``id`` is, from who would rather not."""

    id: _Hash
    name: _Short = ""
    note: Annotated[str, msgspec.Meta(max_length=140)] = ""
    browser: _Short = ""
    voucher: _Short = ""
    withdraw: _Short = ""


_decoder = msgspec.json.Decoder(Ask)


@dataclass(frozen=True, slots=True)
class _OnItsWay:
    asked: AskToSpeak | WithdrawAsking
    exchange: Exchange
    language: str


class AskDesk:
    """``take`` answers later, ``run`` does it until cancelled. ``pass_on`` asks backstage.

    Hosts read the ids of requests: only who shows the secret behind one takes it back.
    """

    def __init__(
        self, pass_on: Callable[[AskToSpeak | WithdrawAsking], Awaitable[Asked]], *, clock: Clock
    ) -> None:
        self._pass_on = pass_on
        self.errands: Errands[_OnItsWay] = Errands("asks", most=MOST_WAITING, at_a_time=AT_A_TIME)
        self._pace = PostPace(clock=clock, near=NEAR, far=FAR)

    def take(self, space: SpaceId, request: Request, language: str, exchange: Exchange) -> None:
        """Pass a request on. TooManyRequests, Unavailable, BodyTooLarge, BadRequest for all but JSON.

        NotAllowed for who would take a request back without its secret.
        """
        ask = read_posted(request, _decoder, most_bytes=MOST_BYTES)
        self._pace.spend(request.peer)
        if not self.errands.add(
            _OnItsWay(_message(space, ask, network_of(request.peer)), exchange, language)
        ):
            raise Unavailable

    async def run(self) -> None:
        """Pass on what waits."""
        await self.errands.run(self._hand_on)

    async def _hand_on(self, waiting: _OnItsWay) -> None:
        if not waiting.exchange.closed:
            waiting.exchange.send(await self._answer(waiting))

    async def _answer(self, waiting: _OnItsWay) -> bytes:
        try:
            asked = await self._pass_on(waiting.asked)
        except RostraError as error:
            said = RostraError(error.said(waiting.language))
            said.code, said.status = error.code, error.status  # type: ignore[misc]  # as backstage said it
            return error_response(said)
        body = msgspec.json.encode({"state": asked.state})
        return response(202, body, content_type=JSON, headers=[NO_STORE])


def _message(space: SpaceId, ask: Ask, network: str) -> AskToSpeak | WithdrawAsking:
    if ask.withdraw:
        if sha256(ask.withdraw.encode()).hexdigest() != ask.id:
            raise NotAllowed
        return WithdrawAsking(space=space, request=ask.id)
    return AskToSpeak(
        space=space,
        request=ask.id,
        name=ask.name,
        note=ask.note,
        browser=ask.browser,
        voucher=ask.voucher,
        network=network,
    )
