"""Who wants to be reminded of a space, and the start that was announced at first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    """Nobody is reminded yet, and no start is another than was announced."""
    op.add_column("spaces", sa.Column("starts_before", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "reminders",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("space", sa.String(26), sa.ForeignKey("spaces.id", ondelete="CASCADE"), nullable=False),
        sa.Column("by", sa.String(8), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("p256dh", sa.String(100), nullable=False),
        sa.Column("auth", sa.String(40), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("door", sa.String(300), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("confirmed_at", sa.BigInteger, nullable=True),
        sa.Column("spot", sa.Integer, nullable=False),
        sa.Column("told_start", sa.BigInteger, nullable=False),
        sa.Column("told_soon", sa.BigInteger, nullable=False),
        sa.Column("told_begun", sa.BigInteger, nullable=False),
        sa.Column("told_moved", sa.String(26), nullable=False),
        sa.Column("told_over", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
    )
    op.create_index("reminders_by_address", "reminders", ["space", "address_hash"], unique=True)
    op.create_index("reminders_by_turn", "reminders", ["space", "confirmed_at", "spot"])
    op.create_index("ix_reminders_address_hash", "reminders", ["address_hash"])
    op.create_index("ix_reminders_created_at", "reminders", ["created_at"])
