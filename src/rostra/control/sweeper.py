"""Sweeps away what has run out: sign-ins, invitations, links for a new password, requests, checks, reports.

Each of them is refused from its end on, wherever it is used; here it goes from disk too, within a day,
whether or not anybody does anything. The privacy page promises that.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.exc import SQLAlchemyError

from rostra.bus.messages import Asking, Lifecycle
from rostra.control import lifecycle
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.store.database import Database
from rostra.store.tables import (
    InvitationRow,
    ReportRow,
    RequestRow,
    ResetRow,
    SessionRow,
    SoundCheckRow,
    SpaceRow,
)

log = structlog.get_logger()

EVERY_S: Final = 12 * 3_600.0
"""Twice a day, so that one sweep may fail."""
REPORT_DAYS: Final = 90
"""Reports go so long after they were handled."""
CHECKS_MS: Final = 90 * 86_400_000
"""What somebody found before a stage says nothing for longer."""
REQUESTS_MS: Final = 12 * 3_600_000
"""Requests to speak go so long after their answer, or unanswered after the space is over: with the time
between two sweeps a day at most."""
_RUN_OUT: Final = (SessionRow, InvitationRow, ResetRow)


class Sweeper:
    """``await run()`` until cancelled."""

    def __init__(self, database: Database, *, clock: Clock, every_s: float = EVERY_S) -> None:
        self._database = database
        self._clock = clock
        self._every_s = every_s

    async def run(self) -> None:
        """Sweep now, and again and again."""
        while True:
            try:
                await self.sweep()
            except (RostraError, SQLAlchemyError) as error:
                log.warning("sweeper_waits", reason=str(error))
            await asyncio.sleep(self._every_s)

    async def sweep(self) -> None:
        """Delete all rows whose time is over."""
        async with self._database.session() as session:
            now = now_ms(self._clock)
            for table in _RUN_OUT:
                await session.execute(delete(table).where(table.expires_at <= now))
            handled = ReportRow.handled_at <= now - REPORT_DAYS * 86_400_000
            await session.execute(delete(ReportRow).where(handled))
            await session.execute(delete(SoundCheckRow).where(SoundCheckRow.at <= now - CHECKS_MS))
            await session.execute(delete(RequestRow).where(_is_done(now - REQUESTS_MS)))


def _is_done(before_ms: int) -> ColumnElement[bool]:
    """Whether a request to speak was answered by then, or its space was over."""
    over = SpaceRow.lifecycle.in_({*lifecycle.OVER, Lifecycle.CANCELLED}), SpaceRow.updated_at <= before_ms
    return or_(
        (RequestRow.state != Asking.WAITING) & (RequestRow.decided_at <= before_ms),
        RequestRow.space.in_(select(SpaceRow.id).where(*over)),
    )
