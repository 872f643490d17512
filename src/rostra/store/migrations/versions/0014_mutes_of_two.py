"""A mute knows whether the speaker made it, beside whether a host did: each undoes their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"


def upgrade() -> None:
    """Whoever is muted by no host muted themselves."""
    op.add_column("mutes", sa.Column("own", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("UPDATE mutes SET own = NOT by_host")
