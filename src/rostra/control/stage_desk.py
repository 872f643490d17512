"""Backstage's side of the stage's door: consent first, then offers, leaving, muting.

Checks who somebody is and asks the stage over the bus. Who is muted is kept here (``mutes.py``) and
told to the stage with every offer. Never touches audio; the stage decides whether there is room.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.client import BusClient
from rostra.bus.messages import (
    STAGE_LEAVE,
    STAGE_MUTE,
    STAGE_OFFER,
    Answer,
    Done,
    Leave,
    Lifecycle,
    Mute,
    Offer,
    Role,
    Value,
)
from rostra.control import audit, lifecycle, mutes
from rostra.control.announcer import Announcer
from rostra.control.identity import Actor, stage_role, standing
from rostra.control.mutes import Muting, muting_of
from rostra.control.permits import PERMITS, Doing, Standing, require
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, BadSessionDescription, ConsentNeeded, RostraError, StageUnavailable
from rostra.core.ids import SessionId, SpaceId, SpeakerId, new_speaker_id
from rostra.store.database import Database
from rostra.store.tables import ConsentRow, SpaceRow

CONSENT_ID: Final = "live-and-recorded-1"
CONSENT_TEXT: Final = "You will be heard live by anyone and recorded unedited."
MAX_SDP_BYTES = 65_536
ASK_S = 10.0
"""How long the stage may take; gathering addresses takes the most of it."""

R = TypeVar("R", bound=Value)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the stage's door. ``speaker`` is None until they consented."""

    label: str
    standing: Standing
    role: Role
    name: str
    speaker: SpeakerId | None
    muting: Muting = mutes.HEARD


class StageDesk:
    """Consent, offers, leaving and muting."""

    def __init__(self, database: Database, bus: BusClient, announcer: Announcer, *, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._announcer = announcer
        self._clock = clock
        self._mutings: WeakValueDictionary[SpaceId, asyncio.Lock] = WeakValueDictionary()
        """One at a time per space, so that database and stage hear mutes in the same order."""

    async def person(self, actor: Actor, space: SpaceId) -> Person:
        """Who ``actor`` is to this stage; NotAllowed for strangers."""
        async with self._database.reading() as session:
            return await _person(session, actor, await find(session, space))

    async def consent(self, actor: Actor, space: SpaceId, *, text_id: str, name: str) -> Person:
        """Log that they accepted the sentence; the speaker id stays theirs however often they come."""
        if text_id != CONSENT_ID:
            raise BadRequest("The sentence to accept has changed. Reload the page and read it again.")
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find(session, space)
            person = await _person(session, actor, row)
            lifecycle.on_stage_possible(Lifecycle(row.lifecycle))
            name = name or person.name
            if not name:
                raise BadRequest("“name” is missing: what should the others call you?")
            speaker = person.speaker or new_speaker_id()
            session.add(
                ConsentRow(
                    space=space,
                    person=person.label,
                    speaker=speaker,
                    name=name,
                    role=person.role.value,
                    text_id=CONSENT_ID,
                    text=CONSENT_TEXT,
                    at=now,
                )
            )
            row.revision += 1
            audit.record(
                session,
                at=now,
                actor=person.label,
                act="stage.consent",
                space=space,
                speaker=speaker,
                name=name,
                text_id=CONSENT_ID,
            )
        await self._announcer.announce(space)
        return Person(person.label, person.standing, person.role, name, speaker, person.muting)

    async def offer(self, actor: Actor, space: SpaceId, sdp: str, *, one_way: bool = False) -> Answer:
        """Put a browser or a WHIP source on stage. ConsentNeeded before consent."""
        check_sdp(sdp)
        async with self._database.reading() as session:
            row = await find(session, space)
            person = await _person(session, actor, row)
        lifecycle.on_stage_possible(Lifecycle(row.lifecycle))
        if person.speaker is None:
            raise ConsentNeeded(f"Before the stage, please accept: {CONSENT_TEXT}", text_id=CONSENT_ID)
        offer = Offer(
            space=space,
            speaker=person.speaker,
            name=person.name,
            role=person.role,
            sdp=sdp,
            one_way=one_way,
            muted=person.muting.muted,
            muted_by_host=person.muting.by_host,
        )
        answer = await ask(self._bus, STAGE_OFFER, offer, Answer)
        await self._mute_late(space, person.speaker, person.muting)
        await self._audit(person, "stage.enter", space, session=answer.session, one_way=one_way)
        return answer

    async def leave(self, actor: Actor, space: SpaceId, session: SessionId) -> None:
        """Take a session off the stage. Its id is the secret of whoever entered with it."""
        person = await self.person(actor, space)
        await ask(self._bus, STAGE_LEAVE, Leave(space=space, session=session), Done)
        await self._audit(person, "stage.leave", space, session=session)

    async def mute(self, actor: Actor, space: SpaceId, speaker: SpeakerId, *, muted: bool) -> None:
        """Silence a speaker at the mixer, or let them be heard again: oneself, or as host anyone.

        Holds from then on, whether they or the stage are there or come back. MutedByHost when they would
        undo what a host did; NotFound for somebody who was never on stage.
        """
        person = await self.person(actor, space)
        own = person.speaker == speaker
        require(person.standing, Doing.MUTE_SELF if own else Doing.MUTE_OTHERS)
        as_host = person.standing in PERMITS[Doing.MUTE_OTHERS]
        at = now_ms(self._clock)
        async with self._muting(space):
            async with self._database.session() as session:
                if muted:
                    muting = await mutes.mute(session, space, speaker, own=own, at=at)
                else:
                    muting = await mutes.unmute(session, space, speaker, as_host=as_host)
                audit.record(
                    session,
                    at=at,
                    actor=person.label,
                    act="stage.mute",
                    space=space,
                    speaker=speaker,
                    muted=muted,
                )
            await self._tell_stage(space, speaker, muting)

    async def _mute_late(self, space: SpaceId, speaker: SpeakerId, told: Muting) -> None:
        """Tell the stage what changed while it was answering an offer."""
        async with self._muting(space):
            async with self._database.reading() as session:
                muting = await muting_of(session, space, speaker)
            if muting != told:
                await self._tell_stage(space, speaker, muting)

    async def _tell_stage(self, space: SpaceId, speaker: SpeakerId, muting: Muting) -> None:
        """Whoever is not on stage, or has no stage, brings it with their next offer."""
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

    async def _audit(self, person: Person, act: str, space: SpaceId, **detail: str | bool) -> None:
        async with self._database.session() as session:
            at = now_ms(self._clock)
            audit.record(session, at=at, actor=person.label, act=act, space=space, **detail)


async def ask(bus: BusClient, subject: str, value: Value, reply: type[R]) -> R:
    """Ask the stage; StageUnavailable when nobody answers, else the error that the stage raised."""
    try:
        return await bus.request(subject, value, reply, timeout_s=ASK_S)
    except RostraError as error:
        if error.code == "unavailable":
            raise StageUnavailable from error
        raise


def check_sdp(sdp: str) -> None:
    """Limits before the stage parses it; BadSessionDescription."""
    if len(sdp.encode("utf-8", "replace")) > MAX_SDP_BYTES:
        raise BadSessionDescription("The session description (SDP) is larger than 64 kB.")
    if not sdp.startswith("v=0"):
        raise BadSessionDescription("The session description (SDP) must begin with v=0.")


async def _person(session: AsyncSession, actor: Actor, row: SpaceRow) -> Person:
    is_to_space = standing(actor, row)
    require(is_to_space, Doing.SPEAK)
    label = actor.label
    consent = await session.scalar(
        select(ConsentRow)
        .where(ConsentRow.space == row.id, ConsentRow.person == label, ConsentRow.text_id == CONSENT_ID)
        .order_by(ConsentRow.id.desc())
        .limit(1)
    )
    name = consent.name if consent else _own_name(actor)
    speaker = SpeakerId(consent.speaker) if consent else None
    muting = await muting_of(session, SpaceId(row.id), speaker)
    return Person(label, is_to_space, stage_role(is_to_space), name, speaker, muting)


def _own_name(actor: Actor) -> str:
    if actor.link is not None:
        return actor.link.name
    return actor.account.name if actor.account is not None else ""
