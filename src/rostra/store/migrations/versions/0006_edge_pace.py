"""How often listeners are written to, as an operator said it last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Make the table; empty, the settings hold."""
    op.create_table(
        "edge_pace",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("cadence", sa.Integer, nullable=False),
        sa.Column("cohorts", sa.Integer, nullable=False),
        sa.Column("from_ms", sa.BigInteger, nullable=False),
    )
