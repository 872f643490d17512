"""Where a space goes on, why one is hidden, and what the audience reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """No space has moved or is hidden by the site yet; there are no reports."""
    op.add_column("spaces", sa.Column("moved_to", sa.String(26), nullable=True))
    op.add_column("spaces", sa.Column("hidden_reason", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_spaces_moved_to", "spaces", ["moved_to"])
    op.create_table(
        "reports",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("space", sa.String(26), sa.ForeignKey("spaces.id", ondelete="CASCADE"), nullable=False),
        sa.Column("run", sa.String(26), nullable=True),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("speaker", sa.String(26), nullable=False),
        sa.Column("notice", sa.String(26), nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("account", sa.String(26), nullable=True),
        sa.Column("grounds", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at_s", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("handled_at", sa.BigInteger, nullable=True),
        sa.Column("handled_by", sa.String(40), nullable=False, server_default=""),
    )
    op.create_index("ix_reports_space", "reports", ["space"])
    op.create_index("ix_reports_account", "reports", ["account"])
    op.create_index("reports_by_state", "reports", ["state", "at"])
