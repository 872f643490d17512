"""Whether the owner of a mail address was asked: a question waits in the database until it is out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"


def upgrade() -> None:
    """Whoever is there was asked when they came."""
    op.add_column("reminders", sa.Column("asked_at", sa.BigInteger, nullable=True))
    op.add_column("reminders", sa.Column("asked", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE reminders SET asked_at = created_at, asked = (\"by\" = 'mail')")
    op.create_index("ix_reminders_asked_at", "reminders", ["asked_at"])
