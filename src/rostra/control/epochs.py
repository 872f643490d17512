"""Ends passes: raises the epoch of spaces, inside the transaction of the act that is the reason.

A pass names nobody whom the door knows, so all passes of a space end together; whoever may still
enter gets a new one. Announces nothing: the caller does, after the transaction.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import RecordingPolicy, Visibility
from rostra.control.permits import OPERATOR
from rostra.core.ids import SpaceId
from rostra.store.tables import AccountRow, AuditRow, ConsentRow, InvitedRow, SpaceRow, SpeakerLinkRow

HEAR: Final = "report.hear"
"""What the record calls a pass given to hear what was reported."""
HEARING_S: Final = 900
"""So long does such a pass let its bearer ask for the audio; what plays by then plays on."""


def end_passes(row: SpaceRow) -> None:
    """End all passes to one space."""
    row.pass_epoch += 1
    row.revision += 1


def end_previews(row: SpaceRow) -> None:
    """End them where a recording is held: whoever was its host would hear it before it is released."""
    if row.recording_policy == RecordingPolicy.HOLD:
        end_passes(row)


async def end_passes_of(session: AsyncSession, account: AccountRow, *, now: int) -> list[SpaceId]:
    """End the passes to every space that backstage may have let ``account`` into; return those spaces.

    What they entered by a passphrase is theirs as long as they know it. ``now`` is in UTC milliseconds.
    """
    return await _end_passes_to(session, _entered_by(account, now=now))


async def end_hearings_of(session: AsyncSession, account: AccountRow, *, now: int) -> list[SpaceId]:
    """End the passes to every space of which ``account`` may hear what was reported; return those spaces."""
    return await _end_passes_to(session, _heard_by(account, now=now))


async def _end_passes_to(session: AsyncSession, which: ColumnElement[bool]) -> list[SpaceId]:
    passes_matter = or_(
        SpaceRow.visibility == Visibility.PRIVATE, SpaceRow.recording_policy == RecordingPolicy.HOLD
    )
    ended = await session.scalars(
        update(SpaceRow)
        .where(passes_matter, which)
        .values(pass_epoch=SpaceRow.pass_epoch + 1, revision=SpaceRow.revision + 1)
        .returning(SpaceRow.id)
        .execution_options(synchronize_session=False)
    )
    return [SpaceId(space) for space in ended]


def _entered_by(account: AccountRow, *, now: int) -> ColumnElement[bool]:
    if account.role == OPERATOR:
        return true()
    return or_(
        SpaceRow.host == account.id,
        SpaceRow.id.in_(select(InvitedRow.space).where(InvitedRow.account == account.id)),
        SpaceRow.id.in_(select(ConsentRow.space).where(ConsentRow.account == account.id)),
        SpaceRow.id.in_(select(SpeakerLinkRow.space).where(SpeakerLinkRow.created_by == account.id)),
        _heard_by(account, now=now),
    )


def _heard_by(account: AccountRow, *, now: int) -> ColumnElement[bool]:
    heard = select(AuditRow.space).where(
        AuditRow.actor == f"account:{account.id}",
        AuditRow.act == HEAR,
        AuditRow.at > now - HEARING_S * 1_000,
    )
    return SpaceRow.id.in_(heard)
