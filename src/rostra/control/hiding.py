"""Hides a space from everybody outside of backstage, its address showing why; and shows it again.

A live one is ended, at once or every second until it is, and none goes live while hidden. Its tape stays.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from rostra.bus.messages import Lifecycle
from rostra.control import audit
from rostra.control.announcer import Announcer, touch
from rostra.control.conductor import Conductor
from rostra.control.identity import Actor
from rostra.control.permits import Ruling
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, SpaceRow

log = structlog.get_logger()

AGAIN_AFTER_S: Final = 1.0


class Hiding:
    """For operators, and for moderators where the host is a member.

    ``await run()`` until cancelled, for what could not be ended at once.
    """

    def __init__(
        self, database: Database, announcer: Announcer, conductor: Conductor, *, clock: Clock
    ) -> None:
        self._database = database
        self._announcer = announcer
        self._conductor = conductor
        self._clock = clock
        self._unfinished: dict[SpaceId, str] = {}
        """Hidden spaces that may still be live, and who ends them."""

    async def open(self) -> None:
        """Read what an earlier process hid and could not end."""
        live = SpaceRow.hidden_reason != "", SpaceRow.lifecycle == Lifecycle.LIVE
        async with self._database.reading() as session:
            for space in await session.scalars(select(SpaceRow.id).where(*live)):
                self._unfinished[SpaceId(space)] = audit.SYSTEM

    async def run(self) -> None:
        """End what a stage that was away left live."""
        while True:
            for space, actor in list(self._unfinished.items()):
                await self._end(space, actor)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def hide(self, actor: Actor, space: SpaceId, reason: str) -> None:
        """Hide ``space``; hidden already, the reason changes. UnknownSpace, NotAllowed."""
        changed = await self._set(actor, space, reason)
        self._unfinished[space] = actor.label
        if changed:
            await self._announcer.announce(space)
        await self._end(space, actor.label)

    async def show(self, actor: Actor, space: SpaceId) -> None:
        """Show ``space`` again; shown already, nothing happens. UnknownSpace, NotAllowed."""
        if await self._set(actor, space, ""):
            await self._announcer.announce(space)

    async def _end(self, space: SpaceId, actor: str) -> None:
        """End it if it is live and still hidden; what fails stays unfinished."""
        try:
            await self._conductor.end_by_site(space, actor=actor)
        except (RostraError, SQLAlchemyError) as error:
            log.warning("hiding_unfinished", space=space, reason=str(error))
        else:
            self._unfinished.pop(space, None)

    async def _set(self, actor: Actor, space: SpaceId, reason: str) -> bool:
        """Store it; whether anything changed."""
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row: SpaceRow = await find(session, space)
            host = await session.get_one(AccountRow, row.host)
            actor.need(Ruling.HIDE, host.role)
            if row.hidden_reason == reason:
                return False
            row.hidden_reason = reason
            touch(row, at=now)
            act = "space.hide" if reason else "space.show"
            audit.record(session, at=now, actor=actor.label, act=act, space=space, reason=reason)
        return True
