"""Sees to it that a recording which was deleted is gone from disk too.

What to erase is in the database, written before anybody tries: whatever dies meanwhile, it is
tried again, at the start and then every few seconds until the stage has done it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from rostra.bus.client import BusClient
from rostra.bus.messages import STAGE_ERASE, Done, Erase, Lifecycle
from rostra.control import audit
from rostra.control.spaces import find
from rostra.control.stage_line import ask
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.ids import RunId, SpaceId
from rostra.store.database import Database
from rostra.store.tables import SpaceRow

log = structlog.get_logger()

RETRY_S: Final = 5.0


class Eraser:
    """``await run()`` until cancelled."""

    def __init__(self, database: Database, bus: BusClient, *, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There is something to erase."""
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            done = await self._erase_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(None if done else RETRY_S):
                    await self._wake.wait()

    async def _erase_all(self) -> bool:
        """Try everything that is due; say whether nothing is left."""
        try:
            due = await self._due()
        except (RostraError, SQLAlchemyError) as error:
            log.warning("eraser_waits", reason=str(error))
            return False
        return all([await self._erase(space, run) for space, run in due])

    async def _due(self) -> list[tuple[SpaceId, RunId]]:
        query = select(SpaceRow.id, SpaceRow.run).where(
            SpaceRow.lifecycle == Lifecycle.DELETED.value,
            SpaceRow.erased.is_(False),
            SpaceRow.run.is_not(None),
        )
        async with self._database.reading() as session:
            return [(SpaceId(space), RunId(run or "")) for space, run in await session.execute(query)]

    async def _erase(self, space: SpaceId, run: RunId) -> bool:
        try:
            await ask(self._bus, STAGE_ERASE, Erase(space=space, run=run), Done)
            async with self._database.session() as session:
                (await find(session, space)).erased = True
                at = now_ms(self._clock)
                audit.record(session, at=at, actor=audit.SYSTEM, act="recording.erase", space=space, run=run)
        except (RostraError, SQLAlchemyError) as error:
            log.warning("recording_not_erased", space=space, run=run, reason=str(error))
            return False
        log.info("recording_erased", space=space, run=run)
        return True
