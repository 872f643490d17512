"""Reports: taken in from the door, listed for operators and moderators, followed by whoever made them.

Keeps what was reported as it was then, and the secret of its author only as a hash. Bounded: a flood
about one space leaves room for the others. What comes of a report is decided in :mod:`.verdicts`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.admission.allowance import Allowance
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    CONTROL_REPORT,
    LATEST_SECOND,
    LONGEST_REPORT,
    Lifecycle,
    Report,
    Reported,
    Subject,
)
from rostra.control.identity import Actor
from rostra.control.keys import draw_token, token_hash
from rostra.control.permits import Ruling
from rostra.control.spaces import find, title_for_anyone
from rostra.control.throttle import Throttle
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, Conflict, NotFound, ReportsFull, TooManyRequests, UnknownSpace
from rostra.core.ids import SpaceId, draw
from rostra.store.database import Database
from rostra.store.tables import ConsentRow, NoticeRow, ReportRow, SpaceRow

OPEN: Final = "open"
MOST_OPEN: Final = 2000
"""Reports that wait, on the whole site."""
MOST_OPEN_OF_SPACE: Final = 200
ALTOGETHER: Final = Allowance(burst=100, refill_s=0.2)
"""Taken in from all doors together: the database has other work too."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some reports; ``next`` is the ``before`` of the next page. ``waiting`` counts all that are open."""

    reports: list[ReportRow]
    next: str | None
    waiting: int


class Reports:
    """``await run()`` until cancelled, for reports to be taken in."""

    def __init__(self, database: Database, bus: BusClient, *, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._throttle = Throttle(clock=clock)

    async def run(self) -> None:
        """Answer the door until cancelled."""
        async with self._bus.serve(CONTROL_REPORT, Report, self.take_in):
            await asyncio.Event().wait()

    async def take_in(self, report: Report) -> Reported:
        """Store a report. UnknownSpace, NotFound, Conflict, ReportsFull; stored once it returns.

        One that is sent again because nobody answered the first time is the same one.
        """
        self._slow_down()
        text = _bounded(report)
        token, now = report.token or draw_token(), now_ms(self._clock)
        async with self._database.session() as session:
            known = select(ReportRow.id).where(ReportRow.token_hash == token_hash(token))
            if await session.scalar(known) is not None:
                return Reported(token=token)
            space = await find(session, report.space)
            if space.hidden or space.hidden_reason:
                raise UnknownSpace
            await _need_room(session, report.space)
            about, account = await _about(session, space, report)
            session.add(
                ReportRow(
                    id=draw(12),
                    token_hash=token_hash(token),
                    space=space.id,
                    run=space.run,
                    subject=report.subject.value,
                    speaker=report.speaker if report.subject is Subject.SPEAKER else "",
                    notice=report.notice if report.subject is Subject.NOTICE else "",
                    about=about,
                    account=account,
                    grounds=report.grounds.value,
                    text=text,
                    at_s=report.at_s,
                    at=now,
                    state=OPEN,
                )
            )
        return Reported(token=token)

    async def page(self, actor: Actor, *, is_open: bool, before: str | None, limit: int) -> Page:
        """Those that wait, oldest first, or those that were handled, latest first. NotAllowed, BadRequest."""
        actor.need(Ruling.REPORTS)
        waits = ReportRow.state == OPEN
        query = select(ReportRow).where(waits if is_open else ~waits).limit(limit + 1)
        async with self._database.reading() as session:
            last = await _end_of_page(session, before, is_open=is_open) if before is not None else None
            if is_open:
                query = query.order_by(ReportRow.at, ReportRow.id)
                if last is not None:
                    query = query.where(
                        (ReportRow.at > last.at) | ((ReportRow.at == last.at) & (ReportRow.id > last.id))
                    )
            else:
                query = query.order_by(ReportRow.handled_at.desc(), ReportRow.id)
                if last is not None:
                    query = query.where(
                        (ReportRow.handled_at < last.handled_at)
                        | ((ReportRow.handled_at == last.handled_at) & (ReportRow.id > last.id))
                    )
            rows = list(await session.scalars(query))
            waiting = await _waiting(session)
        return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None, waiting)

    async def waiting(self, actor: Actor) -> int:
        """How many wait for ``actor``: none where they may not see them."""
        if not actor.may(Ruling.REPORTS):
            return 0
        async with self._database.reading() as session:
            return await _waiting(session)

    async def get(self, actor: Actor, report: str) -> ReportRow:
        """One report, for whoever may see them; NotAllowed, NotFound."""
        actor.need(Ruling.REPORTS)
        async with self._database.reading() as session:
            return await find_report(session, report)

    async def outcome(self, token: str) -> tuple[ReportRow, str]:
        """A report as its author may follow it, and a title of its space; NotFound for any other secret.

        The title is that of then where the space was reported, else that of now if it is for anyone.
        """
        async with self._database.reading() as session:
            row = await session.scalar(select(ReportRow).where(ReportRow.token_hash == token_hash(token)))
            if row is None:
                raise NotFound("There is no report under this link.")
            if row.subject in (Subject.SPACE, Subject.RECORDING):
                return row, row.about
            return row, title_for_anyone(await session.get_one(SpaceRow, row.space))

    def _slow_down(self) -> None:
        try:
            self._throttle.spend("all", ALTOGETHER)
        except TooManyRequests as error:
            raise ReportsFull from error


async def _waiting(session: AsyncSession) -> int:
    found = select(func.count()).select_from(ReportRow).where(ReportRow.state == OPEN)
    return await session.scalar(found) or 0


async def find_report(session: AsyncSession, report: str) -> ReportRow:
    """Return a report; NotFound when there is none such."""
    row = await session.get(ReportRow, report)
    if row is None:
        raise NotFound("There is no such report.")
    return row


async def _end_of_page(session: AsyncSession, report: str, *, is_open: bool) -> ReportRow:
    """Return the last report of the page before; BadRequest for one that is not, or was never on such a page.

    One that waited then may be handled by now.
    """
    row = await session.get(ReportRow, report)
    if row is None or (not is_open and row.handled_at is None):
        raise BadRequest("“before” is not a page of this list. Use the “next” of the page before.")
    return row


def _bounded(report: Report) -> str:
    """Return the words of a report; BadRequest for more, or a second, than there can be."""
    if len(report.text) > LONGEST_REPORT or not 0 <= report.at_s <= LATEST_SECOND:
        raise BadRequest
    return report.text.strip()


async def _need_room(session: AsyncSession, space: SpaceId) -> None:
    waits = select(func.count()).select_from(ReportRow).where(ReportRow.state == OPEN)
    if (await session.scalar(waits) or 0) >= MOST_OPEN:
        raise ReportsFull
    if (await session.scalar(waits.where(ReportRow.space == space)) or 0) >= MOST_OPEN_OF_SPACE:
        raise ReportsFull


async def _about(session: AsyncSession, space: SpaceRow, report: Report) -> tuple[str, str | None]:
    """What is reported, in words, and whose account it is. NotFound, Conflict."""
    match report.subject:
        case Subject.SPEAKER:
            return await _speaker(session, space, report.speaker)
        case Subject.NOTICE:
            notice = await session.get(NoticeRow, report.notice)
            if notice is None or notice.space != space.id:
                raise NotFound("There is no such notice.")
            return notice.text, notice.account
        case Subject.RECORDING if space.recording_samples is None or space.lifecycle == Lifecycle.DELETED:
            raise Conflict("There is no recording yet. Report the conversation instead.")
        case _:
            return space.title, space.host


async def _speaker(session: AsyncSession, space: SpaceRow, speaker: str) -> tuple[str, str | None]:
    said = (
        select(ConsentRow)
        .where(ConsentRow.space == space.id, ConsentRow.speaker == speaker)
        .order_by(ConsentRow.id.desc())
    )
    consents = list(await session.scalars(said))
    if not consents:
        raise NotFound("There is no such speaker.")
    account = next((each.account for each in consents if each.account), None)
    return consents[0].name, account
