"""A stage as one of its people sees it, once or as a stream of server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from rostra.bus.messages import Lifecycle, Off, SpaceState, Speaker
from rostra.control import consent
from rostra.control.addresses import Addresses
from rostra.control.api.admitted import Admitted
from rostra.control.api.space_shapes import ConsentText
from rostra.control.api.space_view import notices_out
from rostra.control.api.stage_shapes import (
    ComingOut,
    GoesOnOut,
    MayOut,
    MeOut,
    ReactionsOut,
    RequestOut,
    SpeakerOut,
    StageOut,
    StagePinnedOut,
)
from rostra.control.backstage import Backstage
from rostra.control.floor import Act, Place, acts, may
from rostra.control.identity import Actor
from rostra.control.moves import GoesOn
from rostra.control.permits import PERMITS, Doing
from rostra.control.seats import LetSpeak
from rostra.control.stage_person import Person
from rostra.control.times import iso, now_ms
from rostra.core import words
from rostra.core.errors import NotAllowed
from rostra.core.ids import SpaceId, SpeakerId

LOOK_S = 1.0
"""How long before a stream looks by itself: a sign-in may be over, an edge may have fallen silent."""
HEARTBEAT_LOOKS = 12
"""Something is sent at least so often, so that proxies keep the stream open."""
LEAST_BETWEEN_S = 0.1
"""Half of what a stage takes between reports, so that no level waits for the next."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is read of a stage for one of its people when something changed there."""

    person: Person
    cast: Mapping[SpeakerId, Place]
    let_speak: Sequence[LetSpeak]
    """Nobody for those who may not see the floor."""
    goes_on: GoesOn | None


async def look_up(backstage: Backstage, actor: Actor, space: SpaceId) -> Known:
    """Read it; OffStage, Blocked, NotAllowed."""
    person = await backstage.desk.person(actor, space)
    sees = may(Act.SEE_FLOOR, person.place)
    return Known(
        person=person,
        cast=await backstage.floor.cast(space),
        let_speak=await backstage.floor.let_speak(space) if sees else (),
        goes_on=await backstage.moves.goes_on(actor, space),
    )


def stage_out(
    backstage: Backstage,
    own: Addresses,
    state: SpaceState,
    known: Known,
    language: str,
) -> StageOut:
    """Put together what is known of a stage now."""
    space, person = state.space, known.person
    report = backstage.board.report(space)
    reactions = backstage.board.reactions(space)
    crowd = backstage.door_watch.crowd(space)
    return StageOut(
        space=space,
        state=state.lifecycle,
        title=state.title,
        starts_at=iso(state.starts_at, state.time_zone),
        time_zone=state.time_zone,
        live=state.lifecycle is Lifecycle.LIVE,
        live_at=iso(state.live_at) if state.live_at else None,
        samples=report.samples,
        ended_reason=state.ended_reason,
        trouble=report.reason if state.lifecycle is Lifecycle.LIVE and not report.live else "",
        speakers=[_speaker(each, person, known.cast.get(each.speaker)) for each in report.speakers],
        listeners=backstage.board.listeners(space),
        estimated=backstage.board.estimated(space),
        waiting=0 if crowd is None else crowd.waiting,
        rung=backstage.door_watch.rung,
        event_url=own.event(space),
        visibility=state.visibility,
        recording_policy=state.recording_policy,
        consent=_consent(person, language),
        notices=notices_out(own, state),
        pinned=StagePinnedOut(link=state.pinned.link, label=state.pinned.label) if state.pinned else None,
        reactions=ReactionsOut(at_ms=reactions.at_ms, counts=dict(reactions.counts)),
        hold=report.hold,
        hold_ends_at=iso(report.hold_ends_at) if report.hold_ends_at else None,
        hold_music_s=person.hold_ms / 1000,
        captions_url=own.captions(space),
        locked=state.locked,
        locked_reason=state.locked_reason,
        requests=_requests(backstage, space, person),
        coming=_coming(backstage, known),
        moved=_goes_on(own, known.goes_on),
        me=_me(person, off=_off(backstage.board.off(person.known_as), language)),
    )


async def follow(
    backstage: Backstage, own: Addresses, space: SpaceId, admitted: Admitted[Actor], language: str
) -> AsyncIterator[str]:
    """Yield an event at once and at every change, at most ten a second; comments keep it alive.

    Ends when backstage stops, or the one who watches is not ``admitted`` any more, or not to this stage.
    Changes that come faster are one event: the newest.
    """
    sent, quiet_looks = "", 0
    read: tuple[int, int, Actor] | None = None
    with backstage.board.watch(space, admitted.answer.person) as flag:
        await backstage.board.first_report(space)
        flag.set()
        while not backstage.board.closed:
            await _raised(flag)
            if backstage.suspensions.reach(admitted.answer) or not await admitted.still():
                return
            state = await backstage.announcer.state(space)
            now = state.revision, backstage.board.mutings(space), admitted.answer
            if now != read:
                read = now
                try:
                    known = await look_up(backstage, admitted.answer, space)
                except NotAllowed:
                    return
            text = stage_out(backstage, own, state, known, language).model_dump_json()
            quiet_looks += 1
            if text != sent:
                sent, quiet_looks = text, 0
                yield f"data: {text}\n\n"
            elif quiet_looks >= HEARTBEAT_LOOKS:
                quiet_looks = 0
                yield ": still here\n\n"
            await asyncio.sleep(LEAST_BETWEEN_S)


async def _raised(flag: asyncio.Event) -> None:
    """Wait for the flag, or until it is time to look anyway."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_S):
            await flag.wait()
    flag.clear()


def _requests(backstage: Backstage, space: SpaceId, person: Person) -> list[RequestOut]:
    if not may(Act.SEE_FLOOR, person.place):
        return []
    return [
        RequestOut(
            request=each.request,
            name=each.name,
            note=each.note,
            guest=each.guest,
            verified=each.verified,
            at=iso(each.at),
        )
        for each in backstage.requests.waiting(space)
    ]


def _coming(backstage: Backstage, known: Known) -> list[ComingOut]:
    now = now_ms(backstage.clock)
    return [
        ComingOut(link=each.link, name=each.name, guest=each.guest, lapsed=each.lapsed)
        for each in known.let_speak
        if each.until > now and not backstage.board.came(each.speaker)
    ]


def _goes_on(own: Addresses, to: GoesOn | None) -> GoesOnOut | None:
    if to is None:
        return None
    studio = own.studio(to.space) if to.speaks else None
    return GoesOnOut(space=to.space, title=to.title, event_url=own.event(to.space), studio_url=studio)


def _speaker(speaker: Speaker, person: Person, place: Place | None) -> SpeakerOut:
    own = speaker.speaker == person.known_as
    return SpeakerOut(
        speaker=speaker.speaker,
        name=speaker.name,
        role=speaker.role,
        muted=speaker.muted,
        muted_by_host=speaker.muted_by_host,
        connected=speaker.connected,
        level_dbov=speaker.level_dbov,
        speaking=speaker.speaking,
        quality=speaker.reception.quality,
        guest=speaker.guest,
        acting=place is Place.ACTING,
        acts=[] if own or place is None else list(acts(person.place, place)),
    )


def _consent(person: Person, language: str) -> ConsentText:
    asked = consent.sentence(person.due, language)
    return ConsentText(id=asked.id, text=asked.text)


def _off(why: Off | None, language: str) -> str:
    return words.say(language, f"error.{why}") if why is not None else ""


def _me(person: Person, *, off: str) -> MeOut:
    def permits(doing: Doing) -> bool:
        return person.standing in PERMITS[doing]

    by_link = person.label.startswith("link:")
    return MeOut(
        speaker=person.speaker,
        name=person.name,
        role=person.role,
        consented=person.speaker is not None,
        off=off,
        muted=person.muting.muted,
        muted_by_host=person.muting.by_host,
        place=person.place,
        guest=person.guest,
        acts=list(acts(person.place)),
        may=MayOut(
            go_live=may(Act.GO_LIVE, person.place),
            end=may(Act.END, person.place),
            mute_others=may(Act.MUTE_ALL, person.place),
            invite=may(Act.INVITE, person.place),
            edit=permits(Doing.EDIT),
            cancel=permits(Doing.CANCEL),
            notify=permits(Doing.NOTIFY),
            pin=permits(Doing.PIN),
            caption=permits(Doing.CAPTION),
            hold_music=permits(Doing.HOLD_MUSIC),
            see_checks=permits(Doing.SEE_CHECKS),
            release=permits(Doing.RELEASE),
            delete_recording=permits(Doing.DELETE_RECORDING),
            move=permits(Doing.MOVE) and not by_link,  # a link opens no other stage
            audit=permits(Doing.AUDIT_FLOOR),
        ),
    )
