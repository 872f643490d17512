"""Links for a new password remember who made them, as the audit names them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision: str | None = "0012"


def upgrade() -> None:
    """The record knows who made the links that are open now."""
    op.add_column("resets", sa.Column("created_by", sa.String(40), nullable=False, server_default=""))
    op.execute(
        "UPDATE resets SET created_by = coalesce((SELECT actor FROM audit WHERE act = 'reset.create'"
        " AND at = resets.created_at AND json_extract(detail, '$.account') = resets.account LIMIT 1), '')"
    )
