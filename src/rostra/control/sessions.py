"""Sign-ins of browsers: begun with a password or a passkey, ended one by one or all at once.

Tokens are stored as hashes only. Guessing is slowed down per visitor; the same refusal, and the same
work, whatever was wrong.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control import audit
from rostra.control.identity import Account, Actor, admitted
from rostra.control.keys import draw_token, token_hash
from rostra.control.passwords import Passwords
from rostra.control.throttle import Throttle
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import SignInNeeded
from rostra.core.ids import AccountId
from rostra.core.settings import Settings
from rostra.core.words import LANGUAGES
from rostra.store.database import Database
from rostra.store.tables import AccountRow, ApiTokenRow, PasskeyRow, ResetRow, SessionRow

DAY_MS = 86_400_000


class Sessions:
    """Begins and ends sign-ins."""

    def __init__(
        self,
        database: Database,
        *,
        settings: Settings,
        clock: Clock,
        passwords: Passwords,
        throttle: Throttle,
    ) -> None:
        self._database = database
        self._life_ms = settings.session_days * DAY_MS
        self._clock = clock
        self._passwords = passwords
        self._throttle = throttle

    async def sign_in(
        self, handle: str, password: str, *, address: str, language: str
    ) -> tuple[Account, str]:
        """Return the account and a fresh session token; SignInNeeded, TooManyRequests, Suspended."""
        self._throttle.attempt(address, handle)
        async with self._database.reading() as session:
            row = await session.scalar(
                select(AccountRow).where(AccountRow.handle == handle, AccountRow.deleted_at.is_(None))
            )
        if not await self._passwords.matches(row.password_hash if row else None, password) or row is None:
            raise SignInNeeded("Handle and password do not belong together.")
        self._throttle.succeeded(address, handle)
        account = Account.of(row)
        token = await self.begin(account, by="password", language=language, checked=row.password_hash)
        return account, token

    async def begin(
        self, account: Account, *, by: str, language: str = "", checked: str | None = None
    ) -> str:
        """Sign ``account`` in; return the token for its cookie. Suspended when they are.

        ``checked`` is the hash that their password matched; SignInNeeded when it is another by now.

        ``by`` is what let them in, for the record: ``password``, ``passkey``, ``invitation``, ``sign-up``,
        ``reset`` or ``setup``.

        ``language`` is what they read here: an account that has none has this one from now on.
        """
        token, now = draw_token(), now_ms(self._clock)
        async with self._database.session() as session:
            row = await session.get_one(AccountRow, account.id)
            admitted(row)
            if checked not in (None, row.password_hash):
                raise SignInNeeded("Handle and password do not belong together.")
            if not row.language and language in LANGUAGES:
                row.language = language
            session.add(
                SessionRow(
                    token_hash=token_hash(token),
                    account=account.id,
                    created_at=now,
                    expires_at=now + self._life_ms,
                    proved_at=now,
                )
            )
            audit.record(session, at=now, actor=f"account:{account.id}", act="session.begin", by=by)
        return token

    async def prove(self, actor: Actor, token: str, *, by: str) -> None:
        """Note that whoever is signed in by ``token`` has just shown who they are."""
        async with self._database.session() as session:
            row = await session.get(SessionRow, token_hash(token))
            if row is None or row.account != actor.need_account().id:
                raise SignInNeeded
            row.proved_at = now = now_ms(self._clock)
            audit.record(session, at=now, actor=actor.label, act="session.prove", by=by)

    async def end(self, token: str) -> None:
        """Sign out. Unknown tokens are ignored."""
        async with self._database.session() as session:
            row = await session.get(SessionRow, token_hash(token))
            if row is not None:
                actor = f"account:{row.account}"
                audit.record(session, at=now_ms(self._clock), actor=actor, act="session.end")
                await session.delete(row)

    async def end_everywhere(self, actor: Actor, *, tokens: bool) -> None:
        """Sign the account of whoever asks out of every browser; ``tokens``: end its API tokens as well."""
        account = actor.need_account()
        async with self._database.session() as session:
            await end_all(session, account.id, tokens=tokens)
            audit.record(session, at=now_ms(self._clock), actor=actor.label, act="session.end-all")


async def end_all(session: AsyncSession, account: AccountId, *, tokens: bool) -> None:
    """End every sign-in of ``account`` and every link for a new password, inside a transaction.

    ``tokens``: what programs hold as well.
    """
    for table in (SessionRow, ResetRow, ApiTokenRow) if tokens else (SessionRow, ResetRow):
        await session.execute(delete(table).where(table.account == account))


async def end_every_way_in(session: AsyncSession, account: AccountId) -> None:
    """What :func:`end_all` ends and passkeys too, inside a transaction that sets another password.

    Whoever needs one from somebody else may have lost all that was theirs to a stranger.
    """
    await end_all(session, account, tokens=True)
    await session.execute(delete(PasskeyRow).where(PasskeyRow.account == account))
