"""What Alembic runs to apply the scripts beside it, on the connection that ``store.migrate`` opened."""

from __future__ import annotations

from alembic import context

from rostra.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
)
context.run_migrations()
