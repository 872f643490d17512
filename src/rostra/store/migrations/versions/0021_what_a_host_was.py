"""Whoever was handed the host's role is what they were once it is taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision: str | None = "0020"


def upgrade() -> None:
    """Nobody knows what those were who hold the role now: a speaker, as before."""
    op.add_column("spaces", sa.Column("host_was", sa.String(16), nullable=False, server_default=""))
