"""Addresses about reports: the queue, the minute around each, the verdict; and the outcome for its author."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Grounds, Lifecycle, Subject
from rostra.control.addresses import Addresses
from rostra.control.api.asking import Asking, Own, Services
from rostra.control.api.audit import actor_out
from rostra.control.api.report_shapes import (
    MinuteOut,
    OutcomeIn,
    OutcomeOut,
    ReportedSpaceOut,
    ReportOut,
    ReportsOut,
    VerdictIn,
)
from rostra.control.backstage import Backstage
from rostra.control.identity import Actor
from rostra.control.spaces import find
from rostra.control.times import iso
from rostra.control.verdicts import possible, roles
from rostra.core.ids import SpaceId
from rostra.store.tables import AccountRow, ReportRow

router = APIRouter(prefix="/reports", tags=["reports"])


@router.get("")
async def queue(
    actor: Asking,
    backstage: Services,
    own: Own,
    open: Annotated[bool, Query(description="Those that wait, oldest first; else the handled.")] = True,
    before: Annotated[str | None, Query(max_length=26, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ReportsOut:
    """What was reported. For operators and moderators."""
    page = await backstage.reports.page(actor, is_open=open, before=before, limit=limit)
    known = await backstage.accounts.names({row.handled_by for row in page.reports if row.handled_by})
    async with backstage.database.reading() as session:
        shown = [await _out(session, own, actor, row, known) for row in page.reports]
    return ReportsOut(reports=shown, waiting=page.waiting, next=page.next)


@router.post("/outcome")
async def outcome(body: OutcomeIn, request: Request, backstage: Services) -> OutcomeOut:
    """What came of a report, for whoever holds the link that its author was given."""
    backstage.throttle.attempt(request.client.host if request.client else "", "report")
    row, title = await backstage.reports.outcome(body.token)
    return OutcomeOut(
        title=title,
        subject=Subject(row.subject),
        about=row.about,
        grounds=Grounds(row.grounds),
        text=row.text,
        at_s=row.at_s,
        at=iso(row.at),
        state=row.state,
        note=row.note,
        handled_at=iso(row.handled_at) if row.handled_at else None,
    )


@router.get("/{report}")
async def show(report: str, actor: Asking, backstage: Services, own: Own) -> ReportOut:
    """One report."""
    return await _answer(backstage, own, actor, await backstage.reports.get(actor, report))


@router.get("/{report}/audio")
async def audio(report: str, actor: Asking, backstage: Services, own: Own) -> MinuteOut:
    """Where to hear the minute around a report, also of a private space or a held recording.

    By a pass that lasts fifteen minutes and opens all of the recording; that it was given is on record.
    Conflict where there is nothing that could be played.
    """
    row = await backstage.reports.get(actor, report)
    state = await backstage.announcer.state(SpaceId(row.space))
    minute = await backstage.hearing.minute(actor, row, state, own)
    return MinuteOut(
        status=minute.status,
        join=minute.join,
        run=minute.run,
        from_s=minute.from_s,
        to_s=minute.to_s,
    )


@router.post("/{report}/verdict")
async def verdict(report: str, body: VerdictIn, actor: Asking, backstage: Services, own: Own) -> ReportOut:
    """Dismiss a report, remove what was said, suspend its author, or hide the space; once.

    A speaker is removed from a stage only while the space is not over; after that, hide it.

    Moderators rule over members; what becomes of operators and moderators is for operators.
    """
    row = await backstage.verdicts.give(actor, report, body.verdict, body.note)
    return await _answer(backstage, own, actor, row)


async def _answer(backstage: Backstage, own: Addresses, actor: Actor, row: ReportRow) -> ReportOut:
    known = await backstage.accounts.names({row.handled_by} if row.handled_by else set())
    async with backstage.database.reading() as session:
        return await _out(session, own, actor, row, known)


async def _out(
    session: AsyncSession, own: Addresses, actor: Actor, row: ReportRow, known: dict[str, AccountRow]
) -> ReportOut:
    space = await find(session, SpaceId(row.space))
    author, host = await roles(session, row)
    may = possible(
        actor,
        row,
        author=author.role if author else None,
        host=host.role,
        space=Lifecycle(space.lifecycle),
    )
    return ReportOut(
        id=row.id,
        space=ReportedSpaceOut(
            id=space.id,
            title=space.title,
            state=Lifecycle(space.lifecycle),
            event_url=own.event(space.id),
            hidden_reason=space.hidden_reason,
        ),
        subject=Subject(row.subject),
        about=row.about,
        handle=author.handle if author else None,
        grounds=Grounds(row.grounds),
        text=row.text,
        at_s=row.at_s,
        at=iso(row.at),
        state=row.state,
        note=row.note,
        handled_at=iso(row.handled_at) if row.handled_at else None,
        handled_by=actor_out(row.handled_by, known) if row.handled_by else None,
        may=sorted(may),
    )
