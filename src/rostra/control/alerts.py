"""Mails to operators that a live stage is without anybody who leads it. Decides nothing else.

A mail server that hangs holds up these mails alone. Bounded: what is beyond is dropped and counted; the
console shows the stage all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from rostra.control import letters
from rostra.control.mail import Mailer
from rostra.control.permits import OPERATOR
from rostra.control.site import Site
from rostra.core import words
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import AccountRow

log = structlog.get_logger()

MOST_MAILS: Final = 20
"""Operators who get one."""
MOST_WAITING: Final = 64


class Alerts:
    """``tell`` takes an alert on, ``run`` mails it, until cancelled."""

    def __init__(self, database: Database, site: Site, mailer: Mailer) -> None:
        self._database = database
        self._site = site
        self._mailer = mailer
        self._waiting: asyncio.Queue[tuple[SpaceId, str]] = asyncio.Queue(MOST_WAITING)
        self.dropped = 0

    def tell(self, space: SpaceId, title: str) -> None:
        """Tell operators of a stage without a host, in the log and, where there is a mail server, by mail."""
        log.warning("space_without_host", space=space, title=title)
        if not self._mailer.enabled:
            return
        try:
            self._waiting.put_nowait((space, title))
        except asyncio.QueueFull:
            self.dropped += 1
            log.warning("alert_dropped", space=space, dropped=self.dropped)

    async def run(self) -> None:
        """Mail what waits, one after the other; why one failed is in the log."""
        while True:
            space, title = await self._waiting.get()
            try:
                await self._mail(space, title)
            except (RostraError, SQLAlchemyError) as error:
                log.warning("alert_lost", space=space, reason=str(error))

    async def _mail(self, space: SpaceId, title: str) -> None:
        site = self._site.state.name
        for operator in await self._operators():
            language = operator.language or words.ENGLISH
            letter = letters.unled(language, to=operator.email, site=site, title=title, space=space)
            await self._mailer.try_to_send(letter, sender=site)

    async def _operators(self) -> Sequence[AccountRow]:
        query = select(AccountRow).where(
            AccountRow.role == OPERATOR, AccountRow.email != "", AccountRow.suspended_at.is_(None)
        )
        async with self._database.reading() as session:
            return (await session.scalars(query.limit(MOST_MAILS))).all()
