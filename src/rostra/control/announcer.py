"""Tells the bus what the audience may know of every space. The one publisher of ``SpaceState``
and ``HostState``.

A hidden space is removed for everybody else. Keeps the newest state of each space, so that
decisions that need no more than that ask no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.client import BusClient
from rostra.bus.messages import (
    SPACES_KNOWN,
    HostState,
    Removed,
    SpacesKnown,
    SpaceState,
    host_state,
    space_state,
)
from rostra.control.board import Board
from rostra.control.lifecycle import IN_USE, UNFINISHED
from rostra.control.space_states import hosts_of, states_of
from rostra.core.errors import RostraError
from rostra.core.ids import AccountId, SpaceId, draw
from rostra.store.database import Database
from rostra.store.tables import AccountRow, SpaceRow

log = structlog.get_logger()

AT_ONCE: Final = 500
"""Spaces read by one query at a start."""


class Announcer:
    """Publishes states, newest revision wins."""

    def __init__(self, bus: BusClient, database: Database, board: Board) -> None:
        self._bus = bus
        self._board = board
        self._database = database
        self._states: dict[SpaceId, SpaceState] = {}
        self._hidden: dict[SpaceId, SpaceState] = {}
        """What hidden spaces are, for their own people: on the bus there are none."""
        self._told: dict[SpaceId, int] = {}
        """The newest revision told of each space, hidden ones too: an older read must not undo it."""
        self._hosts: dict[AccountId, HostState] = {}
        self._name = draw(10)

    @property
    def states(self) -> Mapping[SpaceId, SpaceState]:
        """What was published last, by space."""
        return self._states

    def in_use(self) -> list[SpaceId]:
        """Spaces whose stage is in use, as far as is stored."""
        return [space for space, state in self._states.items() if state.lifecycle in IN_USE]

    async def state(self, space: SpaceId) -> SpaceState:
        """What a space was when it was published or removed last; publishes it first if it never was."""
        return self._states.get(space) or self._hidden.get(space) or await self.announce(space)

    async def announce_all(self) -> None:
        """Publish every space there is, and then that these are all: at the start, for all roles.

        What is live or coming is told first.
        """
        over = SpaceRow.lifecycle.not_in(UNFINISHED)
        async with self._database.reading() as session:
            rows = (await session.scalars(select(SpaceRow).order_by(over, SpaceRow.starts_at.desc()))).all()
            for at in range(0, len(rows), AT_ONCE):
                await self._tell(session, rows[at : at + AT_ONCE])
        self._bus.publish(SPACES_KNOWN, SpacesKnown(by=self._name), retain=True)

    async def take_back_unknown(self) -> None:
        """Until cancelled, remove spaces that the bus tells of and the database does not: it was put back."""
        async with self._bus.subscribe("space.*.state", SpaceState, Removed) as states:
            async for subject, state in states:
                try:
                    unknown = isinstance(state, SpaceState) and not await self._exists(state.space)
                except (RostraError, SQLAlchemyError) as error:
                    log.warning("space_not_looked_up", space=state.space, reason=str(error))
                    continue
                if unknown:
                    self._bus.publish(subject, Removed(space=state.space), retain=True)

    async def _exists(self, space: SpaceId) -> bool:
        if space in self._states:
            return True
        async with self._database.reading() as session:
            return await session.get(SpaceRow, space) is not None

    async def announce(self, space: SpaceId) -> SpaceState:
        """Publish one space as it now stands."""
        async with self._database.reading() as session:
            (state,) = await self._tell(session, [await session.get_one(SpaceRow, space)])
            return state

    async def announce_each(self, spaces: Iterable[SpaceId]) -> None:
        """Publish these spaces as they now stand."""
        async with self._database.reading() as session:
            await self._tell(session, [await session.get_one(SpaceRow, space) for space in spaces])

    async def announce_host(self, account: AccountId) -> None:
        """Publish what somebody says about themselves, if they host anything."""
        if account in self._hosts:
            async with self._database.reading() as session:
                self._publish_host(await session.get_one(AccountRow, account))

    async def _tell(self, session: AsyncSession, rows: Sequence[SpaceRow]) -> list[SpaceState]:
        hosts = await hosts_of(session, rows)
        states = await states_of(session, rows, hosts)
        for row, state in zip(rows, states, strict=True):
            self._publish_host(hosts[row.host])
            self._publish(row, state)
        return states

    def _publish(self, row: SpaceRow, state: SpaceState) -> None:
        if state.revision < self._told.get(state.space, 0):
            return
        self._told[state.space] = state.revision
        if row.hidden or row.hidden_reason:
            self._states.pop(state.space, None)
            self._hidden[state.space] = state
            gone = Removed(space=state.space, reason=row.hidden_reason)
            self._bus.publish(space_state(state.space), gone, retain=True)
        else:
            self._hidden.pop(state.space, None)
            self._states[state.space] = state
            self._bus.publish(space_state(state.space), state, retain=True)
        self._board.touch(state.space)

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
