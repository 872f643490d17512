"""The tables of backstage. Columns only; what they mean together is decided in ``control``.

Times are integer UTC milliseconds. Secrets are never stored: of sessions, API tokens and speakers'
links only the SHA-256 is kept, of passwords an argon2id hash. A change here needs a migration.
"""

from __future__ import annotations

from rostra.store.tables.accounts import (
    AccountRow,
    ApiTokenRow,
    InvitationRow,
    PasskeyRow,
    ResetRow,
    SessionRow,
)
from rostra.store.tables.base import Table
from rostra.store.tables.door import DoorOrderRow, ReservedLinkRow, SpaceOrderRow
from rostra.store.tables.floor import BlockRow, MuteRow, RequestRow
from rostra.store.tables.reminders import ReminderRow
from rostra.store.tables.reports import AuditRow, ReportRow
from rostra.store.tables.site import EdgePaceRow, SiteRow
from rostra.store.tables.spaces import NoticeRow, SpaceRow
from rostra.store.tables.stage import ConsentRow, InvitedRow, SoundCheckRow, SpeakerLinkRow

__all__ = [
    "AccountRow",
    "ApiTokenRow",
    "AuditRow",
    "BlockRow",
    "ConsentRow",
    "DoorOrderRow",
    "EdgePaceRow",
    "InvitationRow",
    "InvitedRow",
    "MuteRow",
    "NoticeRow",
    "PasskeyRow",
    "ReminderRow",
    "ReportRow",
    "RequestRow",
    "ReservedLinkRow",
    "ResetRow",
    "SessionRow",
    "SiteRow",
    "SoundCheckRow",
    "SpaceOrderRow",
    "SpaceRow",
    "SpeakerLinkRow",
    "Table",
]
