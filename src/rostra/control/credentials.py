"""Whose a credential is: a sign-in's cookie, an API token, the data folder's key, a link to a stage.

A link that nobody has come by yet is no better than whoever made it. Reads the database, never writes it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, Role
from rostra.control.floor import Place, may
from rostra.control.identity import Account, Actor, Credential, Link, admitted
from rostra.control.keys import same, token_hash
from rostra.control.links import INVITING
from rostra.control.permits import OPERATOR
from rostra.control.places import place_of_account
from rostra.core.errors import SignInNeeded, Suspended
from rostra.core.ids import AccountId, SpaceId
from rostra.store.tables import AccountRow, ApiTokenRow, ConsentRow, SessionRow, SpaceRow, SpeakerLinkRow

LEADING: Final = (Role.HOST, Role.COHOST)
"""Those who come by a link with such a role rule over a stage."""


async def by_session(session: AsyncSession, token: str, *, now: int) -> Actor:
    """The actor of a sign-in; SignInNeeded when it is unknown or over, Suspended."""
    row = await session.get(SessionRow, token_hash(token))
    if row is None or row.expires_at <= now:
        raise SignInNeeded
    account = admitted(await session.get_one(AccountRow, row.account))
    return Actor(Credential.SESSION, account=account, proved_at=row.proved_at)


async def by_bearer(session: AsyncSession, token: str, *, local_token: str) -> Actor:
    """The actor of ``Authorization: Bearer``: the data folder's token, an API token, or a speaker's link.

    SignInNeeded for what is none of these, Suspended for whoever is.
    """
    if same(local_token, token):
        first = await session.scalar(
            select(AccountRow)
            .where(AccountRow.role == OPERATOR, AccountRow.suspended_at.is_(None))
            .order_by(AccountRow.created_at)
            .limit(1)
        )
        return Actor(Credential.LOCAL, account=Account.of(first) if first else None)
    account = await session.scalar(
        select(AccountRow)
        .join(ApiTokenRow, ApiTokenRow.account == AccountRow.id)
        .where(ApiTokenRow.token_hash == token_hash(token))
    )
    if account is not None:
        return Actor(Credential.API_TOKEN, account=admitted(account))
    return await by_link(session, token)


async def by_link(
    session: AsyncSession, token: str, *, cookie: str | None = None, now: int | None = None
) -> Actor:
    """The actor of a speaker's link; SignInNeeded when there is no such link, or its owner has left.

    So it is while nobody has come by it and its maker is suspended, or may make none to lead any more.
    ``cookie`` is the sign-in of the browser that brings the link, if it has one. Suspended when that
    account is, or when the link was used by an account that is suspended by now.
    """
    row = await session.scalar(select(SpeakerLinkRow).where(SpeakerLinkRow.token_hash == token_hash(token)))
    if row is None or not (await is_in_use(session, row) or await _may_give(session, row)):
        raise SignInNeeded("This link or token is not valid. Ask the host for a new one.")
    owner = await session.get_one(AccountRow, row.account) if row.account else None
    if owner is not None and owner.deleted_at is not None:
        raise SignInNeeded("This link was for somebody who has left this site.")
    whose = admitted(owner).id if owner is not None else None
    link = Link(row.id, SpaceId(row.space), Role(row.role), row.name, whose)
    await _refuse_suspended_holder(session, link)
    signed_in = whose or await _signed_in(session, cookie, now=now)
    return Actor(Credential.LINK, link=link, signed_in=signed_in)


async def _signed_in(session: AsyncSession, cookie: str | None, *, now: int | None) -> AccountId | None:
    row = await session.get(SessionRow, token_hash(cookie)) if cookie else None
    if row is None or (now is not None and row.expires_at <= now):
        return None
    return admitted(await session.get_one(AccountRow, row.account)).id


async def _refuse_suspended_holder(session: AsyncSession, link: Link) -> None:
    holder = await session.scalar(
        select(AccountRow.id)
        .join(ConsentRow, ConsentRow.account == AccountRow.id)
        .where(
            ConsentRow.space == link.space,
            ConsentRow.person == f"link:{link.id}",
            AccountRow.suspended_at.is_not(None),
        )
        .limit(1)
    )
    if holder is not None:
        raise Suspended


async def is_in_use(session: AsyncSession, link: SpeakerLinkRow) -> bool:
    """Whether somebody accepted to be heard by it: then it is theirs, whatever becomes of its maker."""
    theirs = ConsentRow.space == link.space, ConsentRow.person == f"link:{link.id}"
    return await session.scalar(select(ConsentRow.id).where(*theirs).limit(1)) is not None


async def _may_give(session: AsyncSession, link: SpeakerLinkRow) -> bool:
    """Whether whoever made a link is not suspended and, where it lets somebody lead, may still make it.

    A co-host who may have made it as acting host need not act any more. Who writes captions accepts nothing
    to be heard, so that no link of theirs is ever in use: none ends in the middle of a programme.
    """
    maker = await session.get(AccountRow, link.created_by) if link.created_by else None
    if maker is None:
        return True
    space = await session.get_one(SpaceRow, link.space)
    if link.role == Role.CAPTIONER and space.lifecycle == Lifecycle.LIVE:
        return True
    if maker.suspended_at is not None:
        return False
    if link.role not in LEADING:
        return True
    place = place_of_account(maker, space)
    return may(INVITING[Role(link.role)], Place.ACTING if place is Place.COHOST else place)
