"""A link that the host pins for the audience, and the length of their own music for an empty stage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    """Add the columns; nothing is pinned, and everybody has the music that ships."""
    op.add_column("spaces", sa.Column("pinned_link", sa.Text, nullable=False, server_default=""))
    op.add_column("spaces", sa.Column("pinned_label", sa.String(80), nullable=False, server_default=""))
    op.add_column("spaces", sa.Column("hold_ms", sa.Integer, nullable=False, server_default="0"))
