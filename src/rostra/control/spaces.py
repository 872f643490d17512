"""Spaces as records: made, found, edited, and the links to their stage.

What moves a space through its life is in :mod:`.conductor`. Every change is audited in the same
transaction and announced after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, Role
from rostra.control import audit, lifecycle
from rostra.control.announcer import Announcer
from rostra.control.identity import Account, Actor, standing
from rostra.control.keys import draw_token, token_hash
from rostra.control.lifecycle import Act
from rostra.control.permits import Doing, require
from rostra.control.times import check_zone, now_ms, parse_start
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, Conflict, NotFound, UnknownSpace
from rostra.core.ids import SpaceId, draw, is_id, new_space_id
from rostra.store.database import Database
from rostra.store.tables import AccountRow, SpaceRow, SpeakerLinkRow

MAX_LINKS = 200
"""Links of one space."""
_CURSOR = re.compile(r"([0-9]{1,15})\.([a-z0-9]{6,26})")


@dataclass(frozen=True, slots=True)
class Edit:
    """What may be changed of a space; ``None`` leaves it."""

    title: str | None = None
    description: str | None = None
    starts_at: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some spaces, latest start first, and where the next page begins."""

    spaces: list[SpaceRow]
    next: str | None


class Spaces:
    """The records of spaces."""

    def __init__(self, database: Database, announcer: Announcer, *, clock: Clock) -> None:
        self._database = database
        self._announcer = announcer
        self._clock = clock

    async def create(
        self, actor: Actor, *, title: str, description: str, starts_at: str, time_zone: str, host: str | None
    ) -> SpaceId:
        """Schedule a space hosted by ``host`` (a handle; only operators name others), else by the actor."""
        account = actor.need_account()
        now = now_ms(self._clock)
        row = SpaceRow(
            id=new_space_id(),
            revision=1,
            lifecycle=Lifecycle.SCHEDULED.value,
            title=title,
            description=description,
            starts_at=parse_start(starts_at, clock=self._clock),
            time_zone=check_zone(time_zone),
            anchor_utc_ns=0,
            renditions=[],
            live_at=0,
            ended_at=0,
            ended_reason="",
            created_at=now,
        )
        async with self._database.session() as session:
            row.host = (await _find_host(session, actor, account, host)).id
            session.add(row)
            audit.record(
                session, at=now, actor=actor.label, act="space.create", space=SpaceId(row.id), title=title
            )
        await self._announcer.announce(SpaceId(row.id))
        return SpaceId(row.id)

    async def edit(self, actor: Actor, space: SpaceId, edit: Edit) -> None:
        """Change words at any time but after a cancellation; start and zone only before the space is live."""
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find(session, space)
            require(standing(actor, row), Doing.EDIT)
            if row.lifecycle == Lifecycle.CANCELLED:
                raise Conflict("This space was cancelled and cannot be changed.")
            if edit.starts_at is not None or edit.time_zone is not None:
                lifecycle.after(Lifecycle(row.lifecycle), Act.RESCHEDULE)
            changed = self._apply(row, edit)
            if not changed:
                return
            row.revision += 1
            audit.record(session, at=now, actor=actor.label, act="space.edit", space=space, **changed)
        await self._announcer.announce(space)

    async def page(self, actor: Actor, *, states: Sequence[Lifecycle], limit: int, after: str | None) -> Page:
        """The spaces that ``actor`` may see: operators all, others their own."""
        account = actor.need_account()
        query = select(SpaceRow).order_by(SpaceRow.starts_at.desc(), SpaceRow.id.desc()).limit(limit + 1)
        if not actor.operates:
            query = query.where(SpaceRow.host == account.id)
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

    async def create_link(self, actor: Actor, space: SpaceId, role: Role, name: str) -> str:
        """Make a link that brings one person to the stage; return its token, shown this once only."""
        token, now = draw_token(), now_ms(self._clock)
        async with self._database.session() as session:
            row = await find(session, space)
            require(standing(actor, row), Doing.INVITE)
            lifecycle.on_stage_possible(Lifecycle(row.lifecycle))
            held = select(func.count()).select_from(SpeakerLinkRow).where(SpeakerLinkRow.space == space)
            if (await session.scalar(held) or 0) >= MAX_LINKS:
                raise Conflict("This space has as many links as it may.")
            link = SpeakerLinkRow(
                id=draw(10),
                space=space,
                role=role.value,
                name=name,
                token_hash=token_hash(token),
                created_by=actor.account.id if actor.account else None,
                created_at=now,
            )
            session.add(link)
            row.revision += 1
            audit.record(
                session,
                at=now,
                actor=actor.label,
                act="link.create",
                space=space,
                link=link.id,
                role=role.value,
                name=name,
            )
        await self._announcer.announce(space)
        return token

    def _apply(self, row: SpaceRow, edit: Edit) -> dict[str, str | int]:
        wanted: dict[str, str | int | None] = {
            "title": edit.title,
            "description": edit.description,
            "starts_at": None if edit.starts_at is None else parse_start(edit.starts_at, clock=self._clock),
            "time_zone": None if edit.time_zone is None else check_zone(edit.time_zone),
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


async def _find_host(session: AsyncSession, actor: Actor, account: Account, handle: str | None) -> AccountRow:
    if handle is None or handle == account.handle:
        return await session.get_one(AccountRow, account.id)
    actor.need_operator()
    row = await session.scalar(select(AccountRow).where(AccountRow.handle == handle))
    if row is None:
        raise NotFound("There is no account with this handle.")
    return row


def _read_cursor(text: str) -> tuple[int, str]:
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise BadRequest("“after” is not a page of this list. Use the “next” of the page before.")
    return int(match[1]), match[2]
