"""Listeners' reactions at the door: checked, counted, handed on once a second as bare figures.

Whoever reacts listens: they bring their ticket. Keeps an address or a ticket for as long as its allowance
needs, in memory only and bounded; who pressed what is known to nobody afterwards.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from rostra.admission.allowance import Buckets
from rostra.admission.reactions import KINDS, PER_ADDRESS, PER_LISTENER, Tally
from rostra.admission.tickets import Keyring, check
from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, BodyTooLarge, TicketEnded, TooManyRequests
from rostra.core.ids import SpaceId
from rostra.core.networks import visitor
from rostra.gateway.errors import NoReactions
from rostra.serving.request import Request

MAX_BODY_BYTES: Final = 512
MOST_LISTENERS, MOST_ADDRESSES = 65_536, 16_384
_NS = 1_000_000_000


class Press(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a reaction."""

    ticket: Annotated[str, msgspec.Meta(max_length=200)]
    kind: Annotated[str, msgspec.Meta(max_length=20)]


_decoder = msgspec.json.Decoder(Press)


class Applause:
    """``open``: whether this site lets listeners react at all."""

    def __init__(self, *, clock: Clock, open: bool) -> None:
        self.kinds: tuple[str, ...] = KINDS if open else ()
        """What can be pressed here."""
        self._clock = clock
        self._listeners = Buckets(most=MOST_LISTENERS)
        self._addresses = Buckets(most=MOST_ADDRESSES)
        self._tallies: dict[SpaceId, Tally] = {}

    def press(self, state: SpaceState, request: Request, keyring: Keyring) -> None:
        """Count one press.

        Raises BodyTooLarge, BadRequest, NoReactions, TooManyRequests, and as tickets do.
        """
        if len(request.body) > MAX_BODY_BYTES:
            raise BodyTooLarge
        if not self.kinds or state.lifecycle is not Lifecycle.LIVE:
            raise NoReactions
        now_ns = self._clock.monotonic_ns()
        if not self._addresses.take(visitor(request.peer), PER_ADDRESS, now_ns=now_ns):
            raise TooManyRequests
        try:
            press = _decoder.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest from error
        if press.kind not in self.kinds:
            raise BadRequest("There is no such reaction.")
        ticket = check(keyring, press.ticket, space=state.space, now_s=self._clock.utc_ns() // _NS)
        if ticket.has_ended(state.pass_epoch):
            raise TicketEnded
        tally = self._tallies.setdefault(state.space, Tally())
        if not self._listeners.take(ticket.listener, PER_LISTENER, now_ns=now_ns) or not tally.add(
            press.kind
        ):
            raise TooManyRequests

    def take(self, space: SpaceId) -> tuple[tuple[str, int], ...]:
        """Hand over what a space's listeners pressed since it was last asked."""
        tally = self._tallies.pop(space, None)
        return tally.take() if tally is not None else ()
