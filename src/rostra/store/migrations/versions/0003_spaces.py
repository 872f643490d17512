"""Spaces: who may know of them, what becomes of the recording, notices, and who is invited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Widen spaces; create notices and invited."""
    _spaces()
    op.create_table(
        "notices",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("space", sa.String(26), sa.ForeignKey("spaces.id", ondelete="CASCADE"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_notices_space", "notices", ["space"])
    op.create_table(
        "invited",
        sa.Column("space", sa.String(26), sa.ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "account", sa.String(26), sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_invited_account", "invited", ["account"])


def _spaces() -> None:
    for name, kind, before in (
        ("visibility", sa.String(16), "public"),
        ("recording_policy", sa.String(16), "publish"),
        ("hidden", sa.Boolean, sa.false()),
        ("erased", sa.Boolean, sa.false()),
        ("updated_at", sa.BigInteger, "0"),
    ):
        op.add_column("spaces", sa.Column(name, kind, nullable=False, server_default=before))
    op.add_column("spaces", sa.Column("passphrase_hash", sa.String(200)))
    op.execute("update spaces set updated_at = max(created_at, live_at, ended_at)")
