"""Who may speak, by which link, and what they agreed to and tried. Columns only."""

from __future__ import annotations

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rostra.store.tables.base import Table


class InvitedRow(Table):
    """An account that may enter a private space."""

    __tablename__ = "invited"

    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    account: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[int]


class SpeakerLinkRow(Table):
    """A link that brings one person to a stage."""

    __tablename__ = "speaker_links"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(80))
    """Whom it is for; empty when not said."""
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    """Whose it is, where it came of a request of somebody who was signed in."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[int]


class ConsentRow(Table):
    """Somebody accepted being heard and recorded. Only ever added to."""

    __tablename__ = "consents"
    __table_args__ = (Index("consents_by_person", "space", "person"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(40))
    """Who: ``account:<id>`` or ``link:<id>``."""
    speaker: Mapped[str] = mapped_column(String(26))
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    text_id: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    """The sentence as it was shown, so that a later change of words changes no past consent."""
    at: Mapped[int]
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    """Whose browser it was, if they were signed in, whichever way they came."""
    browser: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """SHA-256 of what the browser calls itself, so that a block holds for it."""


class SoundCheckRow(Table):
    """What somebody found when they last tried microphone, headphones and line before a stage."""

    __tablename__ = "sound_checks"

    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    person: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Who: ``account:<id>`` or ``link:<id>``."""
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    """Whose browser it was, if they were signed in, whichever way they came."""
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    microphone: Mapped[str] = mapped_column(String(16))
    headphones: Mapped[str] = mapped_column(String(16))
    way: Mapped[str] = mapped_column(String(16))
    relay: Mapped[str] = mapped_column(String(16))
    loss_percent: Mapped[float | None] = mapped_column(Float)
    round_trip_ms: Mapped[int | None]
    at: Mapped[int]
