"""Moves: one space goes on in another, and its audience with it. Decides which moves there can be.

A move lets nobody in anywhere: pages and players follow, and the other space's door decides. What was
said in the first space stays its own recording.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, Visibility
from rostra.control import audit
from rostra.control.announcer import Announcer, touch
from rostra.control.identity import Actor, Credential, admitted, need_host_in_good_standing, standing
from rostra.control.lifecycle import UNFINISHED
from rostra.control.permits import PERMITS, Doing, require
from rostra.control.space_states import MAX_SOURCES
from rostra.control.spaces import find, title_for_anyone
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import AccountRow, SpaceRow


def check(source: SpaceRow, target: SpaceRow, *, sources: int, targets_sources: int) -> None:
    """Raise Conflict, with a sentence, unless ``source`` can go on in ``target``.

    ``sources`` and ``targets_sources``: how many spaces go on in the one and in the other.
    """
    if source.id == target.id:
        raise Conflict("A conversation cannot move to itself.")
    if Lifecycle(source.lifecycle) not in UNFINISHED:
        raise Conflict("This conversation is over; nobody is there to move.", state=source.lifecycle)
    if source.moved_to is not None:
        raise Conflict("This conversation has moved already.", moved_to=source.moved_to)
    if target.moved_to == source.id:
        raise Conflict("The other conversation moved here: its audience would go in circles.")
    if target.moved_to is not None:
        raise Conflict("The other conversation has moved itself. Name the one where it goes on.")
    if sources:
        raise Conflict("Other conversations moved here: their audience would be sent on a second time.")
    if Lifecycle(target.lifecycle) not in UNFINISHED:
        raise Conflict(
            "The other conversation is over; nothing would be heard there.", state=target.lifecycle
        )
    if target.hidden_reason or target.hidden:
        raise Conflict("The other conversation is hidden; nobody would find it.")
    if targets_sources >= MAX_SOURCES:
        raise Conflict("As many conversations as are allowed have moved to the other one.")


@dataclass(frozen=True, slots=True)
class GoesOn:
    """Where a space goes on, as somebody at its stage is told."""

    space: SpaceId
    title: str
    """Empty where they have no place there, and it is not for everybody on this stage to know."""
    speaks: bool
    """They may come to its stage too."""


class Moves:
    """Points spaces at one another."""

    def __init__(self, database: Database, announcer: Announcer, *, clock: Clock) -> None:
        self._database = database
        self._announcer = announcer
        self._clock = clock

    async def move(self, actor: Actor, space: SpaceId, target: SpaceId) -> None:
        """Let ``space`` go on in ``target``: a host leads on to their own, operators to any.

        Moved there already, nothing happens. UnknownSpace, NotAllowed, Conflict, Suspended.
        """
        now = now_ms(self._clock)
        async with self._database.session() as session:
            source, other = await find(session, space), await find(session, target)
            require(standing(actor, source), Doing.MOVE)
            require(standing(actor, other), Doing.TAKE_IN)
            if source.moved_to == other.id:
                return
            await need_host_in_good_standing(session, other)
            counts = [await _sources(session, row) for row in (source, other)]
            check(source, other, sources=counts[0], targets_sources=counts[1])
            source.moved_to = other.id
            touch(source, at=now)
            touch(other, at=now)
            audit.record(session, at=now, actor=actor.label, act="space.move", space=space, to=other.title)
            audit.record(
                session, at=now, actor=actor.label, act="space.take-in", space=target, origin=source.title
            )
        await self._announcer.announce_each([target, space])

    async def goes_on(self, actor: Actor, space: SpaceId) -> GoesOn | None:
        """Where ``space`` goes on; None where it has not moved."""
        async with self._database.reading() as session:
            source = await find(session, space)
            if source.moved_to is None:
                return None
            other = await find(session, SpaceId(source.moved_to))
            speaks = await _speaks(session, actor, other)
            return GoesOn(SpaceId(other.id), other.title if speaks else _title_for(other, source), speaks)


async def _speaks(session: AsyncSession, actor: Actor, other: SpaceRow) -> bool:
    """Whether ``actor`` may come to the stage of ``other``, by whatever they are signed in as too.

    Whoever came here by a link comes there by their account, so it is said to them.
    """
    known = [actor]
    if actor.link is not None and actor.signed_in is not None:
        account = admitted(await session.get_one(AccountRow, actor.signed_in))
        known.append(Actor(Credential.SESSION, account))
    return any(standing(each, other) in PERMITS[Doing.SPEAK] for each in known)


def _title_for(other: SpaceRow, on: SpaceRow) -> str:
    """The title of ``other`` as the page of ``on`` would say it; a public one names nothing unlisted."""
    kept = other.visibility == Visibility.UNLISTED and on.visibility == Visibility.PUBLIC
    return "" if kept else title_for_anyone(other)


async def _sources(session: AsyncSession, row: SpaceRow) -> int:
    found = select(func.count()).select_from(SpaceRow).where(SpaceRow.moved_to == row.id)
    return await session.scalar(found) or 0
