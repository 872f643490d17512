"""The audit forgets the ids of sessions on a stage: each is the secret of whoever entered with it."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision: str | None = "0014"


def upgrade() -> None:
    """Take them out of the lines that there are."""
    op.execute(
        "UPDATE audit SET detail = json_remove(detail, '$.session')"
        " WHERE act IN ('stage.enter', 'stage.leave', 'stage.monitor')"
    )
