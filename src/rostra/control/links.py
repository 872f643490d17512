"""Links to a stage once they are made: who holds one, and taking one back.

A link that is taken back opens nothing from that moment on, and whoever is on stage by it is hung
up on. Making links is the business of :mod:`.spaces`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import delete, select

from rostra.bus.messages import Role
from rostra.control import audit
from rostra.control.announcer import Announcer, touch
from rostra.control.epochs import end_passes
from rostra.control.identity import Actor, standing
from rostra.control.permits import Doing, require
from rostra.control.spaces import find
from rostra.control.stage_desk import StageDesk
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import NotFound, StageUnavailable
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import Database
from rostra.store.tables import ConsentRow, SoundCheckRow, SpeakerLinkRow

TAKEN_BACK = "The host took back the link that you came by."


@dataclass(frozen=True, slots=True)
class HeldLink:
    """A link without its secret. ``used``: its holder has accepted to be heard."""

    id: str
    role: Role
    name: str
    created_at: int
    used: bool


class Links:
    """The links of spaces."""

    def __init__(self, database: Database, announcer: Announcer, desk: StageDesk, *, clock: Clock) -> None:
        self._database = database
        self._announcer = announcer
        self._desk = desk
        self._clock = clock

    async def held(self, actor: Actor, space: SpaceId) -> list[HeldLink]:
        """The links of a space, oldest first, for whoever may make them."""
        async with self._database.reading() as session:
            require(standing(actor, await find(session, space)), Doing.INVITE)
            rows = await session.scalars(
                select(SpeakerLinkRow)
                .where(SpeakerLinkRow.space == space)
                .order_by(SpeakerLinkRow.created_at, SpeakerLinkRow.id)
            )
            used = set(await session.scalars(select(ConsentRow.person).where(ConsentRow.space == space)))
            return [
                HeldLink(row.id, Role(row.role), row.name, row.created_at, f"link:{row.id}" in used)
                for row in rows
            ]

    async def take_back(self, actor: Actor, space: SpaceId, link: str) -> None:
        """Make a link worthless, and hang up on whoever is on stage by it. NotFound."""
        async with self._database.session() as session:
            row = await find(session, space)
            require(standing(actor, row), Doing.INVITE)
            held = await session.get(SpeakerLinkRow, link)
            if held is None or held.space != space:
                raise NotFound("This space has no such link.")
            speakers = set(
                await session.scalars(
                    select(ConsentRow.speaker).where(
                        ConsentRow.space == space, ConsentRow.person == f"link:{link}"
                    )
                )
            )
            await session.delete(held)
            theirs = SoundCheckRow.space == space, SoundCheckRow.person == f"link:{link}"
            await session.execute(delete(SoundCheckRow).where(*theirs))
            now = now_ms(self._clock)
            touch(row, at=now)
            end_passes(row)
            audit.record(session, at=now, actor=actor.label, act="link.take-back", space=space, link=link)
        await self._announcer.announce(space)
        if speakers:
            with suppress(StageUnavailable):  # A stage that is away has nobody on it.
                await self._desk.take_off({SpeakerId(each) for each in speakers}, TAKEN_BACK, space=space)
