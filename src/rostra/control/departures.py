"""Accounts that leave for good. What they said in public stays; whatever tells who they were goes.

Spaces still to come are cancelled, ended ones keep their recording under another name, and the row of
the account keeps nothing but its id, for those spaces' sake.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, Subject
from rostra.control import audit
from rostra.control.accounts import Accounts, find_account, need_another_operator
from rostra.control.announcer import Announcer, count_change
from rostra.control.conductor import Conductor
from rostra.control.epochs import end_passes_of
from rostra.control.identity import Actor
from rostra.control.lifecycle import BEFORE_LIVE
from rostra.control.permits import MEMBER, Ruling
from rostra.control.requests import Requests
from rostra.control.suspension import Suspensions
from rostra.control.times import now_ms
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
            coming = select(SpaceRow.id).where(SpaceRow.host == account, SpaceRow.lifecycle.in_(BEFORE_LIVE))
            spaces = [SpaceId(space) for space in await session.scalars(coming)]
        for space in spaces:
            await self._conductor.cancel(actor, space)
        await self._suspensions.take_off(account)
        async with self._database.session() as session:
            row = await session.get_one(AccountRow, account)
            await need_another_operator(session, row)
            await _need_no_live_space(session, account)
            ended = await end_passes_of(session, row)
            asked = set(await session.scalars(select(RequestRow.space).where(RequestRow.account == account)))
            named = await _forget(session, row, now=now_ms(self._clock))
            actor_label, at = actor.label, now_ms(self._clock)
            audit.record(session, at=at, actor=actor_label, act="account.delete", account=account)
            await session.execute(update(SpaceRow).where(SpaceRow.host == account).values(hidden=False))
            changed = {*named, *ended, *await count_change(session, account)}
        await self._announcer.announce_each(sorted(changed))
        for each in sorted(asked):
            await self._requests.tell(SpaceId(each))


async def _need_no_live_space(session: AsyncSession, account: AccountId) -> None:
    live = select(SpaceRow.id).where(SpaceRow.host == account, SpaceRow.lifecycle == Lifecycle.LIVE)
    if await session.scalar(live.limit(1)):
        raise Conflict("This account hosts a conversation that is live now. End it first.")


async def _forget(session: AsyncSession, row: AccountRow, *, now: int) -> set[SpaceId]:
    """Remove what tells who they were; return the spaces of others that named them."""
    label = f"account:{row.id}"
    links = await _links_of(session, row)
    came_by = [f"link:{link}" for link in links]
    mine = or_(
        ConsentRow.account == row.id,
        ConsentRow.person == label,
        and_(ConsentRow.person.in_(came_by), ConsentRow.account.is_(None)),
    )
    came = (await session.execute(select(ConsentRow.space, ConsentRow.speaker).where(mine))).all()
    speakers = {speaker for _, speaker in came}
    led = select(SpeakerLinkRow.space).where(SpeakerLinkRow.id.in_(links))
    named = {SpaceId(space) for space in (*(space for space, _ in came), *await session.scalars(led))}
    await session.execute(update(ConsentRow).where(mine).values(name=FORMER_MEMBER))
    hosted = select(SpaceRow.id).where(SpaceRow.host == row.id)
    theirs = or_(NoticeRow.account == row.id, and_(NoticeRow.space.in_(hosted), NoticeRow.author == row.name))
    named |= {SpaceId(space) for space in await session.scalars(select(NoticeRow.space).where(theirs))}
    await session.execute(update(NoticeRow).where(theirs).values(author="", account=None))
    await session.execute(
        update(SpaceRow).where(SpaceRow.id.in_(named)).values(revision=SpaceRow.revision + 1)
    )
    as_speaker = or_(ReportRow.account == row.id, ReportRow.speaker.in_(speakers))
    reported = as_speaker, ReportRow.subject == Subject.SPEAKER
    reports = list(await session.scalars(select(ReportRow.id).where(*reported)))
    await session.execute(update(ReportRow).where(*reported).values(about=FORMER_MEMBER))
    await session.execute(update(ReportRow).where(ReportRow.account == row.id).values(account=None))
    await session.execute(
        update(SpeakerLinkRow).where(SpeakerLinkRow.created_by == row.id).values(created_by=None)
    )
    await session.execute(update(SpeakerLinkRow).where(SpeakerLinkRow.id.in_(links)).values(name=""))
    by_them = AuditRow.actor.in_([label, *came_by])
    await _strip(session, or_(by_them, AuditRow.detail["link"].as_string().in_(links)), "$.name", "$.handle")
    on_stage = AuditRow.detail["speaker"].as_string().in_(speakers)
    judged = AuditRow.detail["report"].as_string().in_(reports)
    await _strip(session, or_(on_stage, judged), "$.name", "$.about")
    about_them = AuditRow.detail["account"].as_string() == row.id
    await _strip(session, about_them, "$.name", "$.handle", "$.reason")
    checked = or_(SoundCheckRow.account == row.id, SoundCheckRow.person.in_([label, *came_by]))
    await session.execute(delete(SoundCheckRow).where(checked))
    await session.execute(delete(InvitationRow).where(InvitationRow.created_by == label))
    await session.execute(delete(RequestRow).where(RequestRow.account == row.id))
    blocked = or_(BlockRow.account == row.id, BlockRow.person.in_([label, *came_by]))
    await session.execute(update(BlockRow).where(blocked).values(name=FORMER_MEMBER))
    for table in (SessionRow, ApiTokenRow, PasskeyRow, ResetRow, InvitedRow):
        await session.execute(delete(table).where(table.account == row.id))
    _blank(row, now=now)
    return named


async def _links_of(session: AsyncSession, row: AccountRow) -> list[str]:
    """The links to stages by which they came while signed in, and those they got by asking to speak."""
    came = ConsentRow.account == row.id, ConsentRow.person.startswith("link:")
    people = await session.scalars(select(ConsentRow.person).where(*came))
    given = await session.scalars(select(SpeakerLinkRow.id).where(SpeakerLinkRow.account == row.id))
    return sorted({*(person.removeprefix("link:") for person in people), *given})


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
