"""Takes reports from pages and hands them to control over the bus; thanks nobody before it is stored.

Limits come first: pace, then size, then shape. At most so many wait for control; further ones are refused
and counted. Stores nothing and knows no account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from rostra.bus.client import BusClient
from rostra.bus.messages import (
    CONTROL_REPORT,
    LATEST_SECOND,
    LONGEST_REPORT,
    Grounds,
    Report,
    Reported,
    SpaceState,
    Subject,
)
from rostra.core import words
from rostra.core.clock import Clock
from rostra.core.errors import RostraError, Unavailable
from rostra.core.ids import SpeakerId
from rostra.gateway.answers import NO_STORE
from rostra.gateway.errands import Errands
from rostra.gateway.errors import ReportsAway
from rostra.gateway.post_pace import PostPace
from rostra.gateway.posted import read_posted
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON, error_response, response

MAX_REPORT_BYTES = 8_192
MOST_WAITING = 64
"""Reports on their way to control."""
AT_A_TIME = 4
ASK_S = 5.0

_Id = Annotated[str, msgspec.Meta(max_length=26)]


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    """What a page sends."""

    subject: Subject
    grounds: Grounds
    at_s: Annotated[int, msgspec.Meta(ge=0, le=LATEST_SECOND)]
    speaker: _Id = ""
    notice: _Id = ""
    text: Annotated[str, msgspec.Meta(max_length=LONGEST_REPORT)] = ""
    token: Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9_-]{32,64})?\Z")] = ""


_decoder = msgspec.json.Decoder(_Body)


def read(state: SpaceState, request: Request) -> Report:
    """Return what a request reports. BadRequest for all but JSON, BodyTooLarge."""
    body = read_posted(request, _decoder, most_bytes=MAX_REPORT_BYTES)
    return Report(
        space=state.space,
        subject=body.subject,
        grounds=body.grounds,
        at_s=body.at_s,
        speaker=SpeakerId(body.speaker),
        notice=body.notice,
        text=body.text,
        token=body.token,
    )


@dataclass(frozen=True, slots=True)
class _OnItsWay:
    report: Report
    follow: str
    language: str
    exchange: Exchange


class ReportBox:
    """``await run(bus)`` until cancelled."""

    def __init__(self, *, clock: Clock) -> None:
        self._pace = PostPace(clock=clock)
        self.errands: Errands[_OnItsWay] = Errands("reports", most=MOST_WAITING, at_a_time=AT_A_TIME)

    def deliver(
        self,
        state: SpaceState,
        request: Request,
        exchange: Exchange,
        *,
        follow: str,
        language: str = words.ENGLISH,
    ) -> None:
        """Answer once control has stored it. TooManyRequests, BadRequest, BodyTooLarge, Unavailable.

        ``follow`` is the address that the secret of the report's author is put behind; ``language`` is what
        they read.
        """
        self._pace.spend(request.peer)
        report = read(state, request)
        if not self.errands.add(_OnItsWay(report, follow, language, exchange)):
            raise ReportsAway

    async def run(self, bus: BusClient) -> None:
        """Hand on what comes."""

        async def hand_on(waiting: _OnItsWay) -> None:
            waiting.exchange.send(await _answer(bus, waiting))

        await self.errands.run(hand_on)


async def _answer(bus: BusClient, waiting: _OnItsWay) -> bytes:
    try:
        stored = await bus.request(CONTROL_REPORT, waiting.report, Reported, timeout_s=ASK_S)
    except Unavailable:
        return error_response(ReportsAway(), language=waiting.language)
    except RostraError as error:
        known = ReportsAway() if error.code == "unavailable" else error
        return error_response(known, language=waiting.language)
    body = msgspec.json.encode({"follow": f"{waiting.follow}#{stored.token}"})
    return response(201, body, content_type=JSON, headers=[NO_STORE])
