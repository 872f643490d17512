"""The one site. Columns only."""

from __future__ import annotations

from sqlalchemy import Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.store.tables.base import Table


class SiteRow(Table):
    """What the operator calls this site and says about it. At most one row, numbered 1."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    color: Mapped[str] = mapped_column(String(7))
    logo: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text)
    imprint: Mapped[str] = mapped_column(Text)
    terms: Mapped[str] = mapped_column(Text)
    open_sign_up: Mapped[bool] = mapped_column(Boolean)


class EdgePaceRow(Table):
    """How often listeners are written to, once an operator has said it. At most one row, numbered 1."""

    __tablename__ = "edge_pace"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    cadence: Mapped[int] = mapped_column(Integer)
    cohorts: Mapped[int] = mapped_column(Integer)
    from_ms: Mapped[int]
