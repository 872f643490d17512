"""Who is muted on a stage, so that a stage that restarts knows it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Create the mutes."""
    op.create_table(
        "mutes",
        sa.Column("space", sa.String(26), sa.ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("speaker", sa.String(26), primary_key=True),
        sa.Column("by_host", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
