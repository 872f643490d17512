"""A block holds for every browser that somebody came with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision: str | None = "0018"


def upgrade() -> None:
    """Blocks that there are hold for the one browser that they knew."""
    op.add_column("blocks", sa.Column("browsers", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE blocks SET browsers = browser")
    op.drop_column("blocks", "browser")
