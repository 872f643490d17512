"""Accounts: made, found, described, given a verified mark.

Hashes what is secret. Signing in is in :mod:`.sessions`, roles are in :mod:`.roles`, suspension is in
:mod:`.suspension`, and leaving for good in :mod:`.departures`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control import audit
from rostra.control.announcer import Announcer, count_change
from rostra.control.identity import Account, Actor, as_of_now
from rostra.control.keys import ensure_token, same, setup_token_path
from rostra.control.names import normalised
from rostra.control.passwords import Passwords
from rostra.control.permits import MEMBER, OPERATOR, Ruling
from rostra.control.sessions import end_all, end_every_way_in
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, NotAllowed, NotFound
from rostra.core.ids import AccountId, new_account_id
from rostra.core.settings import Settings
from rostra.store.database import Database
from rostra.store.folding import fold, folded
from rostra.store.tables import AccountRow, ResetRow

RESERVED = frozenset({"invitations"})
"""Handles that would be mistaken for an address of the API."""


class LastOperator(Conflict):
    """This is the last operator of this site. Make somebody else an operator first."""

    code = "last_operator"


class UnknownAccount(NotFound):
    """There is no account with this handle."""

    code = "unknown_account"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What it takes to make an account."""

    handle: str
    name: str
    password: str
    email: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What may be changed of one's own account; ``None`` leaves it."""

    name: str | None = None
    bio: str | None = None
    picture: str | None = None
    """As :mod:`.pictures` drew it."""
    email: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Some accounts, by handle, and the handle after which the next page begins."""

    accounts: list[AccountRow]
    next: str | None


class Accounts:
    """Everything about people who sign in."""

    def __init__(
        self,
        database: Database,
        announcer: Announcer,
        *,
        settings: Settings,
        clock: Clock,
        passwords: Passwords,
    ) -> None:
        self._database = database
        self._announcer = announcer
        self._setup_path: Path = setup_token_path(settings.data)
        self._clock = clock
        self._passwords = passwords

    async def open(self) -> None:
        """Leave a setup token on disk while there is no account."""
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
        account = await self.add(new, role=OPERATOR, actor="setup", only_first=True)
        self.drop_setup_token()
        return account

    async def create(self, actor: Actor, new: NewAccount, role: str) -> Account:
        """Make an account. Only for operators; Conflict as in :func:`add_account`.

        ProofNeeded for one that rules over others.
        """
        actor.need_operator()
        if role != MEMBER:
            actor.need_proof(now=now_ms(self._clock))
        password_hash = await self._passwords.hash(new.password)
        async with self._database.session() as session:
            (await as_of_now(session, actor)).need_operator()
            account = await add_account(
                session,
                new,
                role=role,
                password_hash=password_hash,
                actor=actor.label,
                now=now_ms(self._clock),
            )
        self.drop_setup_token()
        return account

    def drop_setup_token(self) -> None:
        """Leave no setup token on disk, once there is an operator: nobody can set up by it any more."""
        self._setup_path.unlink(missing_ok=True)

    async def add(self, new: NewAccount, *, role: str, actor: str, only_first: bool = False) -> Account:
        """Make an account for somebody whose right to one was checked; Conflict when the handle is taken."""
        password_hash = await self._passwords.hash(new.password)
        async with self._database.session() as session:
            if only_first and await _any_account(session):
                raise Conflict("This site is set up already. Please sign in.")
            return await add_account(
                session, new, role=role, password_hash=password_hash, actor=actor, now=now_ms(self._clock)
            )

    async def page(self, actor: Actor, *, search: str, limit: int, after: str) -> People:
        """Accounts whose handle or name holds ``search``, whatever its case and marks, by handle.

        For operators and moderators.
        """
        actor.need(Ruling.LOOK)
        query = select(AccountRow).where(AccountRow.deleted_at.is_(None), AccountRow.handle > after)
        if search:
            held = fold(search)
            names = folded(AccountRow.name).contains(held, autoescape=True)
            query = query.where(or_(AccountRow.handle.contains(held, autoescape=True), names))
        async with self._database.reading() as session:
            rows = list(await session.scalars(query.order_by(AccountRow.handle).limit(limit + 1)))
        return People(rows[:limit], rows[limit - 1].handle if len(rows) > limit else None)

    async def look_up(self, actor: Actor, handle: str) -> AccountRow:
        """One account, for operators and moderators; UnknownAccount."""
        actor.need(Ruling.LOOK)
        async with self._database.reading() as session:
            return await find_account(session, handle)

    async def own(self, actor: Actor) -> AccountRow:
        """The account of whoever asks."""
        return await self.row(actor.need_account().id)

    async def row(self, account: AccountId) -> AccountRow:
        """An account that is known to exist."""
        async with self._database.reading() as session:
            return await session.get_one(AccountRow, account)

    async def names(self, labels: set[str]) -> dict[str, AccountRow]:
        """The accounts behind the audit's ``account:<id>`` labels, by label."""
        ids = [label.removeprefix("account:") for label in labels if label.startswith("account:")]
        async with self._database.reading() as session:
            rows = await session.scalars(select(AccountRow).where(AccountRow.id.in_(ids)))
            return {f"account:{row.id}": row for row in rows}

    async def describe(self, actor: Actor, change: Profile) -> AccountRow:
        """Change one's own name, bio, picture, mail address, language; pages follow at once.

        A verified mark was given to the name that one had: another name is without it. ProofNeeded for
        another mail address: whoever reads its mails sets the password. Links mailed to the one before end.
        BadName, but for the name that they have.
        """
        async with self._database.session() as session:
            row = await session.get_one(AccountRow, actor.need_account().id)
            if change.name is not None and change.name != row.name:
                change = replace(change, name=normalised(change.name))
            changed = [field for field in Profile.__slots__ if _changes(row, field, getattr(change, field))]
            if "email" in changed:
                actor.need_proof(now=now_ms(self._clock))
                await session.execute(delete(ResetRow).where(ResetRow.account == row.id))
            for field in changed:
                setattr(row, field, getattr(change, field))
            if changed:
                self._audit(session, actor, "account.describe", row, fields=", ".join(changed))
            if "name" in changed and row.verified_at is not None:
                row.verified_at, row.verified_by = None, ""
                self._audit(session, actor, "account.unverify", row, why="renamed")
            spaces = await count_change(session, AccountId(row.id)) if "name" in changed else []
        await self._announcer.announce_each(spaces)
        return row

    async def reset_password(self, actor: Actor, handle: str, password: str) -> Account:
        """Set a new password and end every other way into that account. For operators; ProofNeeded."""
        actor.need(Ruling.RESET)
        actor.need_proof(now=now_ms(self._clock))
        password_hash = await self._passwords.hash(password)
        async with self._database.session() as session:
            (await as_of_now(session, actor)).need(Ruling.RESET)
            row = await find_account(session, handle)
            row.password_hash = password_hash
            await end_every_way_in(session, AccountId(row.id))
            self._audit(session, actor, "account.password", row)
            return Account.of(row)

    async def change_password(self, actor: Actor, current: str, new: str) -> Account:
        """Set one's own password, knowing the present one or proved lately; ends the account's sign-ins."""
        row = await self.confirm(actor, current)
        password_hash = await self._passwords.hash(new)
        async with self._database.session() as session:
            await as_of_now(session, actor)
            row = await session.get_one(AccountRow, row.id)
            row.password_hash = password_hash
            await end_all(session, AccountId(row.id), tokens=False)
            self._audit(session, actor, "account.password", row)
            return Account.of(row)

    async def confirm(self, actor: Actor, password: str) -> AccountRow:
        """Return the account of whoever asks once ``password`` is theirs; NotAllowed.

        Without one, a proof that they gave lately will do; ProofNeeded.
        """
        row = await self.own(actor)
        if not password:
            actor.need_proof(now=now_ms(self._clock))
        elif not await self._passwords.matches(row.password_hash, password):
            raise NotAllowed("This is not your present password.")
        return row

    async def set_verified(self, actor: Actor, handle: str, *, verified: bool) -> AccountRow:
        """Give or take the verified mark, keeping who gave it and when; pages follow at once."""
        async with self._database.session() as session:
            row = await find_account(session, handle)
            actor.need(Ruling.VERIFY, row.role)
            if (row.verified_at is not None) == verified:
                return row
            row.verified_at = now_ms(self._clock) if verified else None
            row.verified_by = actor.label if verified else ""
            self._audit(session, actor, "account.verify" if verified else "account.unverify", row)
            spaces = await count_change(session, AccountId(row.id))
        await self._announcer.announce_each(spaces)
        return row

    def _audit(self, session: AsyncSession, actor: Actor, act: str, row: AccountRow, **detail: str) -> None:
        at = now_ms(self._clock)
        label = actor.label
        audit.record(session, at=at, actor=label, act=act, space=None, account=row.id, **detail)


async def find_account(session: AsyncSession, handle: str) -> AccountRow:
    """Return the account with this handle; UnknownAccount."""
    row = await session.scalar(
        select(AccountRow).where(AccountRow.handle == handle, AccountRow.deleted_at.is_(None))
    )
    if row is None:
        raise UnknownAccount
    return row


async def add_account(
    session: AsyncSession,
    new: NewAccount,
    *,
    role: str,
    password_hash: str,
    actor: str,
    now: int,
    email: str = "",
) -> Account:
    """Add an account inside a transaction; BadName; Conflict: its handle is taken, the first is no operator.

    ``actor`` empty: themselves.
    """
    await need_operator_first(session, role)
    taken = await session.scalar(select(AccountRow.id).where(AccountRow.handle == new.handle))
    if taken or new.handle in RESERVED:
        raise Conflict("This handle is taken.", field="handle")
    row = AccountRow(
        id=new_account_id(),
        handle=new.handle,
        name=normalised(new.name),
        role=role,
        password_hash=password_hash,
        created_at=now,
        email=email or new.email,
        language=new.language,
    )
    session.add(row)
    actor = actor or f"account:{row.id}"
    audit.record(session, at=now, actor=actor, act="account.create", account=row.id, role=role)
    await session.flush()
    return Account.of(row)


async def need_operator_first(session: AsyncSession, role: str) -> None:
    """Raise Conflict if the first account of this site were one with ``role``, and that is no operator."""
    if role != OPERATOR and not await _any_account(session):
        raise Conflict("This site is not set up yet: its first account must be an operator's.")


async def need_another_operator(session: AsyncSession, row: AccountRow) -> None:
    """Raise LastOperator if without ``row`` nobody would operate this site."""
    if row.role != OPERATOR:
        return
    others = select(func.count(AccountRow.id)).where(
        AccountRow.role == OPERATOR,
        AccountRow.id != row.id,
        AccountRow.suspended_at.is_(None),
        AccountRow.deleted_at.is_(None),
    )
    if not await session.scalar(others):
        raise LastOperator


def _changes(row: AccountRow, field: str, value: str | None) -> bool:
    return value is not None and value != getattr(row, field)


async def _any_account(session: AsyncSession) -> bool:
    return await session.scalar(select(AccountRow.id).limit(1)) is not None
