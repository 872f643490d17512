"""Spaces as records: made, found, edited.

What moves a space through its life is in :mod:`.conductor`. Every change is audited in the same
transaction and announced after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, RecordingPolicy, Visibility
from rostra.control import audit, lifecycle
from rostra.control.announcer import Announcer, touch
from rostra.control.epochs import end_passes
from rostra.control.identity import Actor, as_of_now, standing
from rostra.control.lifecycle import Act
from rostra.control.passwords import Passwords
from rostra.control.permits import Doing, require
from rostra.control.times import check_zone, now_ms, parse_start
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, Conflict, NotFound, Suspended, UnknownSpace
from rostra.core.ids import SpaceId, is_id, new_space_id
from rostra.store.database import Database
from rostra.store.tables import AccountRow, SpaceRow

MINUTE_MS: Final = 60_000
_CURSOR = re.compile(r"([0-9]{1,15})\.([a-z0-9]{6,26})")


@dataclass(frozen=True, slots=True)
class Draft:
    """A space to schedule. ``host`` is a handle (only operators name others), else the actor hosts."""

    title: str
    description: str
    starts_at: str
    time_zone: str
    host: str | None
    visibility: Visibility
    passphrase: str
    """Empty: nobody gets in by words alone."""
    recording_policy: RecordingPolicy


@dataclass(frozen=True, slots=True)
class Edit:
    """What may be changed of a space; ``None`` leaves it. An empty ``passphrase`` takes it away."""

    title: str | None = None
    description: str | None = None
    starts_at: str | None = None
    time_zone: str | None = None
    visibility: Visibility | None = None
    passphrase: str | None = None
    recording_policy: RecordingPolicy | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some spaces, latest start first, and where the next page begins."""

    spaces: list[SpaceRow]
    next: str | None


class Spaces:
    """The records of spaces."""

    def __init__(
        self, database: Database, announcer: Announcer, *, clock: Clock, passwords: Passwords
    ) -> None:
        self._database = database
        self._announcer = announcer
        self._clock = clock
        self._passwords = passwords

    async def create(self, actor: Actor, draft: Draft) -> SpaceId:
        """Schedule a space. NotAllowed; Suspended when its host is, or whoever makes it, as it is written."""
        actor.need_account()
        now = now_ms(self._clock)
        row = self._row(draft, now)
        row.passphrase_hash = await self._hash(draft.passphrase)
        async with self._database.session() as session:
            row.host = (await _find_host(session, await as_of_now(session, actor), draft.host)).id
            session.add(row)
            audit.record(
                session,
                at=now,
                actor=actor.label,
                act="space.create",
                space=SpaceId(row.id),
                title=row.title,
                visibility=row.visibility,
                recording=row.recording_policy,
            )
        await self._announcer.announce(SpaceId(row.id))
        return SpaceId(row.id)

    async def edit(self, actor: Actor, space: SpaceId, edit: Edit) -> None:
        """Change words and visibility at any time but after a cancellation; the rest until it is live."""
        now = now_ms(self._clock)
        passphrase_hash = await self._hash(edit.passphrase or "")
        async with self._database.session() as session:
            row = await find(session, space)
            require(standing(await as_of_now(session, actor), row), Doing.EDIT)
            _check(row, edit)
            started = row.starts_at
            changed = self._apply(row, edit)
            if "starts_at" in changed:
                row.starts_before = _before(row, started)
            had_passphrase = row.passphrase_hash is not None
            if edit.passphrase is not None:
                row.passphrase_hash = passphrase_hash
                changed["passphrase"] = "set" if passphrase_hash else "removed"
            if not changed:
                return
            if "visibility" in changed or ("passphrase" in changed and had_passphrase):
                end_passes(row)
            touch(row, at=now)
            audit.record(session, at=now, actor=actor.label, act="space.edit", space=space, **changed)
        await self._announcer.announce(space)

    async def end_passes(self, actor: Actor, space: SpaceId) -> None:
        """End every pass to a space; whoever may still enter gets a new one."""
        async with self._database.session() as session:
            row = await find(session, space)
            require(standing(actor, row), Doing.EDIT)
            end_passes(row)
            at = now_ms(self._clock)
            audit.record(session, at=at, actor=actor.label, act="space.end-passes", space=space)
        await self._announcer.announce(space)

    async def page(self, actor: Actor, *, states: Sequence[Lifecycle], limit: int, after: str | None) -> Page:
        """The spaces that ``actor`` may see: operators all, others their own and where they may speak."""
        account = actor.need_account()
        query = select(SpaceRow).order_by(SpaceRow.starts_at.desc(), SpaceRow.id.desc()).limit(limit + 1)
        if not actor.operates:
            query = query.where(or_(SpaceRow.host == account.id, _has_seat(account.id)))
        if states:
            query = query.where(SpaceRow.lifecycle.in_([state.value for state in states]))
        if after is not None:
            query = query.where(tuple_(SpaceRow.starts_at, SpaceRow.id) < _read_cursor(after))
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        more = len(rows) > limit
        last = rows[limit - 1] if more else None
        return Page(rows[:limit], f"{last.starts_at}.{last.id}" if last else None)

    async def get(self, actor: Actor, space: SpaceId, doing: Doing = Doing.SEE) -> SpaceRow:
        """Return a space that ``actor`` may do that to; UnknownSpace, NotAllowed."""
        async with self._database.reading() as session:
            row = await find(session, space)
        require(standing(actor, row), doing)
        return row

    async def exists(self, space: SpaceId) -> SpaceId:
        """Return ``space``; UnknownSpace when there is none."""
        async with self._database.reading() as session:
            return SpaceId((await find(session, space)).id)

    async def _hash(self, passphrase: str) -> str | None:
        return await self._passwords.hash(passphrase) if passphrase else None

    def _row(self, draft: Draft, now: int) -> SpaceRow:
        return SpaceRow(
            id=new_space_id(),
            revision=1,
            lifecycle=Lifecycle.SCHEDULED.value,
            title=draft.title,
            description=draft.description,
            starts_at=parse_start(draft.starts_at, clock=self._clock),
            time_zone=check_zone(draft.time_zone),
            anchor_utc_ns=0,
            renditions=[],
            live_at=0,
            ended_at=0,
            ended_reason="",
            created_at=now,
            updated_at=now,
            visibility=draft.visibility.value,
            recording_policy=draft.recording_policy.value,
        )

    def _apply(self, row: SpaceRow, edit: Edit) -> dict[str, str | int]:
        wanted: dict[str, str | int | None] = {
            "title": edit.title,
            "description": edit.description,
            "starts_at": None if edit.starts_at is None else parse_start(edit.starts_at, clock=self._clock),
            "time_zone": None if edit.time_zone is None else check_zone(edit.time_zone),
            "visibility": edit.visibility and edit.visibility.value,
            "recording_policy": edit.recording_policy and edit.recording_policy.value,
        }
        changed = {k: v for k, v in wanted.items() if v is not None and v != getattr(row, k)}
        for column, value in changed.items():
            setattr(row, column, value)
        return changed


async def find(session: AsyncSession, space: SpaceId) -> SpaceRow:
    """Return the row of a space; UnknownSpace when there is none."""
    row = await session.get(SpaceRow, space) if is_id(space) else None
    if row is None:
        raise UnknownSpace
    return row


def title_for_anyone(row: SpaceRow) -> str:
    """Return a space's title as strangers may know it; empty while it is private or hidden."""
    closed = row.visibility == Visibility.PRIVATE or row.hidden or row.hidden_reason
    return "" if closed else row.title


def _before(row: SpaceRow, started: int) -> int:
    """The start that people were told at first; 0 once it is that again, to the minute as it is told."""
    first = row.starts_before or started
    return 0 if first // MINUTE_MS == row.starts_at // MINUTE_MS else first


def _check(row: SpaceRow, edit: Edit) -> None:
    """Raise Conflict for what can no longer change: people agreed to it before they spoke."""
    present = Lifecycle(row.lifecycle)
    if present is Lifecycle.CANCELLED:
        raise Conflict("This conversation was cancelled and cannot be changed.")
    if edit.starts_at is not None or edit.time_zone is not None:
        lifecycle.after(present, Act.RESCHEDULE)
    if present in lifecycle.BEFORE_LIVE:
        return
    if edit.recording_policy not in (None, row.recording_policy):
        raise Conflict(
            "What becomes of the recording is settled once a space is live: its speakers agreed to it."
        )
    if row.visibility == Visibility.PRIVATE and edit.visibility not in (None, Visibility.PRIVATE):
        raise Conflict("This conversation was live in private and stays so: its speakers agreed to that.")


def _has_seat(account: str) -> ColumnElement[bool]:
    """Spaces on whose stage an account became something, and is not taken off."""
    seat = func.json_extract(SpaceRow.seats, f'$."account:{account}"')
    return func.coalesce(seat, "listener") != "listener"


async def _find_host(session: AsyncSession, actor: Actor, handle: str | None) -> AccountRow:
    account = actor.need_account()
    if handle is None or handle == account.handle:
        row: AccountRow | None = await session.get_one(AccountRow, account.id)
    else:
        actor.need_operator()
        row = await session.scalar(select(AccountRow).where(AccountRow.handle == handle))
    if row is None:
        raise NotFound("There is no account with this handle.")
    if row.suspended_at is not None:
        raise Suspended("The host of this conversation is suspended.")
    return row


def _read_cursor(text: str) -> tuple[int, str]:
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise BadRequest("“after” is not a page of this list. Use the “next” of the page before.")
    return int(match[1]), match[2]
