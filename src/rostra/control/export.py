"""Everything that is stored about one account, as one JSON document.

Secrets stay out, and so does why somebody was suspended: that is between operators and moderators,
and may tell of others. So do reminders: they belong to no account, and nobody has shown that the mail
address in theirs is their own. An export of somebody else is an act like any other, and audited.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control import audit
from rostra.control.accounts import find_account
from rostra.control.identity import Actor
from rostra.control.permits import Ruling
from rostra.control.times import iso, now_ms
from rostra.core.clock import Clock
from rostra.store.database import Database
from rostra.store.tables import (
    AccountRow,
    ApiTokenRow,
    AuditRow,
    BlockRow,
    ConsentRow,
    InvitationRow,
    InvitedRow,
    NoticeRow,
    PasskeyRow,
    RequestRow,
    ReservedLinkRow,
    ResetRow,
    SessionRow,
    SoundCheckRow,
    SpaceRow,
    SpeakerLinkRow,
    Table,
)

_SECRET = frozenset({"password_hash", "token_hash", "passphrase_hash", "credential", "public_key"})
"""Left out: of no use to their owner, and of some to a thief."""
_BETWEEN_OPERATORS = frozenset({"suspended_reason"})


class Export:
    """Collects what is known of an account."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def own(self, actor: Actor) -> dict[str, Any]:
        """Everything about whoever asks."""
        async with self._database.reading() as session:
            return await _collect(session, await session.get_one(AccountRow, actor.need_account().id))

    async def of(self, actor: Actor, handle: str) -> dict[str, Any]:
        """Everything about one account. For operators; ProofNeeded."""
        actor.need(Ruling.EXPORT)
        actor.need_proof(now=now_ms(self._clock))
        async with self._database.session() as session:
            row = await find_account(session, handle)
            at = now_ms(self._clock)
            audit.record(session, at=at, actor=actor.label, act="account.export", account=row.id)
            return await _collect(session, row)


async def _collect(session: AsyncSession, row: AccountRow) -> dict[str, Any]:
    label = f"account:{row.id}"
    hosted = select(SpaceRow.id).where(SpaceRow.host == row.id)
    parts = {
        "sessions": select(SessionRow).where(SessionRow.account == row.id),
        "api_tokens": select(ApiTokenRow).where(ApiTokenRow.account == row.id),
        "passkeys": select(PasskeyRow).where(PasskeyRow.account == row.id),
        "spaces": select(SpaceRow).where(SpaceRow.host == row.id),
        "notices": select(NoticeRow).where(NoticeRow.account == row.id),
        "invitations_made": select(InvitationRow).where(InvitationRow.created_by == label),
        "links_made": select(SpeakerLinkRow).where(SpeakerLinkRow.created_by == row.id),
        "links_given": select(SpeakerLinkRow).where(SpeakerLinkRow.account == row.id),
        "reserved_links": select(ReservedLinkRow).where(ReservedLinkRow.space.in_(hosted)),
        "invited_to": select(InvitedRow).where(InvitedRow.account == row.id),
        "consents": select(ConsentRow).where(or_(ConsentRow.account == row.id, ConsentRow.person == label)),
        "requests_to_speak": select(RequestRow).where(RequestRow.account == row.id),
        "blocked": select(BlockRow).where(BlockRow.account == row.id),
        "sound_checks": select(SoundCheckRow).where(
            or_(SoundCheckRow.account == row.id, SoundCheckRow.person == label)
        ),
        "resets": select(ResetRow).where(ResetRow.account == row.id),
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
    left_out = _SECRET | _BETWEEN_OPERATORS
    return {key: _readable(key, value) for key, value in values.items() if key not in left_out}


def _readable(key: str, value: Any) -> Any:
    """Times are written as ISO 8601; what has not happened is null."""
    if key == "detail":
        return {name: each for name, each in value.items() if name != "reason"}
    if isinstance(value, int) and (key == "at" or key.endswith("_at")):
        return iso(value) if value else None
    return value
