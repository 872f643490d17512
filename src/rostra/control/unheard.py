"""Tells a stage again what it did not hear: who is no longer to be there, what somebody is, who is muted.

Every act is told once, after it was stored; a stage or a bus that was away just then has missed it. Whoever
is otherwise in two reports, one after the other, than in the database is told of again: in one, somebody
may be just coming in. Changes nothing that is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Off, Role, Speaker, StageReport
from rostra.control.announcer import Announcer
from rostra.control.board import Board
from rostra.control.floor import Place
from rostra.control.mute_desk import MuteDesk
from rostra.control.mutes import HEARD, Muting, muting_of
from rostra.control.places import places_of, role_on_stage
from rostra.control.spaces import find
from rostra.control.stage_desk import StageDesk
from rostra.control.stage_person import covered, terms_due
from rostra.core.errors import RostraError
from rostra.core.ids import SpaceId, SpeakerId
from rostra.store.database import Database
from rostra.store.tables import ConsentRow

log = structlog.get_logger()

LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Stored:
    """What somebody is to be on a stage; ``off``: why they are not to be there, if so."""

    off: Off | None = None
    role: Role = Role.SPEAKER
    muting: Muting = HEARD


@dataclass(frozen=True, slots=True)
class Look:
    """What a report was found to say otherwise, and what may change without another finding."""

    report: StageReport
    writes: int
    otherwise: frozenset[tuple[SpeakerId, Stored]] = frozenset()

    def still_holds(self, report: StageReport, writes: int) -> bool:
        """Whether a look at ``report`` would find nothing, as this one did."""
        same = writes == self.writes and _told(report) == _told(self.report)
        return same and not self.otherwise


def differs(reported: Speaker, stored: Stored) -> bool:
    """Whether a stage has somebody there as what they are not."""
    muting = stored.muting
    return (
        stored.off is not None
        or reported.role is not stored.role
        or (reported.muted, reported.muted_by_host) != (muting.muted, muting.by_host)
    )


class Unheard:
    """``await run()`` until cancelled."""

    def __init__(
        self, database: Database, announcer: Announcer, board: Board, desk: StageDesk, mutes: MuteDesk
    ) -> None:
        self._database = database
        self._announcer = announcer
        self._board = board
        self._desk = desk
        self._mutes = mutes
        self._looks: dict[SpaceId, Look] = {}

    async def run(self) -> None:
        """Look at every stage in use once a second, if it has reported since."""
        while True:
            await asyncio.sleep(LOOK_S)
            spaces = self._announcer.in_use()
            self._looks = {space: self._looks[space] for space in spaces if space in self._looks}
            for space in spaces:
                try:
                    await self._look(space)
                except (RostraError, SQLAlchemyError) as error:
                    log.warning("stage_not_told_again", space=space, reason=str(error))

    async def _look(self, space: SpaceId) -> None:
        report, writes, before = self._board.report(space), self._database.writes, self._looks.get(space)
        if before is not None and (before.report is report or before.still_holds(report, writes)):
            return
        stored = await self._stored(space, {each.speaker for each in report.speakers})
        here = [(each, stored[each.speaker]) for each in report.speakers if each.speaker in stored]
        otherwise = {(each.speaker, what): each for each, what in here if differs(each, what)}
        self._looks[space] = Look(report, writes, frozenset(otherwise))
        for (speaker, what), each in otherwise.items():
            if before is not None and (speaker, what) in before.otherwise:
                await self._tell(space, each, what)

    async def _tell(self, space: SpaceId, reported: Speaker, stored: Stored) -> None:
        speaker = reported.speaker
        log.info("stage_told_again", space=space, speaker=speaker)
        if stored.off is not None:
            await self._desk.take_off({speaker}, self._board.off(speaker) or stored.off, space=space)
            return
        if reported.role is not stored.role:
            await self._desk.recast(space, speaker, stored.role)
        await self._mutes.mute_late(space, speaker, muted=reported.muted, by_host=reported.muted_by_host)

    async def _stored(self, space: SpaceId, speakers: Collection[SpeakerId]) -> dict[SpeakerId, Stored]:
        """Of those who ever accepted to be heard there."""
        if not speakers:
            return {}
        async with self._database.reading() as session:
            return await _stored(session, space, speakers)


async def _stored(
    session: AsyncSession, space: SpaceId, speakers: Collection[SpeakerId]
) -> dict[SpeakerId, Stored]:
    row = await find(session, space)
    theirs = ConsentRow.space == space, ConsentRow.speaker.in_(speakers)
    given = (await session.scalars(select(ConsentRow).where(*theirs))).all()
    accepted = covered(given, terms_due(row))
    people = {SpeakerId(each.speaker): each.person for each in given}
    places = await places_of(session, row, set(people.values()))
    mutings = {speaker: await muting_of(session, row, speaker) for speaker in people}

    def why_off(speaker: SpeakerId, place: Place) -> Off | None:
        if place is Place.LISTENER:
            return Off.SEAT
        return None if speaker in accepted else Off.TERMS

    return {
        speaker: Stored(
            off=why_off(speaker, places[person]),
            role=role_on_stage(places[person], row.seats.get(person)),
            muting=mutings[speaker],
        )
        for speaker, person in people.items()
    }


def _told(report: StageReport) -> list[tuple[SpeakerId, Role, bool, bool]]:
    """What a report says of people that is told to the stage."""
    return [(each.speaker, each.role, each.muted, each.muted_by_host) for each in report.speakers]
