"""The floor: requests to speak, blocks, and of each space who became what on its stage,
who acts as host, and who locked it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    """Add tables and columns; every stage begins open, and nobody is anything else than before."""
    for column in (
        sa.Column("seats", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("acting", sa.String(26), nullable=False, server_default=""),
        sa.Column("host_away_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("alerted_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("locked_by", sa.String(40), nullable=False, server_default=""),
        sa.Column("locked_by_site", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("locked_reason", sa.Text, nullable=False, server_default=""),
    ):
        op.add_column("spaces", column)
    op.add_column("speaker_links", sa.Column("account", sa.String(26), nullable=True))
    op.create_index("ix_speaker_links_account", "speaker_links", ["account"])
    op.add_column("consents", sa.Column("browser", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        "floor_requests",
        sa.Column("request", sa.String(64), primary_key=True),
        sa.Column("space", sa.String(26), sa.ForeignKey("spaces.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("account", sa.String(26), nullable=True),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("floor_requests_by_space", "floor_requests", ["space", "at"])
    op.create_index("ix_floor_requests_account", "floor_requests", ["account"])
    op.create_table(
        "blocks",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("space", sa.String(26), sa.ForeignKey("spaces.id", ondelete="CASCADE"), nullable=False),
        sa.Column("host", sa.String(26), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("everywhere", sa.Boolean, nullable=False),
        sa.Column("person", sa.String(80), nullable=False),
        sa.Column("account", sa.String(26), nullable=True),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    for column_name in ("space", "host", "account"):
        op.create_index(f"ix_blocks_{column_name}", "blocks", [column_name])
