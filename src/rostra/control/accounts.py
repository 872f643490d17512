"""Accounts, sign-ins and API tokens. Hashes what is secret; says nothing about spaces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control import audit
from rostra.control.identity import OPERATOR, Account, Actor
from rostra.control.keys import draw_token, ensure_token, same, setup_token_path, token_hash
from rostra.control.passwords import Passwords
from rostra.control.throttle import Throttle
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, NotAllowed, NotFound, SignInNeeded
from rostra.core.ids import draw, new_account_id
from rostra.core.settings import Settings
from rostra.store.database import Database
from rostra.store.tables import AccountRow, ApiTokenRow, SessionRow

DAY_MS = 86_400_000
MAX_TOKENS = 100
"""API tokens of one account."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What it takes to make an account."""

    handle: str
    name: str
    password: str


class Accounts:
    """Everything about people who sign in."""

    def __init__(self, database: Database, *, settings: Settings, clock: Clock, passwords: Passwords) -> None:
        self._database = database
        self._session_ms = settings.session_days * DAY_MS
        self._setup_path: Path = setup_token_path(settings.data)
        self._clock = clock
        self._passwords = passwords
        self._throttle = Throttle(clock=clock)

    async def open(self) -> None:
        """Drop sign-ins that are over; leave a setup token on disk while there is no account."""
        async with self._database.session() as session:
            await session.execute(delete(SessionRow).where(SessionRow.expires_at <= now_ms(self._clock)))
        if await self.setup_needed():
            ensure_token(self._setup_path)

    async def setup_needed(self) -> bool:
        """True while nobody has an account."""
        async with self._database.reading() as session:
            return not await _any_account(session)

    async def set_up(self, token: str, new: NewAccount) -> Account:
        """Make the first operator. NotAllowed without the right token, Conflict once there is an account."""
        if not await self.setup_needed():
            raise Conflict("This site is set up already. Please sign in.")
        if not same(ensure_token(self._setup_path), token):
            raise NotAllowed(
                "The setup link is not right. It was printed by rostra serve, and is in keys/setup.token."
            )
        account = await self._add(new, role=OPERATOR, actor="setup", only_first=True)
        self._setup_path.unlink(missing_ok=True)
        return account

    async def create(self, actor: Actor, new: NewAccount, role: str) -> Account:
        """Make another account. Only for operators; Conflict when the handle is taken."""
        actor.need_operator()
        account = await self._add(new, role=role, actor=actor.label)
        self._setup_path.unlink(missing_ok=True)
        return account

    async def everyone(self, actor: Actor) -> list[Account]:
        """Everyone, by handle. Only for operators."""
        actor.need_operator()
        async with self._database.reading() as session:
            rows = await session.scalars(select(AccountRow).order_by(AccountRow.handle))
            return [Account.of(row) for row in rows]

    async def reset_password(self, actor: Actor, handle: str, password: str) -> Account:
        """Set a new password and end that account's sign-ins. For operators, and for oneself."""
        if actor.account is None or actor.account.handle != handle:
            actor.need_operator()
        password_hash = await self._passwords.hash(password)
        async with self._database.session() as session:
            row = await session.scalar(select(AccountRow).where(AccountRow.handle == handle))
            if row is None:
                raise NotFound("There is no account with this handle.")
            row.password_hash = password_hash
            await session.execute(delete(SessionRow).where(SessionRow.account == row.id))
            self._audit(session, actor.label, "account.password", handle=handle)
            return Account.of(row)

    async def sign_in(self, handle: str, password: str, *, address: str) -> tuple[Account, str]:
        """Return the account and a fresh session token. The same refusal, and work, whatever was wrong."""
        self._throttle.attempt(address, handle)
        async with self._database.reading() as session:
            row = await session.scalar(select(AccountRow).where(AccountRow.handle == handle))
        if not await self._passwords.matches(row.password_hash if row else None, password) or row is None:
            raise SignInNeeded("Handle and password do not belong together.")
        self._throttle.succeeded(address, handle)
        account = Account.of(row)
        return account, await self.begin_session(account)

    async def begin_session(self, account: Account) -> str:
        """Sign ``account`` in; return the token for its cookie."""
        token, now = draw_token(), now_ms(self._clock)
        async with self._database.session() as session:
            session.add(
                SessionRow(
                    token_hash=token_hash(token),
                    account=account.id,
                    created_at=now,
                    expires_at=now + self._session_ms,
                )
            )
            self._audit(session, f"account:{account.id}", "session.begin")
        return token

    async def end_session(self, token: str) -> None:
        """Sign out. Unknown tokens are ignored."""
        async with self._database.session() as session:
            row = await session.get(SessionRow, token_hash(token))
            if row is not None:
                self._audit(session, f"account:{row.account}", "session.end")
                await session.delete(row)

    async def create_token(self, actor: Actor, name: str) -> tuple[ApiTokenRow, str]:
        """Make an API token; the text is shown this once only."""
        account, token = actor.need_account(), draw_token()
        row = ApiTokenRow(
            id=draw(10),
            account=account.id,
            name=name,
            token_hash=token_hash(token),
            created_at=now_ms(self._clock),
        )
        async with self._database.session() as session:
            held = select(func.count()).select_from(ApiTokenRow).where(ApiTokenRow.account == account.id)
            if (await session.scalar(held) or 0) >= MAX_TOKENS:
                raise Conflict("This account has as many tokens as it may. Delete one first.")
            session.add(row)
            self._audit(session, actor.label, "token.create", token=row.id, name=name)
        return row, token

    async def tokens(self, actor: Actor) -> list[ApiTokenRow]:
        """The account's tokens, oldest first, without their text."""
        account = actor.need_account()
        async with self._database.reading() as session:
            query = select(ApiTokenRow).where(ApiTokenRow.account == account.id)
            return list(await session.scalars(query.order_by(ApiTokenRow.created_at)))

    async def delete_token(self, actor: Actor, id: str) -> None:
        """Revoke one of the account's own tokens; NotFound for others'."""
        account = actor.need_account()
        async with self._database.session() as session:
            row = await session.get(ApiTokenRow, id)
            if row is None or row.account != account.id:
                raise NotFound("You have no such token.")
            await session.delete(row)
            self._audit(session, actor.label, "token.delete", token=id)

    async def _add(self, new: NewAccount, *, role: str, actor: str, only_first: bool = False) -> Account:
        row = AccountRow(
            id=new_account_id(),
            handle=new.handle,
            name=new.name,
            role=role,
            password_hash=await self._passwords.hash(new.password),
            created_at=now_ms(self._clock),
        )
        async with self._database.session() as session:
            if only_first and await _any_account(session):
                raise Conflict("This site is set up already. Please sign in.")
            if await session.scalar(select(AccountRow.id).where(AccountRow.handle == new.handle)):
                raise Conflict("This handle is taken.")
            session.add(row)
            self._audit(session, actor, "account.create", handle=new.handle, role=role)
        return Account.of(row)

    def _audit(self, session: AsyncSession, actor: str, act: str, **detail: str) -> None:
        audit.record(session, at=now_ms(self._clock), actor=actor, act=act, space=None, **detail)


async def _any_account(session: AsyncSession) -> bool:
    return await session.scalar(select(AccountRow.id).limit(1)) is not None
