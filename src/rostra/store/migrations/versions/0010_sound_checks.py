"""What speakers found when they tried microphone, headphones and line ahead: the newest of each person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"


def upgrade() -> None:
    """Add the table; nobody has checked anything yet."""
    op.create_table(
        "sound_checks",
        sa.Column("space", sa.String(26), sa.ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("person", sa.String(40), primary_key=True),
        sa.Column("account", sa.String(26), nullable=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("microphone", sa.String(16), nullable=False),
        sa.Column("headphones", sa.String(16), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("relay", sa.String(16), nullable=False),
        sa.Column("loss_percent", sa.Float, nullable=True),
        sa.Column("round_trip_ms", sa.BigInteger, nullable=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_sound_checks_account", "sound_checks", ["account"])
