"""Sound checks: speakers try microphone, headphones and line ahead, and the host sees what they found.

The newest of each person is kept, at most so many a space. What was found is what their own browser says:
it helps them and their host, and decides nothing. Sound is never stored, and reaches nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.client import BusClient
from rostra.bus.messages import STAGE_TRY_LINE, Answer, Lifecycle, Role, TryLine
from rostra.control import lifecycle
from rostra.control.identity import Actor, standing
from rostra.control.permits import Doing, require
from rostra.control.spaces import find
from rostra.control.stage_desk import StageDesk
from rostra.control.stage_line import ask
from rostra.control.stage_pace import Knock, StagePace
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId
from rostra.core.sdp import check_sdp
from rostra.store.database import Database
from rostra.store.tables import SoundCheckRow

MOST_PER_SPACE: Final = 100
"""Then the oldest goes."""


class Microphone(StrEnum):
    """What came of the microphone."""

    UNTRIED = "untried"
    HEARD = "heard"
    QUIET = "quiet"
    LOUD = "loud"
    """So loud that it is clipped."""
    SILENT = "silent"
    MISSING = "missing"
    """None was found, or it is blocked or held by another program."""


class Headphones(StrEnum):
    """What came of what they hear."""

    UNTRIED = "untried"
    CLEAR = "clear"
    ECHO = "echo"
    """The microphone hears the loudspeakers."""
    UNHEARD = "unheard"


class Way(StrEnum):
    """How sound gets to the stage."""

    UNTRIED = "untried"
    DIRECT = "direct"
    RELAY = "relay"
    """Only by a relay (TURN, RFC 8656)."""
    NONE = "none"


class Relay(StrEnum):
    """What came of the relay by itself."""

    UNTRIED = "untried"
    WORKS = "works"
    FAILS = "fails"
    ABSENT = "absent"
    """This site has none."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. Loss is of packets, the worse of both directions."""

    microphone: Microphone = Microphone.UNTRIED
    headphones: Headphones = Headphones.UNTRIED
    way: Way = Way.UNTRIED
    relay: Relay = Relay.UNTRIED
    loss_percent: float | None = None
    round_trip_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Who found it, and when."""

    name: str
    role: Role
    at: int
    finding: Finding


class Checks:
    """Trying a line, and keeping what was found."""

    def __init__(
        self, database: Database, bus: BusClient, desk: StageDesk, pace: StagePace, *, clock: Clock
    ) -> None:
        self._database = database
        self._bus = bus
        self._desk = desk
        self._pace = pace
        self._clock = clock

    async def try_line(self, actor: Actor, space: SpaceId, sdp: str) -> str:
        """Have the stage answer an offer that is only tried; needs no consent, for nobody hears it.

        NotAllowed, TooManyRequests.
        """
        check_sdp(sdp)
        self._pace.spend(Knock.TRY, actor, space)
        person = await self._desk.person(actor, space)
        asked = TryLine(space=space, person=person.label, sdp=sdp)
        return (await ask(self._bus, STAGE_TRY_LINE, asked, Answer)).sdp

    async def note(self, actor: Actor, space: SpaceId, finding: Finding, *, name: str) -> None:
        """Keep what somebody found, in place of what they found before. SpaceOver."""
        person = await self._desk.person(actor, space)
        at = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find(session, space)
            lifecycle.on_stage_possible(Lifecycle(row.lifecycle))
            await session.merge(
                SoundCheckRow(
                    space=space,
                    person=person.label,
                    account=actor.whose,
                    name=person.name or name,
                    role=person.role.value,
                    microphone=finding.microphone.value,
                    headphones=finding.headphones.value,
                    way=finding.way.value,
                    relay=finding.relay.value,
                    loss_percent=finding.loss_percent,
                    round_trip_ms=finding.round_trip_ms,
                    at=at,
                )
            )
            await session.flush()
            await _drop_oldest(session, space)

    async def of(self, actor: Actor, space: SpaceId) -> list[Check]:
        """What was found here, the newest first, for those who run the stage."""
        async with self._database.reading() as session:
            require(standing(actor, await find(session, space)), Doing.SEE_CHECKS)
            rows = await session.scalars(_newest_first(space))
            return [_check(row) for row in rows]


async def _drop_oldest(session: AsyncSession, space: SpaceId) -> None:
    stale = (await session.scalars(_newest_first(space).offset(MOST_PER_SPACE))).all()
    for row in stale:
        await session.execute(
            delete(SoundCheckRow).where(SoundCheckRow.space == space, SoundCheckRow.person == row.person)
        )


def _newest_first(space: SpaceId) -> Select[SoundCheckRow]:
    return (
        select(SoundCheckRow)
        .where(SoundCheckRow.space == space)
        .order_by(SoundCheckRow.at.desc(), SoundCheckRow.person)
    )


def _check(row: SoundCheckRow) -> Check:
    return Check(
        name=row.name,
        role=Role(row.role),
        at=row.at,
        finding=Finding(
            microphone=Microphone(row.microphone),
            headphones=Headphones(row.headphones),
            way=Way(row.way),
            relay=Relay(row.relay),
            loss_percent=row.loss_percent,
            round_trip_ms=row.round_trip_ms,
        ),
    )
