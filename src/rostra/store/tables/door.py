"""What operators and hosts ordered of the door. Columns only."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from rostra.store.tables.base import Table


class DoorOrderRow(Table):
    """What an operator ordered of the door for all spaces. At most one row, numbered 1."""

    __tablename__ = "door_order"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    places: Mapped[int | None]
    """By hand; None: as measured, or as the settings say."""
    rung: Mapped[str] = mapped_column(String(16))
    """By hand; empty: by itself."""
    seen: Mapped[str] = mapped_column(String(16))
    """The rung that the record told last; empty: none."""


class SpaceOrderRow(Table):
    """What was ordered of the door for one space."""

    __tablename__ = "space_orders"

    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    places: Mapped[int | None]
    reserved: Mapped[int]
    key: Mapped[bytes] = mapped_column(LargeBinary)
    """Signs its reserved links; unlike the keys of passes it never turns."""


class ReservedLinkRow(Table):
    """A link that holds places set apart in a space."""

    __tablename__ = "reserved_links"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    """Hexadecimal."""
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    """Whom it is for."""
    places: Mapped[int]
    created_at: Mapped[int]
