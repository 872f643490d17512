"""New passwords by one-time link: asked for by oneself and mailed, or made by an operator.

The link's token is stored as a hash; a newer link makes the older ones useless, and so does its use.
Whoever asks for somebody else's learns nothing, not even whether there is such an account.
"""

from __future__ import annotations

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control import audit, letters
from rostra.control.accounts import UnknownAccount, find_account
from rostra.control.addresses import Addresses
from rostra.control.identity import Account, Actor
from rostra.control.invitations import GivenLink, LinkUsed
from rostra.control.keys import draw_token, token_hash
from rostra.control.mail import Mailer
from rostra.control.passwords import Passwords
from rostra.control.permits import Ruling
from rostra.control.sessions import end_all
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

    async def make(self, actor: Actor, own: Addresses, handle: str, *, language: str) -> GivenLink:
        """Make a link for an account and mail it to its address, if it has one. For operators."""
        actor.need(Ruling.RESET)
        async with self._database.session() as session:
            row = await find_account(session, handle)
            token, expires_at = await self._draw(session, row, actor=actor.label)
        mailed = await self._mail(row, own, token, language=language)
        return GivenLink("" if mailed else own.reset(token), mailed, expires_at)

    async def ask(self, own: Addresses, handle: str, *, language: str) -> None:
        """Mail a link to whoever forgot their password. Says nothing about whether that was possible.

        Whoever asks is a stranger: a link made of the Host header they sent could lead anywhere, so
        without a configured address nothing is mailed.
        """
        if not self._mailer.enabled or not own.certain:
            return
        try:
            async with self._database.session() as session:
                row = await find_account(session, handle)
                if not row.email or row.suspended_at is not None:
                    return
                token, _ = await self._draw(session, row, actor=f"account:{row.id}")
        except UnknownAccount:
            return
        await self._mail(row, own, token, language=language)

    async def show(self, token: str) -> str:
        """The handle of the account a link is for; LinkUsed."""
        async with self._database.reading() as session:
            return (await self._find(session, token))[1].handle

    async def use(self, token: str, password: str) -> Account:
        """Set a new password and end all sign-ins. LinkUsed; Suspended leaves the link as it was."""
        await self.show(token)
        password_hash = await self._passwords.hash(password)
        async with self._database.session() as session:
            reset, row = await self._find(session, token)
            if row.suspended_at is not None:
                raise Suspended
            row.password_hash = password_hash
            await session.execute(delete(ResetRow).where(ResetRow.account == reset.account))
            await end_all(session, AccountId(row.id))
            at, label = now_ms(self._clock), f"account:{row.id}"
            audit.record(session, at=at, actor=label, act="reset.use", account=row.id)
            return Account.of(row)

    async def _draw(self, session: AsyncSession, row: AccountRow, *, actor: str) -> tuple[str, int]:
        token, now = draw_token(), now_ms(self._clock)
        expires_at = now + self._hours * HOUR_MS
        await session.execute(delete(ResetRow).where(ResetRow.account == row.id))
        session.add(
            ResetRow(token_hash=token_hash(token), account=row.id, created_at=now, expires_at=expires_at)
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

    async def _find(self, session: AsyncSession, token: str) -> tuple[ResetRow, AccountRow]:
        reset = await session.scalar(select(ResetRow).where(ResetRow.token_hash == token_hash(token)))
        if reset is None or reset.expires_at <= now_ms(self._clock):
            raise LinkUsed
        return reset, await session.get_one(AccountRow, reset.account)
