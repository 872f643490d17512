"""Backstage's side of the stage's door: consent first, then offers, leaving, muting, taking off.

Checks who somebody is and asks the stage over the bus. Who is muted is kept here (``mutes.py``) and
told to the stage with every offer. Never touches audio; the stage decides whether there is room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar
from weakref import WeakValueDictionary

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.client import BusClient
from rostra.bus.messages import (
    STAGE_LEAVE,
    STAGE_MUTE,
    STAGE_OFFER,
    STAGE_TAKE_OFF,
    Answer,
    Done,
    Leave,
    Lifecycle,
    Mute,
    Offer,
    RecordingPolicy,
    Role,
    TakeOff,
    Value,
    Visibility,
)
from rostra.control import audit, consent, lifecycle, mutes
from rostra.control.announcer import Announcer, touch
from rostra.control.board import Board
from rostra.control.consent import Sentence, Terms
from rostra.control.identity import Actor, need_host_in_good_standing, stage_role, standing
from rostra.control.mutes import Muting, muting_of
from rostra.control.permits import PERMITS, Doing, Standing, require
from rostra.control.spaces import find
from rostra.control.times import now_ms
from rostra.core import words
from rostra.core.clock import Clock
from rostra.core.errors import (
    BadRequest,
    BadSessionDescription,
    Conflict,
    ConsentNeeded,
    RostraError,
    StageUnavailable,
)
from rostra.core.ids import SessionId, SpaceId, SpeakerId, new_speaker_id
from rostra.store.database import Database
from rostra.store.tables import ConsentRow, SpaceRow

MAX_SDP_BYTES = 65_536
ASK_S = 10.0
"""How long the stage may take; gathering addresses takes the most of it."""

R = TypeVar("R", bound=Value)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the stage's door. ``speaker`` is None until they accepted what is ``due``."""

    label: str
    standing: Standing
    role: Role
    name: str
    speaker: SpeakerId | None
    due: Terms
    known_as: SpeakerId | None = None
    """Theirs, however often they come and whatever they accepted."""
    muting: Muting = mutes.HEARD
    hold_ms: int = 0
    """Of the space's own music for an empty stage."""


class StageDesk:
    """Consent, offers, leaving, muting and taking off."""

    def __init__(
        self, database: Database, bus: BusClient, announcer: Announcer, board: Board, *, clock: Clock
    ) -> None:
        self._database = database
        self._bus = bus
        self._announcer = announcer
        self._board = board
        self._clock = clock
        self._mutings: WeakValueDictionary[SpaceId, asyncio.Lock] = WeakValueDictionary()
        """One at a time per space, so that database and stage hear mutes in the same order."""

    async def person(self, actor: Actor, space: SpaceId) -> Person:
        """Who ``actor`` is to this stage; NotAllowed for strangers."""
        async with self._database.reading() as session:
            return await _person(session, actor, await find(session, space))

    async def consent(self, actor: Actor, space: SpaceId, *, text_id: str, name: str) -> Person:
        """Log that they accepted the sentence; the speaker id stays theirs however often they come."""
        accepted = consent.read(text_id)
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find(session, space)
            person = await _person(session, actor, row)
            lifecycle.on_stage_possible(Lifecycle(row.lifecycle))
            if accepted is None or not accepted[0].cover(person.due):
                raise BadRequest("The sentence to accept has changed. Reload the page and read it again.")
            name = name or person.name
            if not name:
                raise BadRequest("“name” is missing: what should the others call you?")
            speaker = person.known_as or new_speaker_id()
            person = replace(person, name=name, speaker=speaker, known_as=speaker)
            session.add(_logged(space, person, accepted[1], account=actor.whose, at=now))
            touch(row, at=now)
            audit.record(
                session,
                at=now,
                actor=actor.label,
                act="stage.consent",
                space=space,
                speaker=speaker,
                name=name,
                text_id=text_id,
            )
        await self._announcer.announce(space)
        self._board.let_back(speaker)
        return person

    async def offer(self, actor: Actor, space: SpaceId, sdp: str, *, one_way: bool = False) -> Answer:
        """Put a browser or a WHIP source on stage. ConsentNeeded before consent."""
        check_sdp(sdp)
        async with self._database.reading() as session:
            row = await find(session, space)
            person = await _person(session, actor, row)
            await need_host_in_good_standing(session, row)
        lifecycle.on_stage_possible(Lifecycle(row.lifecycle))
        if row.hidden_reason:
            raise Conflict("The operators of this site have hidden this space.")
        if person.speaker is None:
            asked = consent.sentence(person.due, words.ENGLISH)
            raise ConsentNeeded(f"Before the stage, please accept: {asked.text}", text_id=asked.id)
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
        self._board.let_back(person.speaker)
        await self._mute_late(space, person.speaker, person.muting)
        await self._audit(actor, "stage.enter", space, session=answer.session, one_way=one_way)
        return answer

    async def leave(self, actor: Actor, space: SpaceId, session: SessionId) -> None:
        """Take a session off the stage. Its id is the secret of whoever entered with it."""
        await self.person(actor, space)
        await ask(self._bus, STAGE_LEAVE, Leave(space=space, session=session), Done)
        await self._audit(actor, "stage.leave", space, session=session)

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
                    actor=actor.label,
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

    async def take_off(
        self, speakers: Collection[SpeakerId], sentence: str, *, space: SpaceId | None = None
    ) -> None:
        """Take people off one stage, or off every one; their pages say ``sentence``.

        StageUnavailable: nobody was on a stage, because there is none at the moment.
        """
        for stage in self._announcer.states if space is None else (space,):
            for present in self._board.report(stage).speakers:
                if present.speaker in speakers:
                    self._board.take_off(stage, present.speaker, sentence)
        off = TakeOff(speakers=tuple(speakers), space=space, sentence=sentence)
        await ask(self._bus, STAGE_TAKE_OFF, off, Done)

    async def ask_again(self, space: SpaceId) -> None:
        """Take those off a stage who have not accepted what is due since its terms changed.

        A stage that is away has nobody on it.
        """
        present = {speaker.speaker for speaker in self._board.report(space).speakers}
        if not present:
            return
        async with self._database.reading() as session:
            terms = _due(await find(session, space))
            given = await session.scalars(select(ConsentRow).where(ConsentRow.space == space))
            uncovered = present - _covered(given, terms)
        if uncovered:
            with suppress(StageUnavailable):
                sentence = words.say(words.ENGLISH, "stage.consent_again")
                await self.take_off(uncovered, sentence, space=space)

    async def _audit(self, actor: Actor, act: str, space: SpaceId, **detail: str | bool) -> None:
        async with self._database.session() as session:
            at = now_ms(self._clock)
            audit.record(session, at=at, actor=actor.label, act=act, space=space, **detail)


async def ask(bus: BusClient, subject: str, value: Value, reply: type[R], *, within_s: float = ASK_S) -> R:
    """Ask the stage; StageUnavailable when nobody answers, else the error that the stage raised."""
    try:
        return await bus.request(subject, value, reply, timeout_s=within_s)
    except RostraError as error:
        if error.code == "unavailable":
            raise StageUnavailable from error
        raise


def check_sdp(sdp: str) -> None:
    """Limits before the stage parses it; BadSessionDescription."""
    try:
        size_bytes = len(sdp.encode())
    except UnicodeEncodeError as error:
        raise BadSessionDescription("The session description (SDP) holds half of a character.") from error
    if size_bytes > MAX_SDP_BYTES:
        raise BadSessionDescription("The session description (SDP) is larger than 64 kB.")
    if not sdp.startswith("v=0"):
        raise BadSessionDescription("The session description (SDP) must begin with v=0.")


async def _person(session: AsyncSession, actor: Actor, row: SpaceRow) -> Person:
    is_to_space = standing(actor, row)
    require(is_to_space, Doing.SPEAK)
    label, due = actor.person, _due(row)
    given: Sequence[ConsentRow] = (
        await session.scalars(
            select(ConsentRow)
            .where(ConsentRow.space == row.id, ConsentRow.person == label)
            .order_by(ConsentRow.id.desc())
        )
    ).all()
    name = given[0].name if given else _own_name(actor)
    known_as = SpeakerId(given[0].speaker) if given else None
    speaker = known_as if known_as in _covered(given, due) else None
    muting = await muting_of(session, SpaceId(row.id), known_as)
    return Person(
        label, is_to_space, stage_role(is_to_space), name, speaker, due, known_as, muting, row.hold_ms
    )


def _due(row: SpaceRow) -> Terms:
    return consent.due(Visibility(row.visibility), RecordingPolicy(row.recording_policy))


def _covered(given: Iterable[ConsentRow], due: Terms) -> set[SpeakerId]:
    """Those among ``given`` who have accepted ``due``, or more."""
    read = ((row.speaker, consent.read(row.text_id)) for row in given)
    return {SpeakerId(speaker) for speaker, accepted in read if accepted and accepted[0].cover(due)}


def _logged(space: SpaceId, person: Person, said: Sentence, *, account: str | None, at: int) -> ConsentRow:
    return ConsentRow(
        space=space,
        person=person.label,
        speaker=person.speaker,
        name=person.name,
        role=person.role.value,
        text_id=said.id,
        text=said.text,
        at=at,
        account=account,
    )


def _own_name(actor: Actor) -> str:
    if actor.link is not None:
        return actor.link.name
    return actor.account.name if actor.account is not None else ""
