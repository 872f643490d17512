"""Run the scripts of :mod:`.migrate` by Alembic: loaded only by a start that has some to run."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool


def upgrade(path: Path, scripts: Path, revision: str) -> None:
    """Bring the database at ``path`` to ``revision``, in one transaction. Blocks."""
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()
