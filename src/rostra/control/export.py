"""Everything that is stored about one account, as one JSON document.

Secrets stay out, and so does what is between operators and moderators, and may tell of others: why somebody
was suspended, and a report before it is decided, or in its author's words. So do reminders: they belong to
no account, and nobody has shown that the mail address in theirs is their own. Of other people there is what
one wrote oneself, and else their ids. Hold music is named by its file, which is too large for a document. An
export is an act like any other, and audited.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, and_, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control import audit
from rostra.control.accounts import find_account
from rostra.control.epochs import HEAR
from rostra.control.identity import Actor
from rostra.control.lifecycle import UNFINISHED
from rostra.control.permits import Ruling
from rostra.control.reports import OPEN
from rostra.control.times import iso, now_ms
from rostra.control.traces import Traces, notices_of, traces_of
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
    MuteRow,
    NoticeRow,
    PasskeyRow,
    ReportRow,
    RequestRow,
    ReservedLinkRow,
    ResetRow,
    SessionRow,
    SoundCheckRow,
    SpaceRow,
    SpeakerLinkRow,
    Table,
)

_SECRET: Final = frozenset({"password_hash", "token_hash", "passphrase_hash", "credential", "public_key"})
"""Left out: of no use to their owner, and of some to a thief."""
_BETWEEN_OPERATORS: Final = frozenset({"suspended_reason"})
_LEFT_OUT: Final = {
    "spaces": {"seats", "host_was", "acting_person", "locked_by", "ending_by", "ending_reason"},
    "links_made": {"account"},
    "blocks_made": {"person", "account", "browsers", "took"},
    "requests_to_speak": {"request"},
    "verdicts": {"text", "note", "handled_by"},
    "audit_of_verdicts": {"actor"},
}
"""By part: who others are, the hash of a link, what is between whoever reported and whoever decided."""
_PCM: Final = "signed 16-bit little-endian, mono, 48000 Hz"
_NOT_OF_RECORD: Final = frozenset({"reason", "note"})
"""Details of the record that are between operators and moderators."""


class Export:
    """Collects what is known of an account."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def own(self, actor: Actor) -> dict[str, Any]:
        """Everything about whoever asks."""
        async with self._database.session() as session:
            row = await session.get_one(AccountRow, actor.need_account().id)
            return await self._told(session, actor, row)

    async def of(self, actor: Actor, handle: str) -> dict[str, Any]:
        """Everything about one account. For operators; ProofNeeded."""
        actor.need(Ruling.EXPORT)
        actor.need_proof(now=now_ms(self._clock))
        async with self._database.session() as session:
            return await self._told(session, actor, await find_account(session, handle))

    async def _told(self, session: AsyncSession, actor: Actor, row: AccountRow) -> dict[str, Any]:
        at = now_ms(self._clock)
        audit.record(session, at=at, actor=actor.label, act="account.export", account=row.id)
        return await _collect(session, row)


async def _collect(session: AsyncSession, row: AccountRow) -> dict[str, Any]:
    traces = await traces_of(session, row.id)
    document: dict[str, Any] = {"account": _plain(row, "account")}
    for name, query in _parts(row, traces).items():
        document[name] = [_plain(each, name) for each in await session.scalars(query)]
    document["seats"] = await _seats(session, traces)
    document["hold_music"] = await _hold_music(session, row)
    return document


def _parts(row: AccountRow, traces: Traces) -> dict[str, Select[Any]]:
    """Their rows of each table, under the names that the document gives them."""
    account, label, people = traces.account, traces.label, traces.people
    hosted = select(SpaceRow.id).where(SpaceRow.host == account)
    decided = select(ReportRow.id).where(ReportRow.id.in_(traces.reports), ReportRow.state != OPEN)
    reported = func.coalesce(AuditRow.detail["report"].as_string(), "")
    judged = and_(reported.in_(decided), AuditRow.actor.not_in(people))
    return {
        "sessions": select(SessionRow).where(SessionRow.account == account),
        "api_tokens": select(ApiTokenRow).where(ApiTokenRow.account == account),
        "passkeys": select(PasskeyRow).where(PasskeyRow.account == account),
        "resets": select(ResetRow).where(ResetRow.account == account),
        "spaces": select(SpaceRow).where(SpaceRow.host == account),
        "notices": select(NoticeRow).where(notices_of(row)),
        "invitations_made": select(InvitationRow).where(InvitationRow.created_by == label),
        "invited": select(InvitedRow).where(InvitedRow.space.in_(hosted)),
        "invited_to": select(InvitedRow).where(InvitedRow.account == account),
        "links_made": select(SpeakerLinkRow).where(SpeakerLinkRow.created_by == account),
        "links_given": select(SpeakerLinkRow).where(SpeakerLinkRow.id.in_(traces.links)),
        "reserved_links": select(ReservedLinkRow).where(ReservedLinkRow.space.in_(hosted)),
        "consents": select(ConsentRow).where(traces.of(ConsentRow)),
        "requests_to_speak": select(RequestRow).where(RequestRow.account == account),
        "mutes": select(MuteRow).where(MuteRow.speaker.in_(traces.speakers)),
        "blocks_made": select(BlockRow).where(or_(BlockRow.by.in_(people), BlockRow.host == account)),
        "blocked": select(BlockRow).where(traces.of(BlockRow)),
        "verdicts": select(ReportRow).where(ReportRow.id.in_(decided)),
        "sound_checks": select(SoundCheckRow).where(traces.of(SoundCheckRow)),
        "audit": select(AuditRow).where(
            or_(
                AuditRow.actor.in_(people),
                AuditRow.detail["account"].as_string() == account,
                AuditRow.detail["link"].as_string().in_(traces.links),
                AuditRow.detail["speaker"].as_string().in_(traces.speakers),
            ),
            not_(judged),
        ),
        "audit_of_verdicts": select(AuditRow).where(judged, AuditRow.act != HEAR),
    }


async def _hold_music(session: AsyncSession, row: AccountRow) -> list[dict[str, Any]]:
    """The music that they gave their spaces: where in the data folder it lies, until the space is over."""
    has_one = and_(SpaceRow.hold_ms > 0, SpaceRow.lifecycle.in_([each.value for each in UNFINISHED]))
    query = select(SpaceRow).where(SpaceRow.host == row.id, has_one)
    return [
        {"space": each.id, "duration_ms": each.hold_ms, "file": f"hold/{each.id}.pcm", "format": _PCM}
        for each in await session.scalars(query)
    ]


async def _seats(session: AsyncSession, traces: Traces) -> list[dict[str, Any]]:
    """What they became on stages, acted for, or locked; of whose stages nothing else is told."""
    led = select(SpeakerLinkRow.space).where(SpeakerLinkRow.id.in_(traces.links))
    spoke = select(ConsentRow.space).where(traces.of(ConsentRow))
    query = select(SpaceRow).where(
        or_(
            SpaceRow.seats[traces.label].as_string().is_not(None),
            SpaceRow.id.in_(led),
            SpaceRow.id.in_(spoke),
            SpaceRow.acting_person.in_(traces.people),
            SpaceRow.locked_by.in_(traces.people),
        )
    )
    found = []
    for space in await session.scalars(query):
        became = [role for person, role in space.seats.items() if person in traces.people]
        acts, locked = space.acting_person in traces.people, space.locked_by in traces.people
        if became or acts or locked:
            found.append({"space": space.id, "became": became, "acts_as_host": acts, "locked_it": locked})
    return found


def _plain(row: Table, part: str) -> dict[str, Any]:
    left_out = _SECRET | _BETWEEN_OPERATORS | _LEFT_OUT.get(part, set())
    values = {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}
    return {key: _readable(key, value) for key, value in values.items() if key not in left_out}


def _readable(key: str, value: Any) -> Any:
    """Times are written as ISO 8601; what has not happened is null."""
    if key == "detail":
        return {name: each for name, each in value.items() if name not in _NOT_OF_RECORD}
    if isinstance(value, int) and (key == "at" or key.endswith("_at")):
        return iso(value) if value else None
    return value
