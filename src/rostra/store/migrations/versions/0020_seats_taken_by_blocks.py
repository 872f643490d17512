"""A block knows which seats it took, so that they are given back when it is lifted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision: str | None = "0019"


def upgrade() -> None:
    """Blocks that there are gave up what they took."""
    op.add_column("blocks", sa.Column("took", sa.JSON, nullable=False, server_default="{}"))
