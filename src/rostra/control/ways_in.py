"""Other ways to a stage than its page: WHIP and WHEP sessions, Icecast sources, and how to get through.

Checks who somebody is, as the desk does, and asks the stage over the bus. Never touches audio.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from rostra.bus.client import BusClient
from rostra.bus.messages import (
    CONTROL_WHO,
    STAGE_LEAVE,
    STAGE_MONITOR,
    STAGE_PATCH,
    STAGE_WHO_MONITORS,
    Answer,
    Done,
    Known,
    Leave,
    Monitor,
    Monitoring,
    Patch,
    Patched,
    WhoIs,
    WhoMonitors,
)
from rostra.control import audit, credentials
from rostra.control.blocks import Blocked
from rostra.control.identity import Actor, standing
from rostra.control.keys import token_hash
from rostra.control.permits import Doing, require
from rostra.control.spaces import find
from rostra.control.stage_desk import StageDesk
from rostra.control.stage_line import ask
from rostra.control.stage_pace import Knock, StagePace
from rostra.control.stage_person import OffStage
from rostra.control.times import now_ms
from rostra.control.turn import IceServer, IceServers
from rostra.core import words
from rostra.core.clock import Clock
from rostra.core.errors import NotFound, RostraError
from rostra.core.ids import SessionId, SpaceId
from rostra.core.sdp import check_sdp
from rostra.core.settings import Settings
from rostra.store.database import Database

MOST_WATCHED: Final = 1024
"""Sessions of those who listen in whose permission is looked at again; beyond, the oldest is hung up on."""
WATCH_S: Final = 2.0


class WaysIn:
    """Made once; every method may be called at any time."""

    def __init__(
        self,
        database: Database,
        bus: BusClient,
        desk: StageDesk,
        pace: StagePace,
        *,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._database = database
        self._bus = bus
        self._desk = desk
        self._pace = pace
        self._clock = clock
        self._servers = IceServers(settings, clock=clock)
        self._listening_in: dict[SessionId, tuple[SpaceId, Callable[[], Awaitable[bool]]]] = {}
        """Of this start: the stage hung up on those before."""

    async def servers(self, actor: Actor, space: SpaceId) -> tuple[IceServer, ...]:
        """What to ask for ways to this stage. NotAllowed for strangers."""
        person = await self._desk.person(actor, space)
        return self._servers.offered_to(_opaque(space, person.label))

    async def monitor(
        self, actor: Actor, space: SpaceId, sdp: str, *, still: Callable[[], Awaitable[bool]]
    ) -> Answer:
        """Let somebody hear the programme as it is mixed. NotAllowed, TooManyRequests, and as the stage does.

        Hung up within seconds once ``still`` says that they may not any more.
        """
        check_sdp(sdp)
        self._pace.spend(Knock.OFFER, actor, space)
        await self.need_monitor(actor, space)
        asked = Monitor(space=space, sdp=sdp, label=actor.person)
        answer = await ask(self._bus, STAGE_MONITOR, asked, Answer)
        self._listening_in[answer.session] = space, still
        if len(self._listening_in) > MOST_WATCHED:
            oldest = next(iter(self._listening_in))
            await self._hang_up(self._listening_in[oldest][0], oldest)
        await self._audit(actor, "stage.monitor", space)
        return answer

    async def monitor_servers(self, actor: Actor, space: SpaceId) -> tuple[IceServer, ...]:
        """The same servers for those who listen in."""
        await self.need_monitor(actor, space)
        return self._servers.offered_to(_opaque(space, f"monitor {actor.person}"))

    async def patch(
        self, actor: Actor, space: SpaceId, session: SessionId, fragment: str, if_match: str | None
    ) -> Patched:
        """Hand news of the ICE of a session of theirs to the stage. NotFound, NotAllowed, TooManyRequests."""
        self._pace.spend(Knock.NEWS, actor, space)
        label = (await self._desk.person(actor, space)).label
        patch = Patch(space=space, session=session, fragment=fragment, label=label, if_match=if_match)
        return await ask(self._bus, STAGE_PATCH, patch, Patched)

    async def leave(self, actor: Actor, space: SpaceId, session: SessionId) -> None:
        """End a session of their own. NotFound when there is none, or they were taken off.

        NotAllowed, TooManyRequests.
        """
        self._pace.spend(Knock.LEAVE, actor, space)
        try:
            label = (await self._desk.person(actor, space)).label
        except (OffStage, Blocked) as error:
            raise NotFound("There is no such session on this stage.") from error
        leave = Leave(space=space, session=session, label=label, known=True)
        await ask(self._bus, STAGE_LEAVE, leave, Done)
        listened = self._listening_in.pop(session, None) is not None
        await self._audit(actor, "stage.monitor-end" if listened else "stage.leave", space)

    async def run(self) -> None:
        """Answer the stage, which asks who brings a token, and look after who listens in, until cancelled."""
        async with self._bus.serve(CONTROL_WHO, WhoIs, self.who):
            while True:
                await asyncio.sleep(WATCH_S)
                for session, (space, still) in tuple(self._listening_in.items()):
                    if not await still():
                        await self._hang_up(space, session)
                await self._forget_gone()

    async def _forget_gone(self) -> None:
        """Look no more after sessions that the stage has no more; one that is away is asked again."""
        if watched := set(self._listening_in):
            with suppress(RostraError):
                present = await ask(self._bus, STAGE_WHO_MONITORS, WhoMonitors(), Monitoring)
                for session in watched.difference(present.sessions):
                    self._listening_in.pop(session, None)

    async def _hang_up(self, space: SpaceId, session: SessionId) -> None:
        """A stage that is away is asked again."""
        with suppress(RostraError):
            await ask(self._bus, STAGE_LEAVE, Leave(space=space, session=session), Done)
            self._listening_in.pop(session, None)

    async def who(self, asked: WhoIs) -> Known:
        """Whoever came by a link with this token. Raises SignInNeeded, and what an offer is refused with.

        Of whoever was seated meanwhile, the stage is told first what changed.
        """
        async with self._database.reading() as session:
            actor = await credentials.by_link(session, asked.token)
        if asked.seated is None:
            self._pace.spend(Knock.OFFER, actor, asked.space)
        person, speaker = await self._desk.admit(actor, asked.space, words.ENGLISH)
        if asked.seated is not None:
            await self._desk.tell_late(asked.space, person, asked.seated)
        else:
            await self._desk.make_way(asked.space, person)
            await self._audit(actor, "stage.enter", asked.space, source=True)
        return Known(
            speaker=speaker,
            name=person.name,
            role=person.role,
            muted=person.muting.muted,
            muted_by_host=person.muting.by_host,
            guest=person.guest,
        )

    async def _audit(self, actor: Actor, act: str, space: SpaceId, **detail: str | bool) -> None:
        async with self._database.session() as session:
            audit.record(session, at=now_ms(self._clock), actor=actor.label, act=act, space=space, **detail)

    async def need_monitor(self, actor: Actor, space: SpaceId) -> None:
        """Raise NotAllowed unless they may listen in."""
        async with self._database.reading() as session:
            require(standing(actor, await find(session, space)), Doing.MONITOR)


def _opaque(space: SpaceId, person: str) -> str:
    """A name for a relay, which counts what each may use: everybody has their own, and it tells not whose."""
    return token_hash(f"{space} {person}")[:20]
