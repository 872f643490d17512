"""People who sign in, and by what. Columns only."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from rostra.store.tables.base import Table


class AccountRow(Table):
    """A person who signs in. One who left keeps a row without anything personal, for their spaces."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    handle: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    """``operator``, ``moderator`` or ``member``."""
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[int]
    bio: Mapped[str] = mapped_column(Text, default="", server_default="")
    picture: Mapped[str] = mapped_column(Text, default="", server_default="")
    """A small picture as a ``data:`` address, or empty."""
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    """Where links for a new password go; empty when not given."""
    language: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """Of mails; empty: the site's."""
    suspended_at: Mapped[int | None]
    suspended_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """As the audit names them."""
    suspended_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    verified_at: Mapped[int | None]
    verified_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    deleted_at: Mapped[int | None]


class SessionRow(Table):
    """A sign-in of a browser."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[int]
    expires_at: Mapped[int]
    proved_at: Mapped[int] = mapped_column(default=0, server_default="0")
    """When its owner last gave their password, or showed a passkey."""


class ApiTokenRow(Table):
    """A token with which a program acts as an account."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[int]


class InvitationRow(Table):
    """A link with which one person makes an account; gone once used."""

    __tablename__ = "invitations"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(254))
    created_by: Mapped[str] = mapped_column(String(40))
    """As the audit names them."""
    created_at: Mapped[int]
    expires_at: Mapped[int]


class ResetRow(Table):
    """A link with which one account gets a new password; gone once used."""

    __tablename__ = "resets"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[int]
    expires_at: Mapped[int]
    by_operator: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """An operator made it; else somebody asked for it, who may be a stranger."""
    created_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """As the audit names them."""


class PasskeyRow(Table):
    """A WebAuthn credential: the public half of a key that never leaves somebody's device."""

    __tablename__ = "passkeys"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[int]
    used_at: Mapped[int | None]
