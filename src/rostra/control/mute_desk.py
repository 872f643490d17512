"""Backstage's side of muting: one, oneself, everybody at once; and telling the stage.

Who is muted is kept in rows (``mutes.py``); the stage is told after each change, in the same order.
"""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

from sqlalchemy import select

from rostra.bus.client import BusClient
from rostra.bus.messages import STAGE_MUTE, Done, Mute
from rostra.control import mutes
from rostra.control.board import Board
from rostra.control.floor import Act, Place, may
from rostra.control.guard import Guard
from rostra.control.identity import Actor
from rostra.control.mutes import Muting, muting_of
from rostra.control.places import cast_of
from rostra.control.spaces import find
from rostra.control.stage_line import ask
from rostra.control.stage_pace import Knock, StagePace
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import Database
from rostra.store.tables import ConsentRow


class MuteDesk:
    """Muting, on every stage."""

    def __init__(
        self, database: Database, bus: BusClient, board: Board, guard: Guard, pace: StagePace
    ) -> None:
        self._database = database
        self._bus = bus
        self._board = board
        self._guard = guard
        self._pace = pace
        self._mutings: WeakValueDictionary[SpaceId, asyncio.Lock] = WeakValueDictionary()
        """One at a time per space, so that database and stage hear mutes in the same order."""

    async def mute(self, actor: Actor, space: SpaceId, speaker: SpeakerId, *, muted: bool) -> None:
        """Silence a speaker at the mixer, or let them be heard again: oneself, or as host anyone.

        Holds from then on, whether they or the stage are there or come back. A host takes back what hosts
        did: who muted themselves stays muted. MutedByHost when a speaker would undo what a host did; NotFound
        for somebody who was never on stage; TooManyRequests when they are heard again without end. Whoever
        is here by several ways in of one account is muted and heard by a host's word in all of them.
        """
        own = await self._is(actor, space, speaker)
        if own and not muted:  # Nobody is refused to be silent.
            self._pace.spend(Knock.MUTE, actor, space)
        act, target = (Act.MUTE_SELF, None) if own else (Act.MUTE, speaker)
        async with self._muting(space):
            async with self._guard.acting(actor, space, act, target) as scene:
                session, row = scene.session, scene.row
                ways = await mutes.ways_of(session, row, speaker)
                before = {way: await muting_of(session, row, way) for way in ways}
                if muted:
                    await mutes.mute(session, row, speaker, own=own, at=scene.at)
                else:
                    as_host = may(Act.MUTE_ALL, scene.place)
                    await mutes.unmute(session, row, speaker, own=own, as_host=as_host)
                after = {way: await muting_of(session, row, way) for way in ways}
                scene.detail |= {"speaker": speaker, "muted": muted}
            self._board.count_muting(space)
            for way, muting in after.items():
                if way == speaker or muting != before[way]:
                    await self._tell_stage(space, way, muting)

    async def mute_late(self, space: SpaceId, speaker: SpeakerId, *, muted: bool, by_host: bool) -> None:
        """Tell the stage what changed while it was seating somebody as that."""
        async with self._muting(space):
            async with self._database.reading() as session:
                muting = await muting_of(session, await find(session, space), speaker)
            if (muting.muted, muting.by_host) != (muted, by_host):
                await self._tell_stage(space, speaker, muting)

    async def _tell_stage(self, space: SpaceId, speaker: SpeakerId, muting: Muting) -> None:
        """Who is not there brings it with their next offer; a stage that is away is told again."""
        mute = Mute(space=space, speaker=speaker, muted=muting.muted, by_host=muting.by_host)
        try:
            await ask(self._bus, STAGE_MUTE, mute, Done)
        except RostraError as error:
            if error.code not in ("stage_unavailable", "not_found"):
                raise

    def _muting(self, space: SpaceId) -> asyncio.Lock:
        lock = self._mutings.get(space)
        if lock is None:
            lock = self._mutings[space] = asyncio.Lock()
        return lock

    async def mute_all(self, actor: Actor, space: SpaceId) -> int:
        """Mute every speaker on stage, as a host does; hosts and co-hosts stay heard. Return how many."""
        async with self._muting(space):
            async with self._guard.acting(actor, space, Act.MUTE_ALL) as scene:
                cast = await cast_of(scene.session, scene.row)
                hushed = [
                    each.speaker
                    for each in self._board.report(space).speakers
                    if not each.muted_by_host and cast.get(each.speaker) is Place.SPEAKER
                ]
                for speaker in hushed:
                    await mutes.mute(scene.session, scene.row, speaker, own=False, at=scene.at)
                mutings = {each: await muting_of(scene.session, scene.row, each) for each in hushed}
                scene.detail["count"] = len(hushed)
            self._board.count_muting(space)
            for speaker, muting in mutings.items():
                await self._tell_stage(space, speaker, muting)
        return len(hushed)

    async def _is(self, actor: Actor, space: SpaceId, speaker: SpeakerId) -> bool:
        mine = select(ConsentRow.id).where(
            ConsentRow.space == space, ConsentRow.person == actor.person, ConsentRow.speaker == speaker
        )
        async with self._database.reading() as session:
            return await session.scalar(mine.limit(1)) is not None
