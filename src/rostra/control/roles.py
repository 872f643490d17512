"""Gives accounts a role on this site. Whoever has less to say than before keeps nothing that came by it.

That is passes, also those to hear what was reported, and the stages of others on which they have no place of
their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Off
from rostra.control import audit
from rostra.control.accounts import find_account, need_another_operator
from rostra.control.announcer import Announcer, touch
from rostra.control.epochs import end_hearings_of, end_passes_of
from rostra.control.floor import Place
from rostra.control.identity import Actor
from rostra.control.lifecycle import UNFINISHED
from rostra.control.permits import MEMBER, OPERATOR, Ruling
from rostra.control.places import place_of_account
from rostra.control.stage_desk import StageDesk
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import StageUnavailable
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, ConsentRow, SpaceRow


class Roles:
    """Makes somebody an operator, moderator or member."""

    def __init__(self, database: Database, announcer: Announcer, desk: StageDesk, *, clock: Clock) -> None:
        self._database = database
        self._announcer = announcer
        self._desk = desk
        self._clock = clock

    async def give(self, actor: Actor, handle: str, role: str) -> AccountRow:
        """Give an account this role. For operators; ProofNeeded, LastOperator.

        An operator enters every private space and every stage; whoever is one no longer keeps no pass, and
        is taken off the stages on which that was all they were. Nor does a moderator keep what they hear.
        """
        actor.need(Ruling.PROMOTE)
        at = now_ms(self._clock)
        actor.need_proof(now=at)
        changed: set[SpaceId] = set()
        leaving: set[SpeakerId] = set()
        async with self._database.session() as session:
            row = await find_account(session, handle)
            if row.role == role:
                return row
            await need_another_operator(session, row)
            before = row.role
            if before == OPERATOR:
                changed |= set(await end_passes_of(session, row, now=at))
            elif role == MEMBER:
                changed |= set(await end_hearings_of(session, row, now=at))
            audit.record(
                session,
                at=at,
                actor=actor.label,
                act="account.role",
                account=row.id,
                before=before,
                after=role,
            )
            row.role = role
            if before == OPERATOR:
                for space, speaker in await _stages_of(session, row):
                    touch(space, at=at)
                    changed.add(SpaceId(space.id))
                    if place_of_account(row, space) is Place.LISTENER:
                        leaving.add(speaker)
        await self._announcer.announce_each(sorted(changed))
        if leaving:
            with suppress(StageUnavailable):  # It is told again once it reports them.
                await self._desk.take_off(leaving, Off.SEAT)
        return row


async def _stages_of(session: AsyncSession, account: AccountRow) -> Sequence[tuple[SpaceRow, SpeakerId]]:
    """The stages to come that they accepted to be heard on by their sign-in, and whom they are there."""
    query = (
        select(SpaceRow, ConsentRow.speaker)
        .join(ConsentRow, ConsentRow.space == SpaceRow.id)
        .where(ConsentRow.person == f"account:{account.id}", SpaceRow.lifecycle.in_(UNFINISHED))
        .distinct()
    )
    return [(space, SpeakerId(speaker)) for space, speaker in await session.execute(query)]
