"""Accounts and one-time links as the API shows them."""

from __future__ import annotations

from typing import get_args

from rostra.bus.messages import Visibility
from rostra.control.api.people_shapes import AccountAnswer, AccountOut, GivenLinkOut, Mark, Role
from rostra.control.backstage import Backstage
from rostra.control.identity import Account, Actor, Credential
from rostra.control.invitations import GivenLink
from rostra.control.times import iso
from rostra.store.tables import AccountRow

ROLES: dict[str, Role] = {role: role for role in get_args(Role)}


async def accounts_out(backstage: Backstage, actor: Actor, rows: list[AccountRow]) -> list[AccountOut]:
    """These accounts as ``actor`` may see them, with the names of who verified or suspended them."""
    labels = {label for row in rows for label in (row.verified_by, row.suspended_by)}
    known = await backstage.accounts.names(labels)
    names = {label: each.name for label, each in known.items()}
    hosts = {
        state.host for state in backstage.announcer.states.values() if state.visibility is Visibility.PUBLIC
    }
    return [_account_out(row, names, email=_email(actor, row), public_page=row.id in hosts) for row in rows]


async def account_answer(backstage: Backstage, actor: Actor, row: AccountRow) -> AccountAnswer:
    """One account as an answer."""
    return AccountAnswer(account=(await accounts_out(backstage, actor, [row]))[0])


async def answer_of(backstage: Backstage, actor: Actor, account: Account) -> AccountAnswer:
    """The same, for an account of which only the basics are at hand."""
    return await account_answer(backstage, actor, await backstage.accounts.row(account.id))


async def own_answer(backstage: Backstage, account: Account) -> AccountAnswer:
    """Their own account, for whoever has just come in."""
    return await answer_of(backstage, Actor(Credential.SESSION, account), account)


def link_out(link: GivenLink) -> GivenLinkOut:
    return GivenLinkOut(url=link.url or None, mailed=link.mailed, expires_at=iso(link.expires_at))


def _email(actor: Actor, row: AccountRow) -> str | None:
    """A mail address, for its owner and for operators."""
    own = actor.account is not None and actor.account.id == row.id
    return row.email if own or actor.operates else None


def _account_out(
    row: AccountRow, names: dict[str, str], *, email: str | None, public_page: bool
) -> AccountOut:
    return AccountOut(
        id=row.id,
        handle=row.handle,
        name=row.name,
        role=ROLES[row.role],
        bio=row.bio,
        picture=row.picture,
        email=email,
        language=row.language,
        created_at=iso(row.created_at),
        verified=_mark(names, row.verified_at, row.verified_by),
        suspended=_mark(names, row.suspended_at, row.suspended_by, row.suspended_reason),
        public_page=public_page,
    )


def _mark(names: dict[str, str], at: int | None, by: str, reason: str = "") -> Mark | None:
    return None if at is None else Mark(by=names.get(by, ""), label=by, at=iso(at), reason=reason)
