"""Run the scripts of :mod:`.migrate` by Alembic: loaded only by a start that has some to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool


def upgrade(path: Path, scripts: Path, revision: str) -> None:
    """Bring the database at ``path`` to ``revision``, in one transaction: all of it, or nothing. Blocks."""
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    _begin_at_once(engine)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()


def _begin_at_once(engine: Engine) -> None:
    """By itself the driver begins before the first row that changes, when tables have been made already."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
