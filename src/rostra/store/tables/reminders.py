"""Who is to be reminded. Columns only."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.store.tables.base import Table


class ReminderRow(Table):
    """Where somebody without an account wants to be reminded of a space, and what they were told so far."""

    __tablename__ = "reminders"
    __table_args__ = (
        Index("reminders_by_address", "space", "address_hash", unique=True),
        Index("reminders_by_turn", "space", "confirmed_at", "spot"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"))
    by: Mapped[str] = mapped_column(String(8))
    address: Mapped[str] = mapped_column(Text)
    """A push endpoint, or a mail address."""
    address_hash: Mapped[str] = mapped_column(String(64), index=True)
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(16))
    door: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[int] = mapped_column(index=True)
    confirmed_at: Mapped[int | None]
    """Of a mail address, by its owner; of a push subscription, at once."""
    asked_at: Mapped[int | None] = mapped_column(index=True)
    """Of a mail address, when its owner was asked, None while that waits; of a push subscription, at once."""
    asked: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Questions to that owner, those that wait among them."""
    spot: Mapped[int] = mapped_column(Integer)
    """Which millionth of a sending it is in."""
    told_start: Mapped[int]
    """The start that they know."""
    told_soon: Mapped[int]
    """The start that they were reminded of; 0 for none."""
    told_begun: Mapped[int]
    """1 once told, or not wanted."""
    told_moved: Mapped[str] = mapped_column(String(26))
    """The space that they were sent on to."""
    told_over: Mapped[int]
    """1 once told of the recording, or that it was called off."""
    failures: Mapped[int] = mapped_column(Integer)
    """In a row."""
    not_before: Mapped[int]
    """The next try is no earlier."""
