"""A space's status: the word for where it stands, and the document that programs read.

Pure. Times are UTC milliseconds. The same document opens a page (``boot_json``) and answers
``status.json``, so that a page never has two truths.
"""

from __future__ import annotations

import msgspec

from rostra.bus.messages import Lifecycle, Rendition, Role, SpaceState, Speaker, StageReport
from rostra.core import words
from rostra.core.ids import SpaceId, SpeakerId
from rostra.core.samples import SAMPLE_RATE
from rostra.gateway.onward import Elsewhere
from rostra.gateway.origins import Origins
from rostra.gateway.room_status import RoomStatus

LATE = "late"
LOST = "lost"
LISTEN_TYPE = "audio/mp4"
OVER = frozenset({"ended", "lost", "published", "held", "deleted", "cancelled"})
"""States in which there is nothing to wait for."""
_BEFORE_LIVE = (Lifecycle.SCHEDULED, Lifecycle.LOBBY)
_HOSTS = (Role.HOST, Role.COHOST)
_BASELINE_CODEC = "mp4a.40.2"


class OnStage(msgspec.Struct, frozen=True):
    """A person on stage, as the audience sees them; the words are those of the tape's events."""

    id: SpeakerId
    name: str
    role: str
    muted: bool
    speaking: bool
    guest: bool
    """No account vouches for their name."""


class Replay(msgspec.Struct, frozen=True):
    """Where a recording is, and how long."""

    mp4: str
    hls: str
    dash: str
    seconds: float


class OneNotice(msgspec.Struct, frozen=True):
    """A line to the audience. ``at`` is UTC milliseconds."""

    id: str
    text: str
    link: str
    author: str
    at: int
    permalink: str


class Pinned(msgspec.Struct, frozen=True):
    """The link that the host keeps before the audience's eyes."""

    link: str
    label: str


class Status(msgspec.Struct, frozen=True):
    """``status.json``, version 1."""

    v: int
    space: SpaceId
    state: str
    title: str
    host: str
    host_handle: str
    host_verified: bool
    visibility: str
    recording_policy: str
    starts_at: int
    starts_before: int | None
    """The start that was announced at first, where it is another now."""
    live_at: int | None
    ended_at: int | None
    reason: str
    run: str | None
    anchor_utc_ns: int | None
    listeners: int
    estimated: bool
    """Whether ``listeners`` is an estimate, as it is behind a cache."""
    speakers: tuple[OnStage, ...]
    replay: Replay | None
    """None too when the recording is not open to the visitor."""
    notices: tuple[OneNotice, ...]
    """Newest first."""
    locked: bool
    """Nobody new comes to the stage."""
    locked_reason: str
    """Why an operator locked it; empty when they did not."""
    moved: Elsewhere | None
    """Where it goes on. Its page follows there, and its address leads there until that is over."""
    moved_from: tuple[Elsewhere, ...]
    """What goes on here."""
    pinned: Pinned | None
    hold: bool
    """Whether it is live with nobody on stage, and music plays."""
    reactions: tuple[str, ...]
    """What listeners may press now."""
    now: int
    room: RoomStatus | None
    """Of the line before it, while somebody waits or not all may come in."""
    poll_ms: int
    """A page that wants to know what comes next asks again after no more than this."""


def word(state: SpaceState, report: StageReport | None, *, now_ms: int) -> str:
    """Return the space's state in one word: its lifecycle, or ``late`` or ``lost``.

    ``late``: the start has passed and nobody is on stage who may go live: no host, no co-host. No state
    that is stored decides it; a host who never comes leaves the page saying so. Until the start whoever
    waits keeps the countdown, though speakers meet in the lobby: they may have come to try their sound.
    ``lost``: it has ended, and a fault left no recording.
    """
    if state.is_lost:
        return LOST
    if state.lifecycle not in _BEFORE_LIVE:
        return state.lifecycle.value
    if now_ms < state.starts_at:
        return Lifecycle.SCHEDULED.value
    present = state.lifecycle is Lifecycle.LOBBY and report is not None and _may_go_live(report)
    return state.lifecycle.value if present else LATE


EARLY_MS = 60_000
"""Live so much before the announced start is early."""


def begun_at(status: Status) -> int:
    """When it begins, as announced; once it is over, or live early, when it really was live."""
    early = status.live_at is not None and status.live_at < status.starts_at - EARLY_MS
    return (status.live_at if early or status.state in OVER else None) or status.starts_at


def document(
    state: SpaceState,
    report: StageReport | None,
    *,
    listeners: int,
    estimated: bool = False,
    origins: Origins,
    now_ms: int,
    folder: str | None,
    poll_ms: int,
    moved: Elsewhere | None = None,
    moved_from: tuple[Elsewhere, ...] = (),
    room: RoomStatus | None = None,
    reactions: tuple[str, ...] = (),
) -> Status:
    """Return the status of a space as a visitor of ``origins`` gets it.

    ``folder`` is where the recording is for this visitor, ending in a slash; None: nowhere.
    """
    return Status(
        v=1,
        space=state.space,
        state=word(state, report, now_ms=now_ms),
        title=state.title,
        host=state.host_name,
        host_handle=state.host_handle,
        host_verified=state.host_verified,
        visibility=state.visibility.value,
        recording_policy=state.recording_policy.value,
        starts_at=state.starts_at,
        starts_before=state.starts_before or None,
        live_at=state.live_at or None,
        ended_at=state.ended_at or None,
        reason=state.ended_reason or _trouble(state, report),
        run=state.run,
        anchor_utc_ns=state.anchor_utc_ns or None,
        listeners=listeners if state.lifecycle is Lifecycle.LIVE else 0,
        estimated=estimated and state.lifecycle is Lifecycle.LIVE,
        speakers=_on_stage(state, report),
        replay=_replay(state, folder),
        notices=notices(state, origins),
        locked=state.locked,
        locked_reason=state.locked_reason,
        moved=moved,
        moved_from=moved_from,
        pinned=_pinned(state),
        hold=state.lifecycle is Lifecycle.LIVE and report is not None and report.hold,
        reactions=reactions if state.lifecycle is Lifecycle.LIVE else (),
        now=now_ms,
        poll_ms=poll_ms,
        room=room,
    )


def notices(state: SpaceState, origins: Origins) -> tuple[OneNotice, ...]:
    """Return the lines to a space's audience, newest first."""
    event = origins.event(state.space)
    return tuple(
        OneNotice(each.notice, each.text, _web(each.link), each.author, each.at, f"{event}#n-{each.notice}")
        for each in state.notices
    )


def _pinned(state: SpaceState) -> Pinned | None:
    if state.pinned is None or not _web(state.pinned.link):
        return None
    return Pinned(state.pinned.link, state.pinned.label)


def _web(link: str) -> str:
    """A link that a page may show: an http(s) address, or nothing."""
    return link if link.startswith(("http://", "https://")) else ""


def baseline(state: SpaceState) -> Rendition:
    """Return the rendition that everything plays, of a space that has renditions."""
    return next((each for each in state.renditions if each.codec == _BASELINE_CODEC), state.renditions[0])


def _trouble(state: SpaceState, report: StageReport | None) -> str:
    """Why a live space is not on air just now."""
    off_air = state.lifecycle is Lifecycle.LIVE and report is not None and not report.live
    return report.reason if off_air and report else ""


def people(state: SpaceState, language: str) -> tuple[str, ...]:
    """Names to announce, or of those who are or were heard; the host's alone until others are known."""
    return tuple(named(name, language) for name in state.people or (state.host_name,))


def guests(state: SpaceState) -> frozenset[str]:
    """Names of those who are or were heard that no account stands for."""
    return frozenset(each.name for each in state.heard if each.guest)


def vouched(state: SpaceState) -> str:
    """The name that the verified mark stands for; empty where there is none."""
    return state.account_name if state.host_verified else ""


def named(name: str, language: str) -> str:
    """What somebody is called; whoever left for good has no name any more."""
    return name or words.say(language, "event.former_member")


def _connected(report: StageReport) -> list[Speaker]:
    return [speaker for speaker in report.speakers if speaker.connected]


def _may_go_live(report: StageReport) -> bool:
    return any(speaker.role in _HOSTS for speaker in _connected(report))


def _on_stage(state: SpaceState, report: StageReport | None) -> tuple[OnStage, ...]:
    if report is None or state.lifecycle not in (Lifecycle.LOBBY, Lifecycle.LIVE):
        return ()
    return tuple(
        OnStage(
            speaker.speaker,
            speaker.name,
            speaker.role.value,
            speaker.muted,
            speaker.speaking,
            speaker.guest,
        )
        for speaker in _connected(report)
    )


def _replay(state: SpaceState, folder: str | None) -> Replay | None:
    if state.recording is None or folder is None:
        return None
    return Replay(
        mp4=f"{folder}{baseline(state).name}.mp4",
        hls=f"{folder}index.m3u8",
        dash=f"{folder}manifest.mpd",
        seconds=round(state.recording.duration_samples / SAMPLE_RATE, 3),
    )
