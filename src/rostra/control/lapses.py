"""Ends what a request to speak was given, where nobody came of it in time; notes who did come.

Whoever was let speak has a seat as long as it is kept (:data:`.seats.ON_THEIR_WAY_MS`); after that their link
opens nothing, and they may ask again. Stored, so that it outlives this process: who came once comes again
whenever they like. One loop for all stages, which reads only once something was written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Asking
from rostra.control import audit, seats
from rostra.control.announcer import Announcer
from rostra.control.board import Board
from rostra.control.lifecycle import UNFINISHED
from rostra.control.seats import CAME, LAPSED, LISTENER, seat
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import Database
from rostra.store.tables import ConsentRow, RequestRow, SpaceRow, SpeakerLinkRow

log = structlog.get_logger()

LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who was let speak at ``at``, UTC milliseconds, and was not seen on stage yet."""

    request: str
    space: SpaceId
    link: str
    at: int
    speaker: SpeakerId | None
    """Whom they are on stage; None until they accepted being heard."""


class Lapses:
    """``await run()`` until cancelled."""

    def __init__(self, database: Database, announcer: Announcer, board: Board, *, clock: Clock) -> None:
        self._database = database
        self._announcer = announcer
        self._board = board
        self._clock = clock
        self._expected: Sequence[Expected] = ()
        self._writes = -1
        """How many writes the database had seen when that was read."""

    async def run(self) -> None:
        """Look once a second."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self._look()
            except (RostraError, SQLAlchemyError) as error:
                log.warning("lapses_wait", reason=str(error))

    async def _look(self) -> None:
        if self._writes != self._database.writes:
            self._writes = self._database.writes
            async with self._database.reading() as session:
                self._expected = await _expected(session)
        for each in self._expected:
            await self._board.first_report(each.space)
            if self._board.came(each.speaker):
                await self._came(each)
            elif each.at + seats.ON_THEIR_WAY_MS <= now_ms(self._clock):
                await self._lapse(each)

    async def _came(self, one: Expected) -> None:
        async with self._database.session() as session:
            known = await session.get(RequestRow, one.request)
            if known is not None:
                known.led_to = CAME

    async def _lapse(self, one: Expected) -> None:
        async with self._database.session() as session:
            row, at = await find(session, one.space), now_ms(self._clock)
            known = await session.get(RequestRow, one.request)
            if known is None or await session.get(SpeakerLinkRow, one.link) is None:
                return
            known.led_to = LAPSED
            await seat(session, row, f"link:{one.link}", LISTENER, at=at)
            whose = {"account": known.account} if known.account else {}
            told = {"request": one.request[:12], "link": one.link} | whose
            audit.record(session, at=at, actor=audit.SYSTEM, act="floor.lapse", space=one.space, **told)
        await self._announcer.announce(one.space)


async def _expected(session: AsyncSession) -> list[Expected]:
    """Who was let speak on a stage to come or in use, holds their seat, and was never seen there."""
    pending = RequestRow.state == Asking.ACCEPTED.value, RequestRow.led_to == ""
    found = await session.execute(
        select(RequestRow.request, SpaceRow, SpeakerLinkRow.id, RequestRow.decided_at)
        .join(SpeakerLinkRow, SpeakerLinkRow.token_hash == RequestRow.request)
        .join(SpaceRow, SpaceRow.id == RequestRow.space)
        .where(*pending, SpaceRow.lifecycle.in_(UNFINISHED))
    )
    held = [each for each in found.all() if each[1].seats.get(f"link:{each[2]}") != LISTENER]
    people = [f"link:{link}" for _, _, link, _ in held]
    consents = await session.execute(
        select(ConsentRow.person, ConsentRow.speaker).where(ConsentRow.person.in_(people))
    )
    speakers = {person: SpeakerId(speaker) for person, speaker in consents}
    return [
        Expected(request, SpaceId(row.id), link, at, speakers.get(f"link:{link}"))
        for request, row, link, at in held
    ]
