"""Suspends accounts and reinstates them, and sees to it that it takes hold everywhere.

From the moment it is stored, every request of theirs is refused. What follows is asked for at once,
and again every second until it is done: off every stage, their own live spaces ended, those still to
come hidden. Decides nothing about spaces itself: the conductor and the announcer do.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Final

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, Off
from rostra.control import audit
from rostra.control.accounts import find_account, need_another_operator
from rostra.control.announcer import Announcer, count_change
from rostra.control.board import Board
from rostra.control.conductor import Conductor
from rostra.control.epochs import end_passes_of
from rostra.control.identity import Actor
from rostra.control.lifecycle import BEFORE_LIVE, UNFINISHED
from rostra.control.permits import Ruling
from rostra.control.stage_desk import StageDesk
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, RostraError
from rostra.core.ids import AccountId, SpaceId, SpeakerId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, ConsentRow, SpaceRow

log = structlog.get_logger()

AGAIN_AFTER_S: Final = 1.0


class Suspensions:
    """Suspends and reinstates; ``await run()`` until cancelled, for what could not be done at once."""

    def __init__(
        self,
        database: Database,
        announcer: Announcer,
        conductor: Conductor,
        desk: StageDesk,
        board: Board,
        *,
        clock: Clock,
    ) -> None:
        self._database = database
        self._announcer = announcer
        self._conductor = conductor
        self._desk = desk
        self._board = board
        self._suspended: set[AccountId] = set()
        self._clock = clock
        self._unfinished: set[AccountId] = set()
        """Suspended accounts that something is still to be done about."""

    async def open(self) -> None:
        """Read who is suspended, and what may be left to do about it."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(AccountRow).where(AccountRow.suspended_at.is_not(None)))
            self._unfinished = {AccountId(row.id) for row in rows}
        self._suspended = set(self._unfinished)

    def reach(self, actor: Actor) -> bool:
        """Whether ``actor``, who was let in earlier, is suspended by now; asks no database."""
        account = actor.account.id if actor.account is not None else actor.signed_in
        return account in self._suspended

    async def suspend(self, actor: Actor, handle: str, reason: str) -> AccountRow:
        """Suspend an account; suspended already, nothing happens.

        NotAllowed, LastOperator, Conflict for oneself.
        """
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find_account(session, handle)
            actor.need(Ruling.SUSPEND, row.role)
            if actor.account is not None and actor.account.id == row.id:
                raise Conflict("You cannot suspend yourself.")
            if row.suspended_at is not None:
                return row
            await need_another_operator(session, row)
            row.suspended_at, row.suspended_by, row.suspended_reason = now, actor.label, reason
            await _hide(session, row)
            ended = await end_passes_of(session, row, now=now)
            audit.record(
                session, at=now, actor=actor.label, act="account.suspend", account=row.id, reason=reason
            )
        account = AccountId(row.id)
        self._suspended.add(account)
        self._unfinished.add(account)
        self._board.touch_all()
        await self._announcer.announce_each(ended)
        await self._announce(account)
        await self._announcer.announce_host(account)
        await self._enforce(account)
        return row

    async def reinstate(self, actor: Actor, handle: str) -> AccountRow:
        """Undo a suspension: sign-ins and tokens hold again, and what was hidden is back."""
        async with self._database.session() as session:
            row = await find_account(session, handle)
            actor.need(Ruling.SUSPEND, row.role)
            if row.suspended_at is None:
                return row
            row.suspended_at, row.suspended_by, row.suspended_reason = None, "", ""
            shown = await _show(session, row)
            at = now_ms(self._clock)
            audit.record(session, at=at, actor=actor.label, act="account.reinstate", account=row.id)
        self._suspended.discard(AccountId(row.id))
        self._unfinished.discard(AccountId(row.id))
        await self._announcer.announce_each(shown)
        return row

    async def run(self) -> None:
        """Finish what an earlier process, a stage that was away or a race with going live left undone."""
        while True:
            try:
                for account in {*self._unfinished, *await self._running()}:
                    await self._enforce(account)
            except (RostraError, SQLAlchemyError) as error:
                log.warning("suspension_unfinished", reason=str(error))
            await asyncio.sleep(AGAIN_AFTER_S)

    async def take_off(self, account: AccountId) -> None:
        """Take somebody off every stage; StageUnavailable when it does not answer."""
        speakers = await self._speakers(account)
        if speakers:
            await self._desk.take_off(speakers, Off.SUSPENDED)

    async def _enforce(self, account: AccountId) -> None:
        """Ask for everything that follows; what fails stays unfinished."""
        async with self._database.reading() as session:
            row = await session.get_one(AccountRow, account)
        if row.suspended_at is None:
            return
        running = (await self._running()).get(account, [])
        ends = (self._conductor.close(space, actor=row.suspended_by) for space in running)
        outcomes = await asyncio.gather(self.take_off(account), *ends, return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for failure in failures:
            if not isinstance(failure, (RostraError, SQLAlchemyError)):
                raise failure
            log.warning("suspension_unfinished", account=account, reason=str(failure))
        if not failures:
            self._unfinished.discard(account)

    async def _running(self) -> dict[AccountId, list[SpaceId]]:
        """What suspended accounts host that is live, by account; its stage may know sooner than we do."""
        if not self._suspended:
            return {}
        query = (
            select(SpaceRow.id, SpaceRow.host, SpaceRow.lifecycle)
            .join(AccountRow, AccountRow.id == SpaceRow.host)
            .where(AccountRow.suspended_at.is_not(None), SpaceRow.lifecycle.in_(UNFINISHED))
        )
        running: defaultdict[AccountId, list[SpaceId]] = defaultdict(list)
        async with self._database.reading() as session:
            for space, host, lifecycle in await session.execute(query):
                if lifecycle == Lifecycle.LIVE or self._board.report(SpaceId(space)).live:
                    running[AccountId(host)].append(SpaceId(space))
        return running

    async def _announce(self, account: AccountId) -> None:
        coming = select(SpaceRow.id).where(SpaceRow.host == account, SpaceRow.lifecycle.in_(BEFORE_LIVE))
        async with self._database.reading() as session:
            spaces = [SpaceId(space) for space in await session.scalars(coming)]
        await self._announcer.announce_each(spaces)

    async def _speakers(self, account: AccountId) -> tuple[SpeakerId, ...]:
        """Whom they are on stages that are still to end, whichever way they came."""
        query = (
            select(ConsentRow.speaker)
            .distinct()
            .join(SpaceRow, SpaceRow.id == ConsentRow.space)
            .where(ConsentRow.account == account, SpaceRow.lifecycle.in_(UNFINISHED))
        )
        async with self._database.reading() as session:
            return tuple(SpeakerId(speaker) for speaker in await session.scalars(query))


async def _hide(session: AsyncSession, host: AccountRow) -> None:
    """Hide what is still to come; what was said in public stays."""
    await _set_hidden(session, SpaceRow.host == host.id, SpaceRow.lifecycle.in_(BEFORE_LIVE), hidden=True)
    await count_change(session, AccountId(host.id))


async def _show(session: AsyncSession, host: AccountRow) -> list[SpaceId]:
    """Show every space again, also one that was cancelled or ended meanwhile."""
    await _set_hidden(session, SpaceRow.host == host.id, hidden=False)
    return await count_change(session, AccountId(host.id))


async def _set_hidden(session: AsyncSession, *which: ColumnElement[bool], hidden: bool) -> None:
    await session.execute(
        update(SpaceRow).where(*which).values(hidden=hidden).execution_options(synchronize_session=False)
    )
