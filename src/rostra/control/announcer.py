"""Tells the bus what the audience may know of every space. The one publisher of ``SpaceState``.

Keeps the newest state of each space, so that decisions that need no more than that ask no
database.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.client import BusClient
from rostra.bus.messages import (
    SPACES_KNOWN,
    Lifecycle,
    Recording,
    Rendition,
    Role,
    SpacesKnown,
    SpaceState,
    space_state,
)
from rostra.control.board import Board
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, ConsentRow, SpaceRow, SpeakerLinkRow

MAX_PEOPLE = 24
"""Names that cards and lists may show."""


class Announcer:
    """Publishes states, newest revision wins."""

    def __init__(self, bus: BusClient, database: Database, board: Board) -> None:
        self._bus = bus
        self._board = board
        self._database = database
        self._states: dict[SpaceId, SpaceState] = {}

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
            spaces = list(await session.scalars(select(SpaceRow)))
            for row in spaces:
                self._publish(await state_of(session, row))
        self._bus.publish(SPACES_KNOWN, SpacesKnown(), retain=True)

    async def announce(self, space: SpaceId) -> SpaceState:
        """Publish one space as it now stands."""
        async with self._database.reading() as session:
            state = await state_of(session, await session.get_one(SpaceRow, space))
        self._publish(state)
        return state

    def _publish(self, state: SpaceState) -> None:
        known = self._states.get(state.space)
        if known is not None and known.revision > state.revision:
            return
        self._states[state.space] = state
        self._bus.publish(space_state(state.space), state, retain=True)
        self._board.touch(state.space)


async def state_of(session: AsyncSession, row: SpaceRow) -> SpaceState:
    """Return what the audience may know of ``row``."""
    host = await session.get_one(AccountRow, row.host)
    people = await _people(session, row, host.name)
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
    )


def recording_of(row: SpaceRow) -> Recording | None:
    """The finished tape of a space, once there is one."""
    if row.recording_samples is None or row.recording_bytes is None:
        return None
    return Recording(duration_samples=row.recording_samples, size_bytes=row.recording_bytes)


async def _people(session: AsyncSession, row: SpaceRow, host_name: str) -> tuple[str, ...]:
    """Names announced (a link made for somebody) or heard (consented), host first, each once."""
    links = list(
        await session.scalars(
            select(SpeakerLinkRow)
            .where(SpeakerLinkRow.space == row.id)
            .order_by(SpeakerLinkRow.created_at, SpeakerLinkRow.id)
        )
    )
    consents = list(
        await session.scalars(select(ConsentRow).where(ConsentRow.space == row.id).order_by(ConsentRow.id))
    )
    chosen = {consent.person: consent for consent in consents}
    known = [(consent.role, consent.name) for consent in chosen.values()]
    known += [(link.role, link.name) for link in links if link.name and f"link:{link.id}" not in chosen]
    hosts = [name for role, name in known if role == Role.HOST] or [host_name]
    names = hosts + [name for _, name in known]
    return tuple(dict.fromkeys(names))[:MAX_PEOPLE]
