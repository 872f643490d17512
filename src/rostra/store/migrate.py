"""Bring a database file up to the tables of this version. Forward only; never loses a row.

Runs once at the start of backstage, before anything reads. The scripts are shipped in the package
(``store/migrations/versions``), named by their revision; what a start has to run, runs whole or not at all.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from rostra.core.errors import RostraError
from rostra.core.folders import make_private

SCRIPTS = Path(__file__).parent / "migrations"


class DatabaseTooNew(RostraError):
    """The database was written by a newer version of Rostra. Install that version to use it."""

    code = "database_too_new"


class DatabaseUnusable(RostraError):
    """The database {path} cannot be used: {reason}."""

    code = "database_unusable"


def migrate(path: Path, *, revision: str = "") -> str:
    """Upgrade the database at ``path``, creating it if need be; return the revision it has now.

    Raises DatabaseTooNew when the file knows a revision that this version does not, DatabaseUnusable when it
    is none, or cannot be read, locked or written. Blocks. ``revision`` is for tests of older files.
    """
    make_private(path.parent)
    try:
        return _migrated(path, revision)
    except (sqlite3.Error, OSError, SQLAlchemyError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise DatabaseUnusable(path=str(path), reason=str(reason)) from error


def _migrated(path: Path, revision: str) -> str:
    known = revisions()
    present, wanted = _present(path), revision or known[-1]
    if present and present not in known:
        raise DatabaseTooNew
    if present != wanted:
        from rostra.store.upgrading import upgrade  # noqa: PLC0415 - longer to load than most of backstage

        upgrade(path, SCRIPTS, wanted)
    path.chmod(0o600)
    return wanted


def revisions() -> list[str]:
    """Every revision of this version, the oldest first."""
    return sorted(script.name.partition("_")[0] for script in (SCRIPTS / "versions").glob("[0-9]*_*.py"))


def _present(path: Path) -> str:
    """The revision of the file; empty where there is none yet."""
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""
