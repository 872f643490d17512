"""The database: writers exclude one another, readers do not wait, a failed block leaves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from rostra.store.database import Database, database_path
from rostra.store.migrate import migrate
from rostra.store.tables import AccountRow, SessionRow


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    migrate(database_path(tmp_path))
    async with Database(database_path(tmp_path)) as database:
        yield database


def account(id: str) -> AccountRow:
    return AccountRow(id=id, handle=id, name=id, role="member", password_hash="-", created_at=0)


async def count(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(AccountRow)) or 0


async def test_a_block_that_raises_leaves_nothing_behind(database: Database) -> None:
    async def fail_midway() -> None:
        async with database.session() as session:
            session.add(account("ada"))
            await session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_midway()
    assert await count(database) == 0


async def test_two_writers_that_read_then_write_never_lose_an_update(database: Database) -> None:
    async with database.session() as session:
        session.add(account("ada"))

    async def increment() -> None:
        async with database.session() as session:
            row = await session.get_one(AccountRow, "ada")
            await asyncio.sleep(0)
            row.created_at += 1

    await asyncio.gather(*(increment() for _ in range(20)))
    async with database.reading() as session:
        assert (await session.get_one(AccountRow, "ada")).created_at == 20


async def test_a_reader_does_not_wait_for_a_writer_and_sees_the_past(database: Database) -> None:
    async with database.session() as session:
        session.add(account("ada"))
        await session.flush()
        async with asyncio.timeout(1):
            assert await count(database) == 0
    assert await count(database) == 1


async def test_a_row_without_its_parent_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.session() as session:
            session.add(SessionRow(token_hash="x", account="nobody", created_at=0, expires_at=0))


async def test_the_journal_is_a_write_ahead_log(database: Database) -> None:
    async with database.reading() as session:
        assert await session.scalar(text("pragma journal_mode")) == "wal"


async def test_a_reader_broken_off_twice_is_done_with(database: Database) -> None:
    """The first breaks off what it asks, the second the closing of its connection."""

    async def ask() -> None:
        counting = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000)"
        async with database.reading() as session:
            asking.set()
            await session.execute(text(f"{counting} select count(*) from n"))

    asking = asyncio.Event()
    others = asyncio.all_tasks()
    reader = asyncio.create_task(ask())
    await asking.wait()
    for _ in range(2):
        await asyncio.sleep(0.02)
        reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    closing = asyncio.all_tasks() - others
    assert closing, "the connection is still busy, and closed when it is done"
    await asyncio.wait(closing, timeout=20)
    assert not asyncio.all_tasks() - others
