"""Passes that can be ended: an epoch of each space. Whose each notice is, when
each sign-in was last proved, and who made each link for a new password."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Add the columns; every space begins at epoch 0, and of old notices only the name is known."""
    op.add_column("spaces", sa.Column("pass_epoch", sa.Integer, nullable=False, server_default="0"))
    op.add_column("notices", sa.Column("account", sa.String(26), nullable=True))
    op.add_column("sessions", sa.Column("proved_at", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("resets", sa.Column("by_operator", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_notices_account", "notices", ["account"])
