"""Backstage's side of the stage's door: consent first, then offers, leaving, muting, taking off.

Checks who somebody is and asks the stage over the bus. Who is muted is kept here (``mutes.py``) and
told to the stage with every offer. Never touches audio; the stage decides whether there is room.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.client import BusClient
from rostra.bus.messages import (
    STAGE_LEAVE,
    STAGE_OFFER,
    STAGE_RECAST,
    STAGE_TAKE_OFF,
    Answer,
    Done,
    Known,
    Leave,
    Lifecycle,
    Off,
    Offer,
    Recast,
    Role,
    TakeOff,
)
from rostra.control import audit, consent, lifecycle
from rostra.control.announcer import Announcer, touch
from rostra.control.bearers import Bearer, give_way, need_own
from rostra.control.blocks import Blocked, need_browser, need_not_blocked
from rostra.control.board import Board
from rostra.control.consent import Sentence
from rostra.control.floor import Act, may
from rostra.control.identity import Actor, admitted, need_host_in_good_standing
from rostra.control.keys import token_hash
from rostra.control.mute_desk import MuteDesk
from rostra.control.names import alike
from rostra.control.seats import let_speak
from rostra.control.spaces import find
from rostra.control.stage_line import ask
from rostra.control.stage_pace import Knock, StagePace
from rostra.control.stage_person import (
    OffStage,
    Person,
    bearers,
    covered,
    fitting_name,
    own_name,
    person_of,
    terms_due,
)
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import (
    BadRequest,
    Conflict,
    ConsentNeeded,
    NotAllowed,
    NotFound,
    RostraError,
    StageUnavailable,
)
from rostra.core.ids import SessionId, SpaceId, SpeakerId, new_speaker_id
from rostra.core.sdp import check_sdp
from rostra.store.database import Database
from rostra.store.tables import AccountRow, ConsentRow, SpaceRow


class StageLocked(Conflict):
    """The stage is locked: nobody new can come at the moment."""

    code = "stage_locked"


class StageDesk:
    """Consent, offers, leaving, muting and taking off."""

    def __init__(
        self,
        database: Database,
        bus: BusClient,
        announcer: Announcer,
        board: Board,
        mutes: MuteDesk,
        pace: StagePace,
        *,
        clock: Clock,
    ) -> None:
        self._database = database
        self._bus = bus
        self._announcer = announcer
        self._board = board
        self._clock = clock
        self._mutes = mutes
        self._pace = pace

    async def person(self, actor: Actor, space: SpaceId) -> Person:
        """Who ``actor`` is to this stage; NotAllowed for strangers."""
        async with self._database.reading() as session:
            return await person_of(session, actor, await find(session, space))

    async def consent(
        self, actor: Actor, space: SpaceId, *, text_id: str, name: str, browser: str = ""
    ) -> Person:
        """Log that they accepted the sentence; the speaker id stays theirs however often they come.

        Whoever says the same again adds nothing.
        BadName, NameTaken, Blocked, TooManyRequests; StageLocked for somebody new while the stage is, but for
        whom a seat is kept, who were let speak before it was. A guest brings a ``browser``, or whatever
        their program calls itself: BadRequest.
        """
        self._pace.spend(Knock.CONSENT, actor, space)
        accepted = consent.read(text_id)
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find(session, space)
            person = await person_of(session, actor, row)
            lifecycle.on_stage_possible(Lifecycle(row.lifecycle))
            if accepted is None or not accepted[0].cover(person.due):
                raise BadRequest("The sentence to accept has changed. Reload the page and read it again.")
            name = name or person.name
            if not name:
                raise BadRequest("The name is missing: what should the others call you?", field="name")
            marked = token_hash(browser) if browser else ""
            if person.guest:
                need_browser(browser)
                await need_not_blocked(session, row, person=person.label, account=None, browsers=[marked])
            on_stage = self._board.report(space).speakers
            name = await fitting_name(session, actor, row, person, name, on_stage=on_stage)
            speaker = person.known_as or new_speaker_id()
            if person.known_as is None and row.locked_by and not may(Act.LOCK, person.place):
                await _need_let_in(session, row, person, at=now)
            person = replace(person, name=name, speaker=speaker, known_as=speaker)
            logged = _logged(space, person, accepted[1], account=actor.whose, at=now)
            logged.browser = marked
            newest = next(iter(await _given_by(session, space, person)), None)
            if newest is not None and _said(newest) == _said(logged):
                self._board.let_back(speaker)
                return person
            session.add(logged)
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

    async def admit(self, actor: Actor, space: SpaceId, language: str) -> tuple[Person, SpeakerId]:
        """Who may enter the stage now, whichever way they come.

        ConsentNeeded before consent, with what to accept in ``language``; OffStage, Blocked, NotAllowed,
        Suspended, SpaceOver; NameTaken beside somebody who looks like them; Conflict while it is hidden.
        Whoever accepted before they signed in is known by their account from now on.
        """
        async with self._database.reading() as session:
            row = await find(session, space)
            person = await person_of(session, actor, row)
            await need_host_in_good_standing(session, row)
            beside = await self._namesakes(session, row, person)
        lifecycle.on_stage_possible(Lifecycle(row.lifecycle))
        if row.hidden_reason:
            raise Conflict("The operators of this site have hidden this conversation.")
        if person.speaker is None:
            raise _consent_needed(person, language)
        there, own = person.speaker in self.present(space), person.name == own_name(actor)
        need_own(person.name, person.place, beside, there=there, own=own)
        await self._log_account(actor, space, person)
        return person, person.speaker

    async def _log_account(self, actor: Actor, space: SpaceId, person: Person) -> None:
        """Log what they accepted for the account too that comes by their link; Suspended, SignInNeeded."""
        if actor.link is None or actor.whose is None:
            return
        async with self._database.reading() as session:
            given = await _given_by(session, space, person)
        if any(each.account == actor.whose for each in given):
            return
        async with self._database.session() as session:
            admitted(await session.get_one(AccountRow, actor.whose))
            given = await _given_by(session, space, person)
            if any(each.account == actor.whose for each in given):
                return
            accepted = next(each for each in given if covered([each], person.due))
            said = Sentence(accepted.text_id, accepted.text)
            logged = _logged(space, person, said, account=actor.whose, at=accepted.at)
            logged.browser = given[0].browser
            session.add(logged)

    async def make_way(self, space: SpaceId, person: Person) -> None:
        """Take those off who look like ``person``, who has come, and are of a lower place."""
        async with self._database.reading() as session:
            beside = await self._namesakes(session, await find(session, space), person)
        lower = give_way(person.name, person.place, beside)
        if lower:
            with suppress(StageUnavailable):
                await self.take_off(lower, Off.NAME, space=space)

    async def _namesakes(self, session: AsyncSession, row: SpaceRow, person: Person) -> list[Bearer]:
        """Those on stage whose names look like that of ``person``."""
        on_stage = self._board.report(SpaceId(row.id)).speakers
        found = [each for each in on_stage if alike(each.name, person.name)]
        return await bearers(session, row, person, found) if found else []

    async def offer(
        self,
        actor: Actor,
        space: SpaceId,
        sdp: str,
        language: str,
        *,
        one_way: bool = False,
        page: str = "",
        again: bool = False,
    ) -> Answer:
        """Put a browser or a WHIP source on stage. ConsentNeeded before consent, TooManyRequests.

        A ``page`` that was there and comes ``again`` takes the seat from no other one: the stage refuses it.
        Where the terms changed while the stage answered, they are off it again, and asked.
        """
        check_sdp(sdp)
        self._pace.spend(Knock.OFFER, actor, space)
        person, speaker = await self.admit(actor, space, language)
        offer = Offer(
            space=space,
            speaker=speaker,
            name=person.name,
            role=person.role,
            sdp=sdp,
            one_way=one_way,
            muted=person.muting.muted,
            muted_by_host=person.muting.by_host,
            guest=person.guest,
            label=person.label,
            page=page,
            again=again,
        )
        answer = await ask(self._bus, STAGE_OFFER, offer, Answer)
        self._board.let_back(speaker)
        now = person
        with suppress(NotAllowed):  # who was taken off meanwhile, the stage knows itself
            now = await self.person(actor, space)
            await self.tell_late(space, now, offer)
        if now.speaker is None:
            with suppress(StageUnavailable):
                await self.take_off({speaker}, Off.TERMS, space=space)
            raise _consent_needed(now, language)
        await self.make_way(space, person)
        await self._audit(actor, "stage.enter", space, one_way=one_way)
        return answer

    async def leave(self, actor: Actor, space: SpaceId, session: SessionId) -> None:
        """Take a session of their own off the stage; one that is gone already is fine, and leaves no line.

        Whoever was taken off has left already, and their page says so once more. NotAllowed, TooManyRequests.
        """
        self._pace.spend(Knock.LEAVE, actor, space)
        try:
            person = await self.person(actor, space)
        except (OffStage, Blocked):
            return
        leave = Leave(space=space, session=session, label=person.label, known=True)
        try:
            await ask(self._bus, STAGE_LEAVE, leave, Done)
        except RostraError as error:
            if error.code != NotFound.code:
                raise
        else:
            await self._audit(actor, "stage.leave", space)

    async def take_off(
        self, speakers: Collection[SpeakerId], why: Off, *, space: SpaceId | None = None
    ) -> None:
        """Take people off one stage, or off every one; their pages say ``why``.

        StageUnavailable: it has not heard; whoever is on it all the same, it will report.
        """
        for stage in self._announcer.states if space is None else (space,):
            for present in self._board.report(stage).speakers:
                if present.speaker in speakers:
                    self._board.take_off(stage, present.speaker, why)
        off = TakeOff(speakers=tuple(speakers), space=space, why=why)
        await ask(self._bus, STAGE_TAKE_OFF, off, Done)

    async def recast(self, space: SpaceId, speaker: SpeakerId, role: Role) -> None:
        """Tell the stage what somebody is from now on.

        Who is not there brings it with their next offer, and a stage that is away is told again
        (:mod:`.unheard`).
        """
        try:
            await ask(self._bus, STAGE_RECAST, Recast(space=space, speaker=speaker, role=role), Done)
        except RostraError as error:
            if error.code not in ("stage_unavailable", "not_found"):
                raise

    async def tell_late(self, space: SpaceId, person: Person, seated: Offer | Known) -> None:
        """Tell the stage what ``person`` became while it seated them as ``seated``."""
        await self._mutes.mute_late(space, seated.speaker, muted=seated.muted, by_host=seated.muted_by_host)
        if person.role is not seated.role:
            await self.recast(space, seated.speaker, person.role)

    def present(self, space: SpaceId) -> set[SpeakerId]:
        """Who is on a stage now."""
        return {speaker.speaker for speaker in self._board.report(space).speakers}

    async def ask_again(self, space: SpaceId) -> None:
        """Take those off a stage who have not accepted what is due since its terms changed.

        Whether they are seen there yet or not. A stage that is away is told again (:mod:`.unheard`).
        """
        async with self._database.reading() as session:
            terms = terms_due(await find(session, space))
            of_space = select(ConsentRow).where(ConsentRow.space == space)
            given = (await session.scalars(of_space)).all()
        uncovered = {SpeakerId(each.speaker) for each in given} - covered(given, terms)
        if uncovered:
            with suppress(StageUnavailable):
                await self.take_off(uncovered, Off.TERMS, space=space)

    async def _audit(self, actor: Actor, act: str, space: SpaceId, **detail: str | bool) -> None:
        async with self._database.session() as session:
            at = now_ms(self._clock)
            audit.record(session, at=at, actor=actor.label, act=act, space=space, **detail)


async def _need_let_in(session: AsyncSession, row: SpaceRow, person: Person, *, at: int) -> None:
    """Raise StageLocked unless a seat is kept for them: nobody is let speak while the stage is locked."""
    kept = await let_speak(session, row, at=at)
    if person.label not in {f"link:{each.link}" for each in kept}:
        raise StageLocked


def _consent_needed(person: Person, language: str) -> ConsentNeeded:
    asked = consent.sentence(person.due, language)
    return ConsentNeeded("Before the stage, please accept: {text}", text=asked.text, text_id=asked.id)


async def _given_by(session: AsyncSession, space: SpaceId, person: Person) -> Sequence[ConsentRow]:
    """What they accepted, newest first."""
    theirs = ConsentRow.space == space, ConsentRow.person == person.label
    return (await session.scalars(select(ConsentRow).where(*theirs).order_by(ConsentRow.id.desc()))).all()


def _said(row: ConsentRow) -> tuple[str | None, ...]:
    """All of it but when."""
    return row.speaker, row.name, row.role, row.text_id, row.text, row.account, row.browser


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
