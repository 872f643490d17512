"""Links for a new password remember who made them; the audit forgets the names of who asked to speak."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision: str | None = "0012"


def upgrade() -> None:
    """The record knows who made the links that are open now; of requests it keeps who is an account."""
    op.add_column("resets", sa.Column("created_by", sa.String(40), nullable=False, server_default=""))
    op.execute(
        "UPDATE resets SET created_by = coalesce((SELECT actor FROM audit WHERE act = 'reset.create'"
        " AND at = resets.created_at AND json_extract(detail, '$.account') = resets.account LIMIT 1), '')"
    )
    op.execute(
        "UPDATE audit SET detail = json_remove(detail, '$.name') WHERE act IN ('floor.ask', 'floor.accept',"
        " 'floor.decline') OR (act IN ('floor.block', 'floor.block-everywhere', 'floor.unblock')"
        " AND json_extract(detail, '$.speaker') IS NULL)"
    )
