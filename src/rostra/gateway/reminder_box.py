"""Takes reminders from pages and mails and hands them to control; promises none before it is kept.

Limits come first: pace, then size, then shape. At most so many wait for control; further ones are refused
and counted. Stores nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Final

import msgspec
import structlog

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
from rostra.core.errors import BadRequest, BodyTooLarge, RostraError, Unavailable
from rostra.gateway.errors import RemindersAway
from rostra.gateway.report_pace import ReportPace
from rostra.serving.request import Request

log = structlog.get_logger()

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
    """Return what a request asks for. BadRequest, BodyTooLarge.

    Only JSON: other sites' pages cannot have a visitor's browser send that here unasked (Fetch §2.2.2).
    """
    if request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        raise BadRequest
    if len(request.body) > MAX_BYTES:
        raise BodyTooLarge
    try:
        body = _decoder.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest from error
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
        self._pace = ReportPace(clock=clock)
        self._waiting: asyncio.Queue[tuple[Remind | AnswerReminder, Told]] = asyncio.Queue(MOST_WAITING)
        self.refused = 0
        """Because too many waited."""

    def learn(self, means: ReminderMeans) -> None:
        """Control says by what one can be reminded."""
        self.means = means

    def hand_on(self, asked: Remind | AnswerReminder, peer: str, told: Told) -> None:
        """Call ``told`` once control has answered, or failed to. TooManyRequests, RemindersAway.

        Answers are not paced: one mail program's server may forget for all whom it serves.
        """
        if isinstance(asked, Remind):
            self._pace.spend(peer)
        try:
            self._waiting.put_nowait((asked, told))
        except asyncio.QueueFull as error:
            self.refused += 1
            log.warning("reminders_pile_up", refused=self.refused)
            raise RemindersAway from error

    async def run(self, bus: BusClient) -> None:
        """Hand on what comes, a few at a time."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_A_TIME):
                group.create_task(self._hand_on(bus))

    async def _hand_on(self, bus: BusClient) -> None:
        while True:
            asked, told = await self._waiting.get()
            told(await _answer(bus, asked))


async def _answer(bus: BusClient, asked: Remind | AnswerReminder) -> Outcome:
    try:
        if isinstance(asked, Remind):
            return await bus.request(CONTROL_REMIND, asked, Reminding, timeout_s=ASK_S)
        return await bus.request(CONTROL_ANSWER_REMINDER, asked, ReminderAnswered, timeout_s=ASK_S)
    except Unavailable:
        return RemindersAway()
    except RostraError as error:
        return RemindersAway() if error.code == "unavailable" else error
