"""Who is invited to a private space, by account. Passphrases are in :mod:`.passes`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, Visibility
from rostra.control import audit
from rostra.control.announcer import Announcer
from rostra.control.blocks import find_block
from rostra.control.epochs import end_passes
from rostra.control.identity import Actor, standing
from rostra.control.permits import PERMITS, Doing, require
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, NotFound
from rostra.core.ids import AccountId, SpaceId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, InvitedRow, SpaceRow

MAX_INVITED: Final = 1000
"""Accounts invited to one space; a larger circle shares a passphrase."""
MOST_LISTED: Final = 100
"""Spaces in the list of those that somebody is invited to."""
_WORTH_COMING: Final = tuple(
    each.value
    for each in (Lifecycle.LIVE, Lifecycle.LOBBY, Lifecycle.SCHEDULED, Lifecycle.HELD, Lifecycle.PUBLISHED)
)
"""What can be heard, or may be heard yet."""


@dataclass(frozen=True, slots=True)
class Guest:
    """An account that is invited."""

    handle: str
    name: str


class Invited:
    """Invites and takes it back."""

    def __init__(self, database: Database, announcer: Announcer, *, clock: Clock) -> None:
        self._database = database
        self._announcer = announcer
        self._clock = clock

    async def listing(self, space: SpaceId) -> list[Guest]:
        """Everyone invited, in order of invitation."""
        query = (
            select(AccountRow)
            .join(InvitedRow, InvitedRow.account == AccountRow.id)
            .where(InvitedRow.space == space)
            .order_by(InvitedRow.at, AccountRow.handle)
        )
        async with self._database.reading() as session:
            rows: Sequence[AccountRow] = (await session.scalars(query)).all()
        return [Guest(row.handle, row.name) for row in rows]

    async def spaces_of(self, actor: Actor) -> list[SpaceId]:
        """The private spaces that ``actor`` is invited to, latest start first, at most MOST_LISTED.

        Without those that backstage shows them anyway, what operators hide, and what they are blocked from:
        there the invitation opens nothing.
        """
        account = actor.need_account()
        query = (
            select(SpaceRow)
            .join(InvitedRow, InvitedRow.space == SpaceRow.id)
            .where(
                InvitedRow.account == account.id,
                SpaceRow.visibility == Visibility.PRIVATE.value,
                SpaceRow.lifecycle.in_(_WORTH_COMING),
                SpaceRow.hidden.is_(False),
                SpaceRow.hidden_reason == "",
            )
            .order_by(SpaceRow.starts_at.desc(), SpaceRow.id.desc())
            .limit(MOST_LISTED)
        )
        async with self._database.reading() as session:
            rows = [
                row
                for row in (await session.scalars(query)).all()
                if standing(actor, row) not in PERMITS[Doing.SEE]
                and await find_block(session, row, person=actor.person, account=account.id) is None
            ]
        return [SpaceId(row.id) for row in rows]

    async def invite(self, actor: Actor, space: SpaceId, handle: str) -> None:
        """Let an account in. Invited already: nothing happens. NotFound, Conflict when there are too many."""
        now = now_ms(self._clock)
        async with self._database.session() as session:
            account = await self._guest(session, actor, space, handle)
            if await session.get(InvitedRow, (space, account)) is not None:
                return
            known = select(func.count()).select_from(InvitedRow).where(InvitedRow.space == space)
            if (await session.scalar(known) or 0) >= MAX_INVITED:
                raise Conflict(
                    "This conversation has as many invited accounts as are allowed. Use a passphrase as well."
                )
            session.add(InvitedRow(space=space, account=account, at=now))
            audit.record(session, at=now, actor=actor.label, act="space.invite", space=space, account=account)

    async def uninvite(self, actor: Actor, space: SpaceId, handle: str) -> None:
        """Let an account in no longer: the passes to the space end. Not invited: nothing happens."""
        now = now_ms(self._clock)
        async with self._database.session() as session:
            account = await self._guest(session, actor, space, handle)
            row = await session.get(InvitedRow, (space, account))
            if row is None:
                return
            await session.delete(row)
            end_passes(await find(session, space))
            audit.record(
                session, at=now, actor=actor.label, act="space.uninvite", space=space, account=account
            )
        await self._announcer.announce(space)

    async def _guest(self, session: AsyncSession, actor: Actor, space: SpaceId, handle: str) -> AccountId:
        require(standing(actor, await find(session, space)), Doing.EDIT)
        account = await session.scalar(
            select(AccountRow.id).where(AccountRow.handle == handle, AccountRow.deleted_at.is_(None))
        )
        if account is None:
            raise NotFound("There is no account with this handle.")
        return AccountId(account)
