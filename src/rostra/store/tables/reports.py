"""What was reported, and what was done. Columns only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.store.tables.base import Table


class ReportRow(Table):
    """What somebody in the audience asked the operators to look at. Nothing in it says who they are."""

    __tablename__ = "reports"
    __table_args__ = (Index("reports_by_state", "state", "at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the secret with which its author follows the outcome."""
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    run: Mapped[str | None] = mapped_column(String(26))
    """The tape that ``at_s`` is a second of, where there was one."""
    subject: Mapped[str] = mapped_column(String(16))
    speaker: Mapped[str] = mapped_column(String(26))
    notice: Mapped[str] = mapped_column(String(26))
    about: Mapped[str] = mapped_column(Text)
    """The speaker's name, the notice's text or the title, as it was then."""
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    """Whose it is, where that is an account."""
    grounds: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    at_s: Mapped[int]
    at: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    """``open``, or what came of it."""
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What its author is told."""
    handled_at: Mapped[int | None]
    handled_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """As the audit names them."""


class AuditRow(Table):
    """Who did what, when. Only ever added to."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[int]
    actor: Mapped[str] = mapped_column(String(40))
    act: Mapped[str] = mapped_column(String(40))
    space: Mapped[str | None] = mapped_column(String(26), index=True)
    detail: Mapped[dict[str, Any]]
