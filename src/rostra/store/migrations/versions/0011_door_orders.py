"""What operators order of the door, and the reserved links of spaces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    """Nothing is ordered yet: the door goes by what it measures."""
    op.create_table(
        "door_order",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("places", sa.BigInteger, nullable=True),
        sa.Column("rung", sa.String(16), nullable=False),
        sa.Column("seen", sa.String(16), nullable=False),
    )
    op.create_table(
        "space_orders",
        sa.Column("space", sa.String(26), sa.ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("places", sa.BigInteger, nullable=True),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "reserved_links",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("space", sa.String(26), sa.ForeignKey("spaces.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("places", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_reserved_links_space", "reserved_links", ["space"])
