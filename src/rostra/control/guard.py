"""Lets acts on a floor through as the table says. Every act leaves a line in the record, refused ones too.

An act happens inside one transaction together with its line; a refused act changes nothing and leaves
its line alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.control import audit
from rostra.control.floor import RULES, Act, Place, require
from rostra.control.identity import Actor
from rostra.control.places import Target, place_of, place_of_link, target_of
from rostra.control.refused_acts import RefusedActs
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import NotAllowed
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import Database
from rostra.store.tables import SpaceRow


@dataclass(slots=True)
class Scene:
    """One act in its transaction. What ``detail`` holds at the end stands in the record."""

    session: AsyncSession
    row: SpaceRow
    place: Place
    at: int
    act: str
    """As the record names it; empty when nothing came of it."""
    target: Target | None = None
    detail: dict[str, str | int | bool] = field(default_factory=dict)

    @property
    def whom(self) -> Target:
        """Whom it is done to, where it is done to somebody."""
        if self.target is None:
            raise LookupError("this act has no target")
        return self.target


class Guard:
    """Who may act on which floor."""

    def __init__(self, database: Database, refused: RefusedActs, *, clock: Clock) -> None:
        self._database = database
        self._refused = refused
        self._clock = clock

    async def permit(self, actor: Actor, space: SpaceId, act: Act) -> SpaceRow:
        """Return the space, where ``actor`` may do that to it; else FloorRefused, written down.

        For acts that write their own line.
        """
        try:
            async with self._database.reading() as session:
                row = await find(session, space)
                require(act, place_of(actor, row))
                return row
        except NotAllowed:
            await self._note(actor, space, act)
            raise

    @asynccontextmanager
    async def acting(
        self,
        actor: Actor,
        space: SpaceId,
        act: Act,
        speaker: SpeakerId | None = None,
        *,
        on: Place | None = None,
        link: str | None = None,
    ) -> AsyncIterator[Scene]:
        """Open the transaction of an act; FloorRefused, written down, where the table does not allow it.

        So is whatever else is not allowed in the act itself. It is done to ``speaker`` (NotFound for one who
        was never on this stage), to whoever holds ``link`` (NotFound for another space's), or to somebody who
        is ``on`` that place, as whoever waits in the queue is a listener.
        """
        try:
            async with self._database.session() as session:
                row = await find(session, space)
                place = place_of(actor, row)
                if place not in RULES[act]:
                    require(act, place)
                target = await target_of(session, row, speaker) if speaker is not None else None
                if link is not None:
                    on = await place_of_link(session, row, link)
                require(act, place, target.place if target is not None else on)
                scene = Scene(session, row, place, now_ms(self._clock), f"floor.{act}", target)
                if target is not None:
                    scene.detail |= {"speaker": target.speaker, "name": target.name}
                    if target.account:
                        scene.detail["account"] = target.account
                yield scene
                if scene.act:
                    audit.record(
                        session, at=scene.at, actor=actor.label, act=scene.act, space=space, **scene.detail
                    )
        except NotAllowed:
            await self._note(actor, space, act, speaker)
            raise

    async def _note(self, actor: Actor, space: SpaceId, act: Act, speaker: SpeakerId | None = None) -> None:
        target = {"speaker": speaker} if speaker is not None else {}
        await self._refused.note("floor.refused", actor=actor.label, space=space, tried=act.value, **target)
