"""Spaces, and the notices on their pages. Columns only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from rostra.store.tables.base import Table


class SpaceRow(Table):
    """A space and how far it has come."""

    __tablename__ = "spaces"
    __table_args__ = (Index("spaces_by_start", "starts_at", "id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    revision: Mapped[int]
    """Counts every change, from 1."""
    lifecycle: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    starts_at: Mapped[int]
    starts_before: Mapped[int] = mapped_column(default=0, server_default="0")
    """The start that was announced at first, where it is another now; else 0."""
    time_zone: Mapped[str] = mapped_column(String(64))
    run: Mapped[str | None] = mapped_column(String(26))
    anchor_utc_ns: Mapped[int]
    renditions: Mapped[list[Any]]
    """``[{"name", "codec", "bandwidth"}]`` as the stage answered."""
    live_at: Mapped[int]
    ended_at: Mapped[int]
    ended_reason: Mapped[str] = mapped_column(Text)
    recording_samples: Mapped[int | None]
    recording_bytes: Mapped[int | None]
    created_at: Mapped[int]
    updated_at: Mapped[int] = mapped_column(default=0, server_default="0")
    """When what its pages show last changed."""
    visibility: Mapped[str] = mapped_column(String(16), default="public", server_default="public")
    passphrase_hash: Mapped[str | None] = mapped_column(String(200))
    pass_epoch: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Raised to end all passes that were given before."""
    recording_policy: Mapped[str] = mapped_column(String(16), default="publish", server_default="publish")
    hidden: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Its host is suspended: nobody outside of backstage hears of it."""
    pinned_link: Mapped[str] = mapped_column(Text, default="", server_default="")
    """An http(s) address that its pages keep in sight, or empty."""
    pinned_label: Mapped[str] = mapped_column(String(80), default="", server_default="")
    hold_ms: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How long the host's own music for an empty stage is; 0: the built-in one plays."""
    erased: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """The deleted recording is gone from disk too."""
    hidden_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why an operator hid it; empty when none did."""
    seats: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """``{person: role}``: what somebody became on this stage, ``listener`` included, by who they are."""
    host_was: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """What whoever holds the host's role by it being handed over was before; empty until it was."""
    acting_person: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Who acts as host while the host is away, as consents name them; empty."""
    host_away_at: Mapped[int] = mapped_column(default=0, server_default="0")
    """Since when no host is on stage; 0 while one is."""
    alerted_at: Mapped[int] = mapped_column(default=0, server_default="0")
    """When operators were told that nobody leads it; 0 while somebody does."""
    locked_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """Who locked the stage, as the audit names them; empty while it is open."""
    locked_by_site: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """An operator did, and only operators unlock it."""
    locked_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    moved_to: Mapped[str | None] = mapped_column(String(26), index=True)
    """The space where it goes on."""
    ending_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """Who asked the stage to end it, as the audit names them; empty while nobody did, and once it is over."""
    ending_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The reason that they gave: ``ended_reason`` once it has ended."""


class NoticeRow(Table):
    """One line to the audience of a space."""

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text)
    """An http(s) address, or empty."""
    author: Mapped[str] = mapped_column(String(80))
    """Their name as it was then; empty for somebody who left."""
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    """Whose it is, if they were signed in, whichever way they came."""
    at: Mapped[int]
