"""Asks owners of mail addresses whether they want to be reminded, until each question is out.

What is to be asked stands in the database, so it outlasts a backstage that restarts, and a mail server that
is away. Keeps no reminder, and takes no answer: that is :mod:`.reminders`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from rostra.bus.messages import RemindBy
from rostra.control import letters
from rostra.control.mail import Letter
from rostra.control.push_sender import Fate, Outcome
from rostra.control.reminder_mail import ReminderMail
from rostra.control.reminder_policy import CONFIRM_MS, WAITS, retry_at
from rostra.control.reminder_secrets import ReminderSecrets
from rostra.control.site import Site
from rostra.control.spaces import title_for_anyone
from rostra.control.times import now_ms
from rostra.core import moments
from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.store.database import Database
from rostra.store.tables import ReminderRow, SpaceRow

log = structlog.get_logger()

LOOK_EVERY_S: Final = 10.0
AT_ONCE: Final = 50
"""Questions read by one query."""


class ReminderQuestions:
    """``await run()`` until cancelled."""

    def __init__(
        self, database: Database, mail: ReminderMail, secrets: ReminderSecrets, site: Site, *, clock: Clock
    ) -> None:
        self._database = database
        self._mail = mail
        self._secrets = secrets
        self._site = site
        self._clock = clock
        self._more = asyncio.Event()
        self._sent: set[str] = set()
        """Reminders whose question is out, and of which that could not be written yet."""

    def hurry(self) -> None:
        """Somebody waits for a question."""
        self._more.set()

    async def run(self) -> None:
        """Ask whenever there is something to ask."""
        while True:
            self._more.clear()
            try:
                await self.turn()
            except (RostraError, SQLAlchemyError) as error:
                log.warning("reminder_questions_wait", reason=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._more.wait()

    async def turn(self) -> None:
        """Ask all whose question is due, as long as the mail server is there."""
        while not self._mail.waits and (due := await self._due()):
            for row, space in due:
                sent = row.id in self._sent
                outcome = Outcome(Fate.SENT) if sent else await self._mail.send(self._question(row, space))
                if outcome.fate is Fate.SENT:
                    self._sent.add(row.id)
                await self._note(row, outcome)
                self._sent.discard(row.id)
                if self._mail.waits:
                    break

    async def _due(self) -> list[tuple[ReminderRow, SpaceRow]]:
        now = now_ms(self._clock)
        found = (
            select(ReminderRow, SpaceRow)
            .join(SpaceRow, SpaceRow.id == ReminderRow.space)
            .where(
                ReminderRow.asked_at.is_(None),
                ReminderRow.confirmed_at.is_(None),
                ReminderRow.by == RemindBy.MAIL.value,
                ReminderRow.not_before <= now,
                ReminderRow.created_at > now - CONFIRM_MS,
                SpaceRow.lifecycle.in_(WAITS),
            )
            .order_by(ReminderRow.not_before, ReminderRow.created_at)
            .limit(AT_ONCE)
        )
        async with self._database.reading() as session:
            return [(row, space) for row, space in await session.execute(found)]

    def _question(self, row: ReminderRow, space: SpaceRow) -> Letter:
        start = moments.local_text(
            space.starts_at, space.time_zone, now_ms=now_ms(self._clock), language=row.language
        )
        return letters.confirm_reminder(
            row.language,
            to=row.address,
            site=self._site.state.name,
            title=title_for_anyone(space),
            when=f"{start} {moments.zone_text(space.starts_at, space.time_zone)}",
            url=self._secrets.confirm_url(row),
            forget=self._secrets.forget_url(row),
        )

    async def _note(self, row: ReminderRow, outcome: Outcome) -> None:
        values = _after(row, outcome, now_ms(self._clock))
        if values:
            async with self._database.session() as session:
                await session.execute(update(ReminderRow).where(ReminderRow.id == row.id).values(values))


def _after(row: ReminderRow, outcome: Outcome, now: int) -> dict[str, Any]:
    if outcome.fate is Fate.SENT:
        return {"asked_at": now, "failures": 0, "not_before": 0}
    if outcome.fate is Fate.FAILED:
        again_ms = retry_at(row.failures + 1, now)
        return {"failures": row.failures + 1, "not_before": again_ms or row.created_at + CONFIRM_MS}
    return {"not_before": now + outcome.pause_s * 1000} if outcome.pause_s else {}
