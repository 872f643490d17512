"""Who acts as host is known as consents and seats know them, not by what the stage calls them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    """Whoever acts goes on acting."""
    op.add_column("spaces", sa.Column("acting_person", sa.String(80), nullable=False, server_default=""))
    op.execute(
        "UPDATE spaces SET acting_person = coalesce((SELECT person FROM consents"
        " WHERE consents.space = spaces.id AND consents.speaker = spaces.acting LIMIT 1), '')"
    )
    op.drop_column("spaces", "acting")
