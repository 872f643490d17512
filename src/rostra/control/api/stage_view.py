"""A stage as one of its people sees it, once or as a stream of server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from rostra.bus.messages import Lifecycle, SpaceState, Speaker
from rostra.control import consent
from rostra.control.addresses import Addresses
from rostra.control.api.admitted import Admitted
from rostra.control.api.shapes import ConsentText, MayOut, MeOut, SpeakerOut, StageOut
from rostra.control.api.space_view import notices_out
from rostra.control.backstage import Backstage
from rostra.control.identity import Actor
from rostra.control.permits import PERMITS, Doing
from rostra.control.stage_desk import Person
from rostra.control.times import iso
from rostra.core.ids import SpaceId

LOOK_S = 1.0
"""How long before a stream looks by itself: a sign-in may be over, an edge may have fallen silent."""
HEARTBEAT_LOOKS = 12
"""Something is sent at least so often, so that proxies keep the stream open."""
LEAST_BETWEEN_S = 0.1
"""Half of what a stage takes between reports, so that no level waits for the next."""


def stage_out(
    backstage: Backstage, own: Addresses, state: SpaceState, person: Person, language: str
) -> StageOut:
    """Put together what is known of a stage now."""
    space = state.space
    report = backstage.board.report(space)
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
        speakers=[_speaker(speaker) for speaker in report.speakers],
        listeners=backstage.board.listeners(space),
        estimated=backstage.board.estimated(space),
        event_url=own.event(space),
        visibility=state.visibility,
        recording_policy=state.recording_policy,
        consent=_consent(person, language),
        notices=notices_out(own, state),
        me=_me(person, off=backstage.board.off(person.known_as)),
    )


async def follow(
    backstage: Backstage, own: Addresses, space: SpaceId, actor: Actor, admitted: Admitted, language: str
) -> AsyncIterator[str]:
    """Yield an event at once and at every change, at most ten a second; comments keep it alive.

    Ends when backstage stops, or the one who watches is not ``admitted`` any more. Changes that come
    faster are one event: the newest.
    """
    sent, revision, quiet_looks = "", -1, 0
    with backstage.board.watch(space) as flag:
        flag.set()
        while not backstage.board.closed:
            await _raised(flag)
            if backstage.suspensions.reach(actor) or not await admitted.still():
                return
            state = await backstage.announcer.state(space)
            if state.revision != revision:
                revision = state.revision
                person = await backstage.desk.person(actor, space)
            text = stage_out(backstage, own, state, person, language).model_dump_json()
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


def _speaker(speaker: Speaker) -> SpeakerOut:
    return SpeakerOut(
        speaker=speaker.speaker,
        name=speaker.name,
        role=speaker.role,
        muted=speaker.muted,
        muted_by_host=speaker.muted_by_host,
        connected=speaker.connected,
        level_dbov=speaker.level_dbov,
        speaking=speaker.speaking,
    )


def _consent(person: Person, language: str) -> ConsentText:
    asked = consent.sentence(person.due, language)
    return ConsentText(id=asked.id, text=asked.text)


def _me(person: Person, *, off: str) -> MeOut:
    def may(doing: Doing) -> bool:
        return person.standing in PERMITS[doing]

    return MeOut(
        speaker=person.speaker,
        name=person.name,
        role=person.role,
        consented=person.speaker is not None,
        off=off,
        muted=person.muting.muted,
        muted_by_host=person.muting.by_host,
        may=MayOut(
            go_live=may(Doing.GO_LIVE),
            end=may(Doing.END),
            mute_others=may(Doing.MUTE_OTHERS),
            invite=may(Doing.INVITE),
            edit=may(Doing.EDIT),
            cancel=may(Doing.CANCEL),
            notify=may(Doing.NOTIFY),
            see_checks=may(Doing.SEE_CHECKS),
            release=may(Doing.RELEASE),
            delete_recording=may(Doing.DELETE_RECORDING),
        ),
    )
