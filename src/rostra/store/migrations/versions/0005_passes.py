"""Passes that can be ended: an epoch of each space."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Add the column; every space begins at epoch 0."""
    op.add_column("spaces", sa.Column("pass_epoch", sa.Integer, nullable=False, server_default="0"))
