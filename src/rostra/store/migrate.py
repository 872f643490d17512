"""Bring a database file up to the tables of this version. Forward only; never loses a row.

Runs once at the start of backstage, before anything reads. The scripts are shipped in the package
(``store/migrations/versions``); each runs whole or not at all.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from rostra.core.errors import RostraError
from rostra.core.folders import make_private

SCRIPTS = Path(__file__).parent / "migrations"


class DatabaseTooNew(RostraError):
    """The database was written by a newer version of Rostra. Install that version to use it."""

    code = "database_too_new"


def migrate(path: Path, *, revision: str = "head") -> str:
    """Upgrade the database at ``path``, creating it if need be; return this version's revision.

    Raises DatabaseTooNew when the file knows a revision that this version does not. Blocks.
    ``revision`` is for tests of what becomes of an older file.
    """
    make_private(path.parent)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with engine.begin() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
            if present is not None and present not in {
                script.revision for script in scripts.walk_revisions()
            }:
                raise DatabaseTooNew
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()
    path.chmod(0o600)
    return scripts.get_current_head() or ""
