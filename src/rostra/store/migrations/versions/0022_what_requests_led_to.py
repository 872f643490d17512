"""Whoever was let speak and did not come in time has no seat any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision: str | None = "0021"


def upgrade() -> None:
    """Whoever was let speak before is taken to have come."""
    op.add_column("floor_requests", sa.Column("led_to", sa.String(8), nullable=False, server_default=""))
    op.execute("UPDATE floor_requests SET led_to = 'came' WHERE state = 'accepted'")
