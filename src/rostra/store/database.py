"""The database of backstage: one SQLite file, opened once per process.

Writes begin with ``BEGIN IMMEDIATE``: a transaction that will write holds the write lock from its
first statement, so that what it read cannot change before it commits. WAL lets readers go on
meanwhile. Never decides anything; used by ``control`` only.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
import structlog
from sqlalchemy import Connection, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from rostra.core.errors import Unavailable
from rostra.store.folding import FOLDED, fold

log = structlog.get_logger()

BUSY_TIMEOUT_MS = 5_000
READING = "rostra_reading"


class DatabaseUnavailable(Unavailable):
    """The database cannot be used at the moment: it is busy, or its disk is full. Please try again."""

    code = "database_unavailable"


def database_path(data: Path) -> Path:
    """The database's file in a data folder."""
    return data / "rostra.db"


class Database:
    """``async with Database(path) as database:``. The file must have been migrated (:mod:`.migrate`)."""

    def __init__(self, path: Path) -> None:
        self.writes = 0
        """Write transactions of this process so far: where it is the same, nothing has changed."""
        connect = partial(sqlite3.connect, path, check_same_thread=False)
        self._engine = create_async_engine(
            f"sqlite+aiosqlite:///{path}", async_creator=partial(_open, connect)
        )
        _prepare(self._engine)
        reading = self._engine.execution_options(**{READING: True})
        self._writers = async_sessionmaker(self._engine, expire_on_commit=False)
        self._readers = async_sessionmaker(reading, expire_on_commit=False)

    async def __aenter__(self) -> Database:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One write transaction: committed at the end of the block, rolled back when it raises.

        Holds the only write lock: never wait for anything but the database inside it.
        """
        async with _wrapped(), self._writers() as session, session.begin():
            yield session
        self.writes += 1

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One consistent view of the database, for looking only."""
        async with _wrapped(), self._readers() as session, session.begin():
            yield session


class _Connection(aiosqlite.Connection):
    """A connection that is asked to stop once.

    Whoever is cancelled while a connection of theirs closes has SQLAlchemy stop its thread at once
    (``terminate``), and the closing then waited for ever for a second stop, which no thread was left to
    answer: until the end of the role, and of whoever waits for all its tasks.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connect, iter_chunk_size=64)
        self._thread.daemon = True  # as SQLAlchemy says of those it opens: no role is kept from its end
        self._stopped: asyncio.Future[None] | None = None

    def stop(self) -> asyncio.Future[None] | None:
        if self._running:
            self._stopped = super().stop()
        return self._stopped


async def _open(connect: Callable[[], sqlite3.Connection]) -> aiosqlite.Connection:
    return await _Connection(connect)


@asynccontextmanager
async def _wrapped() -> AsyncIterator[None]:
    try:
        yield
    except DatabaseError as error:
        if type(error) not in (DatabaseError, OperationalError):
            raise  # what was asked for breaks a rule of the tables, and nothing is wrong with them
        log.warning("database_refused", reason=str(error.orig))
        raise DatabaseUnavailable from error


def _prepare(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        connection.create_function(FOLDED, 1, fold, deterministic=True)
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _began(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READING, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
