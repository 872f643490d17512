"""Accounts that leave for good. What they said in public stays; whatever tells who they were goes.

Spaces still to come are cancelled in the same transaction, ended ones keep their recording under another
name, and what a suspension hid stays hidden. The row of the account keeps nothing but its id and when it
came and went, for those spaces' sake.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, Subject
from rostra.control import audit
from rostra.control.accounts import Accounts, find_account, need_another_operator
from rostra.control.announcer import Announcer, count_change
from rostra.control.conductor import Conductor, cancel
from rostra.control.credentials import LEADING, is_in_use
from rostra.control.epochs import end_passes_of
from rostra.control.identity import Actor
from rostra.control.lifecycle import BEFORE_LIVE
from rostra.control.permits import MEMBER, Ruling
from rostra.control.requests import Requests
from rostra.control.suspension import Suspensions
from rostra.control.times import now_ms
from rostra.control.traces import Traces, notices_of, traces_of
from rostra.core.clock import Clock
from rostra.core.errors import Conflict
from rostra.core.ids import AccountId, SpaceId
from rostra.store.database import Database
from rostra.store.tables import (
    AccountRow,
    ApiTokenRow,
    AuditRow,
    BlockRow,
    ConsentRow,
    InvitationRow,
    InvitedRow,
    NoticeRow,
    PasskeyRow,
    ReportRow,
    RequestRow,
    ResetRow,
    SessionRow,
    SoundCheckRow,
    SpaceRow,
    SpeakerLinkRow,
)

FORMER_MEMBER: Final = ""
"""The name under which their spaces and words stay: pages say it in their readers' language."""


class Departures:
    """Deletes accounts."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        announcer: Announcer,
        conductor: Conductor,
        suspensions: Suspensions,
        requests: Requests,
        *,
        clock: Clock,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._announcer = announcer
        self._conductor = conductor
        self._suspensions = suspensions
        self._requests = requests
        self._clock = clock

    async def leave(self, actor: Actor, password: str) -> None:
        """Delete one's own account, by its password or a late proof. Conflict while live, LastOperator."""
        row = await self._accounts.confirm(actor, password)
        await self._delete(actor, row)

    async def delete(self, actor: Actor, handle: str) -> None:
        """Delete somebody's account. For operators. ProofNeeded, Conflict while live, LastOperator."""
        actor.need(Ruling.DELETE)
        actor.need_proof(now=now_ms(self._clock))
        async with self._database.reading() as session:
            row = await find_account(session, handle)
        await self._delete(actor, row)

    async def _delete(self, actor: Actor, row: AccountRow) -> None:
        account = AccountId(row.id)
        async with self._database.reading() as session:
            await need_another_operator(session, row)
            await _need_no_live_space(session, account)
        await self._suspensions.take_off(account)
        changed: set[SpaceId] | None = None
        while changed is None:
            async with self._database.reading() as session:
                coming = {SpaceId(space.id) for space in await _coming(session, account)}
            async with self._conductor.holding(coming):
                changed = await self._store(actor, account, coming)
        await self._announcer.announce_each(sorted(changed))

    async def _store(self, actor: Actor, account: AccountId, held: set[SpaceId]) -> set[SpaceId] | None:
        """Cancel and forget in one transaction; return which spaces changed.

        None, and nothing changed: they have scheduled another space than those ``held``.
        """
        at = now_ms(self._clock)
        async with self._database.session() as session:
            row = await session.get_one(AccountRow, account)
            await need_another_operator(session, row)
            await _need_no_live_space(session, account)
            coming = await _coming(session, account)
            if not held.issuperset(space.id for space in coming):
                return None
            for space in coming:
                cancel(session, space, actor=actor.label, at=at)
            ended = await end_passes_of(session, row, now=at)
            asked = set(await session.scalars(select(RequestRow.space).where(RequestRow.account == account)))
            named = await _forget(session, row, now=at)
            audit.record(session, at=at, actor=actor.label, act="account.delete", account=account)
            changed = {*named, *ended, *await count_change(session, account)}
        for each in sorted(asked):
            await self._requests.tell(SpaceId(each))
        return changed


async def _coming(session: AsyncSession, host: AccountId) -> Sequence[SpaceRow]:
    query = select(SpaceRow).where(SpaceRow.host == host, SpaceRow.lifecycle.in_(BEFORE_LIVE))
    return (await session.scalars(query)).all()


async def _need_no_live_space(session: AsyncSession, account: AccountId) -> None:
    live = select(SpaceRow.id).where(SpaceRow.host == account, SpaceRow.lifecycle == Lifecycle.LIVE)
    if await session.scalar(live.limit(1)):
        raise Conflict("This account hosts a conversation that is live now. End it first.")


async def _forget(session: AsyncSession, row: AccountRow, *, now: int) -> set[SpaceId]:
    """Remove what tells who they were; return the spaces of others that named them."""
    traces = await traces_of(session, row.id)
    named = await _rename(session, row, traces)
    await _strip_reports(session, traces)
    await _strip_record(session, traces)
    await _leave_links(session, row)
    await session.execute(update(BlockRow).where(traces.of(BlockRow)).values(name=FORMER_MEMBER))
    await session.execute(delete(BlockRow).where(BlockRow.host == row.id))
    await session.execute(delete(SoundCheckRow).where(traces.of(SoundCheckRow)))
    for made in (InvitationRow, ResetRow):
        await session.execute(delete(made).where(made.created_by == traces.label))
    for table in (SessionRow, ApiTokenRow, PasskeyRow, ResetRow, InvitedRow, RequestRow):
        await session.execute(delete(table).where(table.account == row.id))
    _blank(row, now=now)
    return named


async def _leave_links(session: AsyncSession, row: AccountRow) -> None:
    """Links they made rest on nobody now; those to lead, and all of who is suspended, stay only if in use."""
    made = await session.scalars(select(SpeakerLinkRow).where(SpeakerLinkRow.created_by == row.id))
    for link in made.all():
        link.created_by = None
        if (row.suspended_at is not None or link.role in LEADING) and not await is_in_use(session, link):
            await session.delete(link)


async def _rename(session: AsyncSession, row: AccountRow, traces: Traces) -> set[SpaceId]:
    """What they said and wrote stays, without their name and browser; return where it stood."""
    consented = traces.of(ConsentRow)
    led = select(SpeakerLinkRow.space).where(SpeakerLinkRow.id.in_(traces.links))
    wrote = notices_of(row)
    named: set[SpaceId] = set()
    for query in (select(ConsentRow.space).where(consented), led, select(NoticeRow.space).where(wrote)):
        named |= {SpaceId(space) for space in await session.scalars(query)}
    await session.execute(update(ConsentRow).where(consented).values(name=FORMER_MEMBER, browser=""))
    given = update(SpeakerLinkRow).where(SpeakerLinkRow.id.in_(traces.links))
    await session.execute(given.values(name=FORMER_MEMBER))
    await session.execute(update(NoticeRow).where(wrote).values(author=FORMER_MEMBER, account=None))
    await session.execute(
        update(SpaceRow).where(SpaceRow.id.in_(named)).values(revision=SpaceRow.revision + 1)
    )
    return named


async def _strip_reports(session: AsyncSession, traces: Traces) -> None:
    """What was reported stays until it is swept away; of a speaker the name does not."""
    about = ReportRow.id.in_(traces.reports)
    spoke = about, ReportRow.subject == Subject.SPEAKER
    await session.execute(update(ReportRow).where(*spoke).values(about=FORMER_MEMBER))
    await session.execute(update(ReportRow).where(about).values(account=None))


async def _strip_record(session: AsyncSession, traces: Traces) -> None:
    """Take out of the record who they were, and what moderators wrote of them."""
    by_link = AuditRow.detail["link"].as_string().in_(traces.links)
    await _strip(session, or_(AuditRow.actor.in_(traces.people), by_link), "$.name", "$.handle")
    report = AuditRow.detail["report"].as_string()
    spoke = select(ReportRow.id).where(ReportRow.id.in_(traces.reports), ReportRow.subject == Subject.SPEAKER)
    on_stage = AuditRow.detail["speaker"].as_string().in_(traces.speakers)
    await _strip(session, or_(on_stage, report.in_(spoke)), "$.name", "$.about")
    await _strip(session, report.in_(traces.reports), "$.note")
    about_them = AuditRow.detail["account"].as_string() == traces.account
    await _strip(session, about_them, "$.name", "$.handle", "$.reason")


async def _strip(session: AsyncSession, which: ColumnElement[bool], *paths: str) -> None:
    """Take details out of the record; that something was done, when and by which id, stays."""
    await session.execute(
        update(AuditRow)
        .where(which)
        .values(detail=func.json_remove(AuditRow.detail, *paths))
        .execution_options(synchronize_session=False)
    )


def _blank(row: AccountRow, *, now: int) -> None:
    row.handle = f"~{row.id}"  # no handle begins so: it is free again, and this row is found by no one
    row.name, row.role, row.deleted_at = FORMER_MEMBER, MEMBER, now
    row.password_hash = row.bio = row.picture = row.email = row.language = ""
    row.suspended_at = row.verified_at = None
    row.suspended_by = row.suspended_reason = row.verified_by = ""
