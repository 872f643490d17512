"""Who asked to speak, and who was kept from it. Columns only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from rostra.store.tables.base import Table


class RequestRow(Table):
    """A listener asked to speak."""

    __tablename__ = "floor_requests"
    __table_args__ = (Index("floor_requests_by_space", "space", "at"),)

    request: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of a secret of theirs, which is their link once they are accepted."""
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text)
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    browser: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[int]
    decided_at: Mapped[int] = mapped_column(default=0, server_default="0")
    led_to: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """What came of it once it was accepted: ``came`` to the stage, or ``lapsed``; empty until then."""


class BlockRow(Table):
    """Somebody may not come to a stage, or to any of one host: by person, account and browsers."""

    __tablename__ = "blocks"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    host: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    everywhere: Mapped[bool]
    """On every stage of that host."""
    person: Mapped[str] = mapped_column(String(80))
    """``account:<id>``, ``link:<id>`` or ``request:<hash>``."""
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    browsers: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The SHA-256 of each, a space between; empty when none is known."""
    took: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """``{space: [person]}``: the seats that it took, theirs again once it is lifted."""
    name: Mapped[str] = mapped_column(String(80))
    by: Mapped[str] = mapped_column(String(40))
    """As the audit names them."""
    at: Mapped[int]


class MuteRow(Table):
    """A speaker whom the stage keeps silent as long as the row is there, for themselves, a host, or both."""

    __tablename__ = "mutes"

    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    speaker: Mapped[str] = mapped_column(String(26), primary_key=True)
    own: Mapped[bool] = mapped_column(default=False, server_default=false())
    """They muted themselves: nobody else opens their microphone."""
    by_host: Mapped[bool]
    """A host, a co-host or an operator did it: the speaker cannot undo it."""
    at: Mapped[int]
