"""Invitations: one link makes one account, with the role it was made for; and open sign-up.

The link's token is stored as a hash and gone once used, and good only while whoever made it may still
invite to that role. It is mailed where mail is set up and an
address is known; else whoever invites passes it on themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control import audit, letters
from rostra.control.accounts import Accounts, NewAccount, add_account, need_operator_first
from rostra.control.addresses import Addresses
from rostra.control.identity import Account, Actor, Credential
from rostra.control.keys import draw_token, token_hash
from rostra.control.mail import Mailer
from rostra.control.makers import maker_may
from rostra.control.passwords import Passwords
from rostra.control.permits import MEMBER, Ruling
from rostra.control.site import Site
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, NotAllowed, NotFound
from rostra.core.ids import draw
from rostra.core.settings import Settings
from rostra.store.database import Database
from rostra.store.tables import AccountRow, InvitationRow

DAY_MS = 86_400_000
MAX_OPEN = 1000
"""Invitations that wait to be used."""
_GOOD = maker_may(InvitationRow.created_by, Ruling.INVITE, InvitationRow.role)


class LinkUsed(NotFound):
    """This link was used already, or its time is over. Ask for a new one."""

    code = "link_used"


@dataclass(frozen=True, slots=True)
class GivenLink:
    """A one-time link as its maker gets it. ``url`` is empty when it was mailed instead."""

    url: str
    mailed: bool
    expires_at: int


@dataclass(frozen=True, slots=True)
class Welcome:
    """What an invitation says to whoever opens it."""

    role: str
    email: str
    inviter: str
    expires_at: int


class Invitations:
    """Makes, shows, revokes and accepts invitations."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        site: Site,
        mailer: Mailer,
        *,
        settings: Settings,
        clock: Clock,
        passwords: Passwords,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._site = site
        self._mailer = mailer
        self._days = settings.invitation_days
        self._clock = clock
        self._passwords = passwords

    async def invite(
        self, actor: Actor, own: Addresses, *, role: str, email: str, language: str
    ) -> GivenLink:
        """Make an invitation and mail it if that is possible. Moderators invite members only.

        ProofNeeded where it makes somebody who rules over others.
        """
        actor.need(Ruling.INVITE, role)
        token, now = draw_token(), now_ms(self._clock)
        if role != MEMBER:
            actor.need_proof(now=now)
        row = InvitationRow(
            id=draw(10),
            token_hash=token_hash(token),
            role=role,
            email=email,
            created_by=actor.label,
            created_at=now,
            expires_at=now + self._days * DAY_MS,
        )
        async with self._database.session() as session:
            await session.execute(delete(InvitationRow).where(InvitationRow.expires_at <= now))
            if (await session.scalar(select(func.count(InvitationRow.id)).where(_GOOD)) or 0) >= MAX_OPEN:
                raise Conflict("There are as many open invitations as are allowed. Revoke some first.")
            session.add(row)
            audit.record(
                session, at=now, actor=actor.label, act="invitation.create", invitation=row.id, role=role
            )
        url = own.invitation(token)
        inviter = (
            actor.account.name
            if actor.account is not None and actor.credential is not Credential.LOCAL
            else ""
        )
        letter = letters.invitation(
            language, to=email, site=self._site.state.name, inviter=inviter, url=url, days=self._days
        )
        mailed = await self._mailer.try_to_send(letter, sender=self._site.state.name)
        return GivenLink("" if mailed else url, mailed, row.expires_at)

    async def open(self, actor: Actor) -> list[InvitationRow]:
        """Invitations that can still be used, newest first."""
        actor.need(Ruling.INVITE)
        query = select(InvitationRow).where(InvitationRow.expires_at > now_ms(self._clock), _GOOD)
        async with self._database.reading() as session:
            return list(await session.scalars(query.order_by(InvitationRow.created_at.desc())))

    async def revoke(self, actor: Actor, id: str) -> None:
        """Make an invitation useless."""
        async with self._database.session() as session:
            row = await session.get(InvitationRow, id)
            if row is None:
                raise NotFound("There is no such invitation.")
            actor.need(Ruling.INVITE, row.role)
            await session.delete(row)
            audit.record(
                session, at=now_ms(self._clock), actor=actor.label, act="invitation.revoke", invitation=id
            )

    async def show(self, token: str) -> Welcome:
        """What an invitation is for; LinkUsed, or Conflict until the site has its first operator."""
        async with self._database.reading() as session:
            row = await self._find(session, token)
            await need_operator_first(session, row.role)
            inviter = await session.get(AccountRow, row.created_by.removeprefix("account:"))
            return Welcome(row.role, row.email, inviter.name if inviter else "", row.expires_at)

    async def accept(self, token: str, new: NewAccount) -> Account:
        """Make the account an invitation is for. LinkUsed; Conflict as in :func:`.add_account`."""
        await self.show(token)  # spares the hashing of a password for a link that is no good
        password_hash = await self._passwords.hash(new.password)
        async with self._database.session() as session:
            row = await self._find(session, token)
            account = await add_account(
                session,
                new,
                role=row.role,
                password_hash=password_hash,
                email=new.email or row.email,
                actor="",
                now=now_ms(self._clock),
            )
            await session.delete(row)
            at, label = now_ms(self._clock), f"account:{account.id}"
            audit.record(session, at=at, actor=label, act="invitation.accept", invitation=row.id)
        self._accounts.drop_setup_token()
        return account

    async def sign_up(self, new: NewAccount) -> Account:
        """Make an account without an invitation. NotAllowed unless the site is open to everyone; Conflict."""
        if not self._site.state.open_sign_up:
            raise NotAllowed("New accounts here are by invitation.")
        return await self._accounts.add(new, role=MEMBER, actor="")

    async def _find(self, session: AsyncSession, token: str) -> InvitationRow:
        theirs = InvitationRow.token_hash == token_hash(token)
        row = await session.scalar(select(InvitationRow).where(theirs, _GOOD))
        if row is None or row.expires_at <= now_ms(self._clock):
            raise LinkUsed
        return row
