"""Everything that is stored about one account, as one JSON document. Reads only; secrets stay out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control.accounts import find_account
from rostra.control.identity import Actor
from rostra.control.permits import Ruling
from rostra.control.times import iso
from rostra.store.database import Database
from rostra.store.tables import (
    AccountRow,
    ApiTokenRow,
    AuditRow,
    ConsentRow,
    InvitedRow,
    NoticeRow,
    PasskeyRow,
    SessionRow,
    SpaceRow,
    SpeakerLinkRow,
    Table,
)

_SECRET = frozenset({"password_hash", "token_hash", "passphrase_hash", "credential", "public_key"})
"""Left out: of no use to their owner, and of some to a thief."""


class Export:
    """Collects what is known of an account."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def own(self, actor: Actor) -> dict[str, Any]:
        """Everything about whoever asks."""
        async with self._database.reading() as session:
            return await _collect(session, await session.get_one(AccountRow, actor.need_account().id))

    async def of(self, actor: Actor, handle: str) -> dict[str, Any]:
        """Everything about one account. For operators."""
        actor.need(Ruling.EXPORT)
        async with self._database.reading() as session:
            return await _collect(session, await find_account(session, handle))


async def _collect(session: AsyncSession, row: AccountRow) -> dict[str, Any]:
    label = f"account:{row.id}"
    hosted = select(SpaceRow.id).where(SpaceRow.host == row.id)
    parts = {
        "sessions": select(SessionRow).where(SessionRow.account == row.id),
        "api_tokens": select(ApiTokenRow).where(ApiTokenRow.account == row.id),
        "passkeys": select(PasskeyRow).where(PasskeyRow.account == row.id),
        "spaces": select(SpaceRow).where(SpaceRow.host == row.id),
        "notices": select(NoticeRow).where(NoticeRow.space.in_(hosted)),
        "links_made": select(SpeakerLinkRow).where(SpeakerLinkRow.created_by == row.id),
        "invited_to": select(InvitedRow).where(InvitedRow.account == row.id),
        "consents": select(ConsentRow).where(or_(ConsentRow.account == row.id, ConsentRow.person == label)),
        "audit": select(AuditRow).where(
            or_(AuditRow.actor == label, AuditRow.detail["account"].as_string() == row.id)
        ),
    }
    document: dict[str, Any] = {"account": _plain(row)}
    for name, query in parts.items():
        document[name] = [_plain(each) for each in await session.scalars(query)]
    return document


def _plain(row: Table) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}
    return {key: _readable(key, value) for key, value in values.items() if key not in _SECRET}


def _readable(key: str, value: Any) -> Any:
    """Times are written as ISO 8601; what has not happened is null."""
    if isinstance(value, int) and (key == "at" or key.endswith("_at")):
        return iso(value) if value else None
    return value
