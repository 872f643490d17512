"""Tells the bus what the audience may know of every space. The one publisher of ``SpaceState``
and ``HostState``.

A hidden space is removed for everybody else. Keeps the newest state of each space, so that
decisions that need no more than that ask no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.client import BusClient
from rostra.bus.messages import (
    SPACES_KNOWN,
    HostState,
    Lifecycle,
    Notice,
    Pinned,
    Recording,
    RecordingPolicy,
    Removed,
    Rendition,
    Role,
    SpacesKnown,
    SpaceState,
    Visibility,
    host_state,
    space_state,
)
from rostra.control.board import Board
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, ConsentRow, NoticeRow, RequestRow, SpaceRow, SpeakerLinkRow

MAX_PEOPLE: Final = 24
"""Names that cards and lists may show."""
MAX_NOTICES: Final = 20
"""Notices kept of a space, newest first."""
MAX_SOURCES: Final = 8
"""Spaces that may go on in one."""


class Announcer:
    """Publishes states, newest revision wins."""

    def __init__(self, bus: BusClient, database: Database, board: Board) -> None:
        self._bus = bus
        self._board = board
        self._database = database
        self._states: dict[SpaceId, SpaceState] = {}
        self._told: dict[SpaceId, int] = {}
        """The newest revision told of each space, hidden ones too: an older read must not undo it."""
        self._hosts: dict[AccountId, HostState] = {}

    @property
    def states(self) -> Mapping[SpaceId, SpaceState]:
        """What was published last, by space."""
        return self._states

    async def state(self, space: SpaceId) -> SpaceState:
        """What was published last of a space; publishes it first if it never was."""
        return self._states.get(space) or await self.announce(space)

    async def announce_all(self) -> None:
        """Publish every space there is, and then that these are all: at the start, for all roles."""
        async with self._database.reading() as session:
            for row in await session.scalars(select(SpaceRow)):
                await self._tell(session, row)
        self._bus.publish(SPACES_KNOWN, SpacesKnown(), retain=True)

    async def take_back_unknown(self) -> None:
        """Until cancelled, remove spaces that the bus tells of and the database does not: it was put back."""
        async with self._bus.subscribe("space.*.state", SpaceState, Removed) as states:
            async for subject, state in states:
                if isinstance(state, SpaceState) and not await self._exists(state.space):
                    self._bus.publish(subject, Removed(space=state.space), retain=True)

    async def _exists(self, space: SpaceId) -> bool:
        if space in self._states:
            return True
        async with self._database.reading() as session:
            return await session.get(SpaceRow, space) is not None

    async def announce(self, space: SpaceId) -> SpaceState:
        """Publish one space as it now stands."""
        async with self._database.reading() as session:
            return await self._tell(session, await session.get_one(SpaceRow, space))

    async def announce_each(self, spaces: Iterable[SpaceId]) -> None:
        """Publish these spaces as they now stand."""
        async with self._database.reading() as session:
            for space in spaces:
                await self._tell(session, await session.get_one(SpaceRow, space))

    async def announce_host(self, account: AccountId) -> None:
        """Publish what somebody says about themselves, if they host anything."""
        if account in self._hosts:
            async with self._database.reading() as session:
                self._publish_host(await session.get_one(AccountRow, account))

    async def _tell(self, session: AsyncSession, row: SpaceRow) -> SpaceState:
        state = await state_of(session, row)
        self._publish_host(await session.get_one(AccountRow, row.host))
        if state.revision < self._told.get(state.space, 0):
            return state
        self._told[state.space] = state.revision
        if row.hidden or row.hidden_reason:
            self._states.pop(state.space, None)
            gone = Removed(space=state.space, reason=row.hidden_reason)
            self._bus.publish(space_state(state.space), gone, retain=True)
        else:
            self._states[state.space] = state
            self._bus.publish(space_state(state.space), state, retain=True)
        self._board.touch(state.space)
        return state

    def _publish_host(self, row: AccountRow) -> None:
        host = AccountId(row.id)
        gone = row.deleted_at is not None or row.suspended_at is not None
        state = HostState(host=host) if gone else HostState(host=host, bio=row.bio, picture=row.picture)
        if self._hosts.get(host) != state:
            self._hosts[host] = state
            self._bus.publish(host_state(host), state, retain=True)


def touch(row: SpaceRow, *, at: int) -> None:
    """Count a change of what the audience may know of ``row``, inside a transaction."""
    row.revision += 1
    row.updated_at = at


async def count_change(session: AsyncSession, host: AccountId) -> list[SpaceId]:
    """Count a change of every space of ``host``, inside a transaction; announce them after it."""
    changed = await session.scalars(
        update(SpaceRow)
        .where(SpaceRow.host == host)
        .values(revision=SpaceRow.revision + 1)
        .returning(SpaceRow.id)
        .execution_options(synchronize_session=False)
    )
    return [SpaceId(space) for space in changed]


async def state_of(session: AsyncSession, row: SpaceRow) -> SpaceState:
    """Return what the audience may know of ``row``."""
    host = await session.get_one(AccountRow, row.host)
    people = await _people(session, row, host)
    return SpaceState(
        space=SpaceId(row.id),
        revision=row.revision,
        lifecycle=Lifecycle(row.lifecycle),
        title=row.title,
        description=row.description,
        host=AccountId(row.host),
        host_name=people[0],
        starts_at=row.starts_at,
        time_zone=row.time_zone,
        run=RunId(row.run) if row.run else None,
        renditions=msgspec.convert(tuple(row.renditions), tuple[Rendition, ...]),
        anchor_utc_ns=row.anchor_utc_ns,
        live_at=row.live_at,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
        recording=recording_of(row),
        people=people,
        host_handle=host.handle if host.deleted_at is None else "",
        account_name=host.name,
        host_verified=host.verified_at is not None,
        visibility=Visibility(row.visibility),
        has_passphrase=row.passphrase_hash is not None,
        pass_epoch=row.pass_epoch,
        recording_policy=RecordingPolicy(row.recording_policy),
        notices=await _notices(session, row),
        pinned=Pinned(link=row.pinned_link, label=row.pinned_label) if row.pinned_link else None,
        updated_at=row.updated_at,
        locked=bool(row.locked_by),
        locked_reason=row.locked_reason,
        moved_to=SpaceId(row.moved_to) if row.moved_to else None,
        moved_from=await _moved_from(session, row),
        hidden_reason=row.hidden_reason,
        starts_before=row.starts_before,
    )


async def _moved_from(session: AsyncSession, row: SpaceRow) -> tuple[SpaceId, ...]:
    came = select(SpaceRow.id).where(SpaceRow.moved_to == row.id).order_by(SpaceRow.starts_at, SpaceRow.id)
    return tuple(SpaceId(space) for space in await session.scalars(came.limit(MAX_SOURCES)))


def recording_of(row: SpaceRow) -> Recording | None:
    """The finished tape of a space, while there is one."""
    if row.recording_samples is None or row.recording_bytes is None or row.lifecycle == Lifecycle.DELETED:
        return None
    return Recording(duration_samples=row.recording_samples, size_bytes=row.recording_bytes)


async def _notices(session: AsyncSession, row: SpaceRow) -> tuple[Notice, ...]:
    newest = select(NoticeRow).where(NoticeRow.space == row.id).order_by(NoticeRow.at.desc(), NoticeRow.id)
    return tuple(
        Notice(notice=each.id, text=each.text, at=each.at, author=each.author, link=each.link)
        for each in await session.scalars(newest.limit(MAX_NOTICES))
    )


async def _people(session: AsyncSession, row: SpaceRow, host: AccountRow) -> tuple[str, ...]:
    """Names announced (a link made for somebody) or heard (consented), host first, each once.

    Whoever asked to speak and was let is announced by nobody: they are named once they consent.

    A verified mark vouches for the account's own name alone, so that name comes before any that was typed.
    """
    asked = select(RequestRow.request).where(RequestRow.space == row.id)
    links = list(
        await session.scalars(
            select(SpeakerLinkRow)
            .where(SpeakerLinkRow.space == row.id, SpeakerLinkRow.token_hash.not_in(asked))
            .order_by(SpeakerLinkRow.created_at, SpeakerLinkRow.id)
        )
    )
    consents = list(
        await session.scalars(select(ConsentRow).where(ConsentRow.space == row.id).order_by(ConsentRow.id))
    )
    chosen = {consent.person: consent for consent in consents}
    known = [(consent.role, consent.name) for consent in chosen.values()]
    heard_of = [link for link in links if link.name and link.role != Role.CAPTIONER]
    known += [(link.role, link.name) for link in heard_of if f"link:{link.id}" not in chosen]
    hosts = [name for role, name in known if role == Role.HOST] or [host.name]
    if host.verified_at is not None:
        hosts = [host.name, *hosts]
    names = hosts + [name for _, name in known]
    return tuple(dict.fromkeys(names))[:MAX_PEOPLE]
