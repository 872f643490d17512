"""Watches who leads live stages: lets a co-host act as host while the host is away, has operators alerted.

Decides nothing: :mod:`.absence` does. What was decided is stored, so that it outlives this process; since
when there is no co-host either is counted anew. One loop for all stages: it never waits for anything but the
database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from rostra.bus.messages import Lifecycle, Speaker
from rostra.control import audit
from rostra.control.absence import Lead, could_act, decide
from rostra.control.alerts import Alerts
from rostra.control.announcer import Announcer, touch
from rostra.control.board import Board
from rostra.control.floor import Place
from rostra.control.places import cast_of
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import Database
from rostra.store.tables import ConsentRow

log = structlog.get_logger()

LOOK_S: Final = 1.0


class Understudy:
    """``await run()`` until cancelled."""

    def __init__(
        self,
        database: Database,
        announcer: Announcer,
        board: Board,
        alerts: Alerts,
        *,
        clock: Clock,
        patience_s: int,
        seat_s: int,
    ) -> None:
        self._database = database
        self._announcer = announcer
        self._board = board
        self._alerts = alerts
        self._clock = clock
        self._patience_ms = patience_s * 1_000
        self._seat_ms = seat_s * 1_000
        self._leads: dict[SpaceId, Lead] = {}
        self._known: dict[SpaceId, int] = {}
        """How many writes the database had seen when a lead was read: others change who acts, too."""

    def unled(self, space: SpaceId) -> bool:
        """Whether a live stage is without a host, and without anybody to act as one."""
        lead = self._leads.get(space)
        return lead is not None and lead.alerted_at > 0

    async def run(self) -> None:
        """Look at every live stage once a second."""
        while True:
            for space, state in list(self._announcer.states.items()):
                try:
                    if state.lifecycle is not Lifecycle.LIVE:
                        self._leads.pop(space, None)
                        self._known.pop(space, None)
                    elif self._board.reported(space):
                        await self._look(space)
                except (RostraError, SQLAlchemyError) as error:
                    log.warning("understudy_waits", space=space, reason=str(error))
            await asyncio.sleep(LOOK_S)

    async def _look(self, space: SpaceId) -> None:
        before = await self._before(space)
        present = self._board.report(space).speakers
        operators = await self._operators(space, could_act(present))
        at = now_ms(self._clock)
        lead = decide(
            before,
            present,
            operators=operators,
            now_ms=at,
            patience_ms=self._patience_ms,
            seat_ms=self._seat_ms,
        )
        if lead != before:
            title = await self._store(space, before, lead)
            if lead.alerted_at and not before.alerted_at:
                self._alerts.tell(space, title)
        self._leads[space] = lead

    async def _operators(self, space: SpaceId, seated: Sequence[Speaker]) -> set[SpeakerId]:
        """Which of those in co-hosts' seats are operators; who is in none is not looked up."""
        if not seated:
            return set()
        async with self._database.reading() as session:
            cast = await cast_of(session, await find(session, space))
        return {each.speaker for each in seated if cast.get(each.speaker) is Place.OPERATOR}

    async def _before(self, space: SpaceId) -> Lead:
        """Who leads as it is stored; read again once anything was written."""
        writes = self._database.writes
        if space not in self._leads or self._known.get(space) != writes:
            seen = self._leads.get(space, Lead())
            self._leads[space] = replace(await self._stored(space), alone_at=seen.alone_at)
            self._known[space] = writes
        return self._leads[space]

    async def _stored(self, space: SpaceId) -> Lead:
        async with self._database.reading() as session:
            row = await find(session, space)
            acting = await session.scalar(
                select(ConsentRow.speaker).where(
                    ConsentRow.space == space, ConsentRow.person == row.acting_person
                )
            )
            return Lead(acting or "", row.host_away_at, row.alerted_at)

    async def _store(self, space: SpaceId, before: Lead, lead: Lead) -> str:
        at = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find(session, space)
            row.host_away_at, row.alerted_at = lead.host_away_at, lead.alerted_at
            if lead.acting != before.acting:
                person = select(ConsentRow.person).where(
                    ConsentRow.space == space, ConsentRow.speaker == lead.acting
                )
                row.acting_person = await session.scalar(person.limit(1)) or ""
                touch(row, at=row.updated_at)
                act = "floor.acting" if lead.acting else "floor.acting-over"
                who = {"speaker": lead.acting or before.acting}
                audit.record(session, at=at, actor=audit.SYSTEM, act=act, space=space, **who)
            if lead.alerted_at and not before.alerted_at:
                audit.record(session, at=at, actor=audit.SYSTEM, act="floor.unled", space=space)
            title = row.title
        if lead.acting != before.acting:
            await self._announcer.announce(space)
        return title
