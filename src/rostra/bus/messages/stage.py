"""The stage: what it reports, and what control asks of it. Nobody else asks anybody anything."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rostra.bus.messages.spaces import Recording, Rendition
from rostra.bus.messages.value import Value
from rostra.core.ids import RunId, SessionId, SpaceId, SpeakerId


class Role(StrEnum):
    """What a person is on a stage."""

    HOST = "host"
    COHOST = "cohost"
    SPEAKER = "speaker"


class Speaker(Value, frozen=True):
    """A person on a stage."""

    speaker: SpeakerId
    name: str
    role: Role
    muted: bool = False
    muted_by_host: bool = False
    """Muted by somebody who may mute others; they cannot undo it themselves."""
    connected: bool = True
    level_dbov: int = -127
    """RFC 6464: −127 silence … 0 overload."""
    speaking: bool = False


class StageReport(Value, frozen=True):
    """A stage as its people see it. Retained; published on change, at most 5 times a second."""

    space: SpaceId
    live: bool
    run: RunId | None = None
    samples: int = 0
    """Programme samples on the tape."""
    speakers: tuple[Speaker, ...] = ()
    finished: Recording | None = None
    """Set once the tape is closed; control turns the space to ended when it sees it."""
    lost: bool = False
    """The tape is beyond going on and beyond ending; control ends the space without a recording."""
    reason: str = ""
    """Why the stage closed the tape by itself, or why a run that is live is not on air just now."""


class AudienceNote(Value, frozen=True):
    """The one thing the stage hears from the audience: ≤ 1 kB, once a second, newest wins. Not retained."""

    space: SpaceId
    listeners: int
    estimated: bool = False
    cadence: int = 1


class Offer(Value, frozen=True):
    """Request: put a person's browser on stage. Control has checked who they are."""

    space: SpaceId
    speaker: SpeakerId
    name: str
    role: Role
    sdp: str
    one_way: bool = False
    """WHIP: the source sends and wants nothing back."""
    muted: bool = False
    """Control knows who is muted; the stage forgets when it dies."""
    muted_by_host: bool = False


class Answer(Value, frozen=True):
    session: SessionId
    sdp: str


class TryLine(Value, frozen=True):
    """Request: answer a browser that only tries its way to the stage. Nothing of it is mixed or kept."""

    person: str
    """Who tries: a newer try of theirs ends the older."""
    sdp: str


class Leave(Value, frozen=True):
    """Request: take a session off the stage."""

    space: SpaceId
    session: SessionId


class Mute(Value, frozen=True):
    """Request: silence a speaker at the mixer, or let them be heard again."""

    space: SpaceId
    speaker: SpeakerId
    muted: bool
    by_host: bool = False


class TakeOff(Value, frozen=True):
    """Request: take people off every stage (``space`` empty) or one, and refuse them for now."""

    speakers: tuple[SpeakerId, ...]
    space: SpaceId | None = None
    sentence: str = ""
    """What their pages say."""


class GoLive(Value, frozen=True):
    """Request: begin the tape of a space. Asked again while live, the answer is the same."""

    space: SpaceId
    title: str


class WentLive(Value, frozen=True):
    run: RunId
    anchor_utc_ns: int
    renditions: tuple[Rendition, ...]


class End(Value, frozen=True):
    """Request: close the tape. Asked again after the end, the answer is the same."""

    space: SpaceId
    run: RunId


class Ended(Value, frozen=True):
    recording: Recording


class Erase(Value, frozen=True):
    """Request: delete a finished tape from disk. Asked again, the answer is the same."""

    space: SpaceId
    run: RunId


STAGE_OFFER: Final = "stage.offer"
"""Request Offer → Answer."""
STAGE_TRY_LINE: Final = "stage.try-line"
"""Request TryLine → Answer."""
STAGE_LEAVE: Final = "stage.leave"
"""Request Leave → Done."""
STAGE_MUTE: Final = "stage.mute"
"""Request Mute → Done."""
STAGE_TAKE_OFF: Final = "stage.take-off"
"""Request TakeOff → Done."""
STAGE_LIVE: Final = "stage.live"
"""Request GoLive → WentLive."""
STAGE_END: Final = "stage.end"
"""Request End → Ended."""
STAGE_ERASE: Final = "stage.erase"
"""Request Erase → Done."""


def stage_report(space: SpaceId) -> str:
    """Retained StageReport."""
    return f"space.{space}.stage"


def audience_note(space: SpaceId) -> str:
    """AudienceNote from the door to the stage; not retained."""
    return f"space.{space}.note"
