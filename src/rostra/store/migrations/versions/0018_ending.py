"""Who asked the stage to end a space, and why, is known however late the stage answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision: str | None = "0017"


def upgrade() -> None:
    """Nobody has asked yet."""
    op.add_column("spaces", sa.Column("ending_by", sa.String(40), nullable=False, server_default=""))
    op.add_column("spaces", sa.Column("ending_reason", sa.Text, nullable=False, server_default=""))
