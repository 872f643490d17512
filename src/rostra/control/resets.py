"""New passwords by one-time link: asked for by oneself and mailed, or made by an operator.

The link's token is stored as a hash; a newer one of an operator makes the older ones useless, and so
do its use and whatever else changes how its account gets in. An operator's is good only while they are
one. Whoever asks for somebody else's learns nothing, not even from the time it takes, and takes nothing
away: what they ask for is done after the answer, one at a time, and a link that was given stays good.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control import audit, letters
from rostra.control.accounts import UnknownAccount, find_account
from rostra.control.addresses import Addresses
from rostra.control.identity import Account, Actor
from rostra.control.invitations import GivenLink, LinkUsed
from rostra.control.keys import draw_token, token_hash
from rostra.control.mail import Mailer
from rostra.control.makers import maker_may
from rostra.control.passwords import Passwords
from rostra.control.permits import MEMBER, Ruling
from rostra.control.sessions import end_every_way_in
from rostra.control.site import Site
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Suspended
from rostra.core.ids import AccountId
from rostra.core.settings import Settings
from rostra.store.database import Database
from rostra.store.tables import AccountRow, ResetRow

log = structlog.get_logger()

HOUR_MS = 3_600_000
MOST_ASKED: Final = 3
"""Open links of one account that were asked for; beyond, nothing more is mailed."""
MOST_WAITING: Final = 100
"""Requests for links that wait to be looked at; beyond, further ones are dropped."""


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody, maybe a stranger, asked for a link to be mailed."""

    own: Addresses
    handle: str
    language: str


class Resets:
    """Makes and uses links for new passwords."""

    def __init__(
        self,
        database: Database,
        site: Site,
        mailer: Mailer,
        *,
        settings: Settings,
        clock: Clock,
        passwords: Passwords,
    ) -> None:
        self._database = database
        self._site = site
        self._mailer = mailer
        self._hours = settings.reset_hours
        self._clock = clock
        self._passwords = passwords
        self._waiting: asyncio.Queue[Request] = asyncio.Queue(MOST_WAITING)
        self.dropped = 0

    async def run(self) -> None:
        """Do what was asked for, one request after the other, until cancelled."""
        while True:
            request = await self._waiting.get()
            try:
                await self._answer(request)
            except Exception:  # whatever one request meets, the next is another
                log.exception("reset_not_made")

    async def make(self, actor: Actor, own: Addresses, handle: str, *, language: str) -> GivenLink:
        """Make a link for an account and mail it to its address, if any. For operators; ProofNeeded."""
        actor.need(Ruling.RESET)
        actor.need_proof(now=now_ms(self._clock))
        async with self._database.session() as session:
            row = await find_account(session, handle)
            await session.execute(delete(ResetRow).where(ResetRow.account == row.id))
            token, expires_at = self._draw(session, row, actor=actor.label, by_operator=True)
        mailed = await self._mail(row, own, token, language=language)
        return GivenLink("" if mailed else own.reset(token), mailed, expires_at)

    def ask(self, own: Addresses, handle: str, *, language: str) -> None:
        """Have a link mailed to whoever forgot their password. Says nothing about whether that is possible.

        Whoever asks is a stranger: a link made of the Host header they sent could lead anywhere, so
        without a configured address nothing is mailed.
        """
        if not self._mailer.enabled or not own.certain:
            return
        try:
            self._waiting.put_nowait(Request(own, handle, language))
        except asyncio.QueueFull:
            self.dropped += 1
            log.warning("reset_dropped", dropped=self.dropped)

    async def show(self, token: str) -> str:
        """The handle of the account a link is for; LinkUsed."""
        async with self._database.reading() as session:
            return (await self._find(session, token)).handle

    async def use(self, token: str, password: str) -> Account:
        """Set a new password; end every other way in. LinkUsed; Suspended leaves the link."""
        await self.show(token)
        password_hash = await self._passwords.hash(password)
        async with self._database.session() as session:
            row = await self._find(session, token)
            if row.suspended_at is not None:
                raise Suspended
            row.password_hash = password_hash
            await end_every_way_in(session, AccountId(row.id))
            at, label = now_ms(self._clock), f"account:{row.id}"
            audit.record(session, at=at, actor=label, act="reset.use", account=row.id)
            return Account.of(row)

    async def _answer(self, request: Request) -> None:
        try:
            async with self._database.session() as session:
                row = await find_account(session, request.handle)
                if not row.email or row.suspended_at is not None or not await self._has_room(session, row):
                    return
                token, _ = self._draw(session, row, actor=f"account:{row.id}", by_operator=False)
        except UnknownAccount:
            return
        if not await self._mail(row, request.own, token, language=request.language):
            await self._forget(token)

    async def _forget(self, token: str) -> None:
        """Drop a link that reached nobody: it would be one of :data:`MOST_ASKED` until its time is over."""
        async with self._database.session() as session:
            await session.execute(delete(ResetRow).where(ResetRow.token_hash == token_hash(token)))

    async def _has_room(self, session: AsyncSession, row: AccountRow) -> bool:
        """Whether yet another link may be mailed; those whose time is over are dropped first."""
        asked = (ResetRow.account == row.id, ResetRow.by_operator.is_(False))
        await session.execute(delete(ResetRow).where(*asked, ResetRow.expires_at <= now_ms(self._clock)))
        return (await session.scalar(select(func.count()).where(*asked)) or 0) < MOST_ASKED

    def _draw(
        self, session: AsyncSession, row: AccountRow, *, actor: str, by_operator: bool
    ) -> tuple[str, int]:
        token, now = draw_token(), now_ms(self._clock)
        expires_at = now + self._hours * HOUR_MS
        session.add(
            ResetRow(
                token_hash=token_hash(token),
                account=row.id,
                created_at=now,
                expires_at=expires_at,
                by_operator=by_operator,
                created_by=actor,
            )
        )
        audit.record(session, at=now, actor=actor, act="reset.create", account=row.id)
        return token, expires_at

    async def _mail(self, row: AccountRow, own: Addresses, token: str, *, language: str) -> bool:
        letter = letters.reset(
            row.language or language,
            to=row.email,
            site=self._site.state.name,
            name=row.name,
            handle=row.handle,
            url=own.reset(token),
            hours=self._hours,
        )
        return await self._mailer.try_to_send(letter, sender=self._site.state.name)

    async def _find(self, session: AsyncSession, token: str) -> AccountRow:
        good = or_(ResetRow.by_operator.is_(False), maker_may(ResetRow.created_by, Ruling.RESET, MEMBER))
        reset = await session.scalar(select(ResetRow).where(ResetRow.token_hash == token_hash(token), good))
        if reset is None or reset.expires_at <= now_ms(self._clock):
            raise LinkUsed
        return await session.get_one(AccountRow, reset.account)
