"""What has run out goes from disk, though nobody does anything."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from sqlalchemy import select, text

from harness.clock import ManualClock
from rostra.control.sweeper import REPORT_DAYS, REQUESTS_MS, Sweeper
from rostra.control.times import now_ms
from rostra.gateway import stored
from rostra.store.database import Database, database_path
from rostra.store.migrate import migrate
from rostra.store.tables import (
    AccountRow,
    InvitationRow,
    ReportRow,
    RequestRow,
    ResetRow,
    SessionRow,
    SpaceRow,
)


async def _lay_out(database: Database, ends: dict[str, int]) -> None:
    """Put a sign-in, an invitation and a link for each of these ends."""
    async with database.session() as session:
        session.add(
            AccountRow(id="ada", handle="ada", name="ada", role="member", password_hash="-", created_at=0)
        )
        await session.flush()
        for name, at in ends.items():
            session.add(SessionRow(token_hash=name, account="ada", created_at=0, expires_at=at))
            session.add(ResetRow(token_hash=name, account="ada", created_at=0, expires_at=at))
            session.add(
                InvitationRow(
                    id=name,
                    token_hash=name,
                    role="member",
                    email="",
                    created_by="system",
                    created_at=0,
                    expires_at=at,
                )
            )


async def _left(database: Database) -> list[set[str]]:
    async with database.reading() as session:
        return [
            set(await session.scalars(select(table.token_hash)))
            for table in (SessionRow, InvitationRow, ResetRow)
        ]


async def test_what_has_run_out_is_swept_away_again_and_again(tmp_path: Path) -> None:
    clock = ManualClock()
    now = now_ms(clock)
    migrate(database_path(tmp_path))
    async with Database(database_path(tmp_path)) as database:
        await _lay_out(database, {"over": now, "soon": now + 1_000, "later": now + 86_400_000})
        sweeping = asyncio.create_task(Sweeper(database, clock=clock, every_s=0.01).run())
        try:
            for left in ({"soon", "later"}, {"later"}):
                async with asyncio.timeout(5):
                    while await _left(database) != [left] * 3:
                        await asyncio.sleep(0.01)
                clock.advance(ms=1_000)
        finally:
            sweeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sweeping


async def test_reports_go_a_while_after_they_were_handled_and_open_ones_stay(tmp_path: Path) -> None:
    clock = ManualClock()
    old = now_ms(clock) - REPORT_DAYS * 86_400_000
    migrate(database_path(tmp_path))
    async with Database(database_path(tmp_path)) as database:
        async with database.session() as session:
            await session.execute(text("PRAGMA defer_foreign_keys = ON"))
            for name, handled_at in {"old": old, "young": old + 1, "open": None}.items():
                session.add(_report(name, handled_at))
            await session.flush()
            session.add(
                AccountRow(id="a", handle="a", name="a", role="member", password_hash="-", created_at=0)
            )
            await session.flush()
            session.add(_space())
        await Sweeper(database, clock=clock).sweep()
        async with database.reading() as session:
            assert set(await session.scalars(select(ReportRow.id))) == {"young", "open"}


async def test_requests_to_speak_go_after_their_answer_and_with_their_space(tmp_path: Path) -> None:
    clock = ManualClock()
    old = now_ms(clock) - REQUESTS_MS
    migrate(database_path(tmp_path))
    async with Database(database_path(tmp_path)) as database:
        async with database.session() as session:
            session.add(
                AccountRow(id="a", handle="a", name="a", role="member", password_hash="-", created_at=0)
            )
            await session.flush()
            session.add_all([_space("s"), _space("over", lifecycle="published", updated_at=old)])
            session.add(_space("ended", lifecycle="ended", updated_at=old + 1))
            await session.flush()
            for name, (space, state, decided_at) in {
                "told": ("s", "accepted", old),
                "told lately": ("s", "declined", old + 1),
                "waits": ("s", "waiting", 0),
                "waits in vain": ("over", "waiting", 0),
                "waited until now": ("ended", "waiting", 0),
            }.items():
                session.add(_request(name, space, state, decided_at))
        await Sweeper(database, clock=clock).sweep()
        async with database.reading() as session:
            left = set(await session.scalars(select(RequestRow.request)))
            assert left == {"told lately", "waits", "waited until now"}


def _request(name: str, space: str, state: str, decided_at: int) -> RequestRow:
    return RequestRow(
        request=name, space=space, name=name, note="", browser="", state=state, at=1, decided_at=decided_at
    )


def _report(name: str, handled_at: int | None) -> ReportRow:
    return ReportRow(
        id=name,
        token_hash=name,
        space="s",
        subject="space",
        speaker="",
        notice="",
        about="",
        grounds="spam",
        text="",
        at_s=0,
        at=0,
        state="open" if handled_at is None else "dismissed",
        handled_at=handled_at,
    )


def _space(name: str = "s", *, lifecycle: str = "scheduled", updated_at: int = 0) -> SpaceRow:
    return SpaceRow(
        id=name,
        revision=1,
        lifecycle=lifecycle,
        updated_at=updated_at,
        title="s",
        description="",
        host="a",
        starts_at=0,
        time_zone="UTC",
        anchor_utc_ns=0,
        renditions=[],
        live_at=0,
        ended_at=0,
        ended_reason="",
        created_at=0,
    )


def test_the_privacy_page_says_how_long_reports_are_kept() -> None:
    assert stored.REPORT_DAYS == REPORT_DAYS
