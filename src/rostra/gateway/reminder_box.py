"""Takes reminders from pages and mails and hands them to control; promises none before it is kept.

Limits come first: pace, then size, then shape. At most so many wait for control; further ones are refused
and counted. Stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

import msgspec

from rostra.bus.client import BusClient
from rostra.bus.messages import (
    CONTROL_ANSWER_REMINDER,
    CONTROL_REMIND,
    AnswerReminder,
    Remind,
    RemindBy,
    ReminderAnswered,
    ReminderMeans,
    Reminding,
    SpaceState,
)
from rostra.core.clock import Clock
from rostra.core.errors import RostraError, Unavailable
from rostra.gateway.errands import Errands
from rostra.gateway.errors import RemindersAway
from rostra.gateway.post_pace import PostPace
from rostra.gateway.posted import read_posted
from rostra.serving.request import Request

MAX_BYTES: Final = 4_096
MOST_WAITING: Final = 256
"""Reminders and answers on their way to control."""
AT_A_TIME: Final = 8
ASK_S: Final = 5.0
MOST_TOKEN: Final = 80

Outcome = Reminding | ReminderAnswered | RostraError
Told = Callable[[Outcome], None]


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    """What a page sends."""

    by: RemindBy
    address: Annotated[str, msgspec.Meta(max_length=1_000)]
    language: Annotated[str, msgspec.Meta(max_length=16)]
    begun: bool = False
    p256dh: Annotated[str, msgspec.Meta(max_length=100)] = ""
    auth: Annotated[str, msgspec.Meta(max_length=40)] = ""


_decoder = msgspec.json.Decoder(_Body)


def read(state: SpaceState, request: Request, *, door: str) -> Remind:
    """Return what a request asks for. BadRequest for all but JSON, BodyTooLarge."""
    body = read_posted(request, _decoder, most_bytes=MAX_BYTES)
    return Remind(
        space=state.space,
        by=body.by,
        address=body.address.strip(),
        language=body.language,
        door=door,
        begun=body.begun,
        p256dh=body.p256dh,
        auth=body.auth,
    )


class ReminderBox:
    """``await run(bus)`` until cancelled."""

    def __init__(self, *, clock: Clock) -> None:
        self.means = ReminderMeans()
        """By what one can be reminded, as control last said."""
        self._pace = PostPace(clock=clock)
        self.errands: Errands[tuple[Remind | AnswerReminder, Told]] = Errands(
            "reminders", most=MOST_WAITING, at_a_time=AT_A_TIME
        )

    def learn(self, means: ReminderMeans) -> None:
        """Control says by what one can be reminded."""
        self.means = means

    def hand_on(self, asked: Remind | AnswerReminder, peer: str, told: Told) -> None:
        """Call ``told`` once control has answered, or failed to. TooManyRequests, RemindersAway.

        Answers are not paced: one mail program's server may forget for all whom it serves.
        """
        if isinstance(asked, Remind):
            self._pace.spend(peer)
        if not self.errands.add((asked, told)):
            raise RemindersAway

    async def run(self, bus: BusClient) -> None:
        """Hand on what comes."""

        async def hand_on(errand: tuple[Remind | AnswerReminder, Told]) -> None:
            asked, told = errand
            told(await _answer(bus, asked))

        await self.errands.run(hand_on)


async def _answer(bus: BusClient, asked: Remind | AnswerReminder) -> Outcome:
    try:
        if isinstance(asked, Remind):
            return await bus.request(CONTROL_REMIND, asked, Reminding, timeout_s=ASK_S)
        return await bus.request(CONTROL_ANSWER_REMINDER, asked, ReminderAnswered, timeout_s=ASK_S)
    except Unavailable:
        return RemindersAway()
    except RostraError as error:
        return RemindersAway() if error.code == "unavailable" else error
