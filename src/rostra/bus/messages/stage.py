"""The stage: what it reports, what control asks of it, and the one thing that it asks control.

Nobody else asks anybody anything.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rostra.bus.messages.role import Role
from rostra.bus.messages.spaces import Recording, Rendition
from rostra.bus.messages.value import Value
from rostra.bus.messages.why import Off
from rostra.core.ids import RunId, SessionId, SpaceId, SpeakerId


class Quality(StrEnum):
    """How well a speaker's sound arrives, in a word."""

    GOOD = "good"
    """Nobody hears the network."""
    FAIR = "fair"
    """Now and then a word is patched, or answers come a little late."""
    POOR = "poor"
    """Words are missing, or answers come late."""


class Reception(Value, frozen=True):
    """How a speaker's sound arrives, looked at every two seconds. Counts are since they came."""

    quality: Quality | None = None
    """Of the last two seconds; None until enough was heard to say."""
    packets_lost: int = 0
    recovered_ms: int = 0
    """Sound lost of which a later packet held a copy."""
    concealed_ms: int = 0
    """Sound lost that was made up."""
    jitter_ms: int = 0
    """By how much the slowest packets, but for 3 %, are slower than the fastest."""
    delay_ms: int = 0
    """How long sound waits on the stage for the slower packets."""
    drift_ppm: int = 0
    """Positive: their clock is faster than the stage's."""


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
    reception: Reception = Reception()
    guest: bool = False
    """No account vouches for their name."""


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
    """A :class:`.Why`: the stage closed the tape by itself, or a run that is live is not on air just now."""
    hold: bool = False
    """Whether the hold loop plays because nobody is on stage."""
    hold_ends_at: int = 0
    """While it plays: when the stage ends the tape unless somebody comes, UTC ms; 0: it does not."""


class AudienceNote(Value, frozen=True):
    """The one thing the stage hears from the audience: ≤ 1 kB, once a second, newest wins. Not retained."""

    space: SpaceId
    listeners: int
    estimated: bool = False
    cadence: int = 1
    reactions: tuple[tuple[str, int], ...] = ()
    """How many pressed each kind in the second before, those that anybody did."""
    rung: str = ""
    """Of the ladder that the door stands on; empty on the ground."""
    places: int | None = None
    """How many may listen, as somebody ordered it while this runs; None: nobody did."""


class Caption(Value, frozen=True):
    """Request: put a line of what is said on the tape, from ``at`` or ``ago_ms`` before now."""

    space: SpaceId
    text: str
    lang: str
    at: int | None = None
    """Media sample; None: by ``ago_ms``."""
    ago_ms: int = 0
    duration_ms: int = 0
    """0: as long as it takes to read."""


class Captioned(Value, frozen=True):
    """Where it stands on the tape."""

    caption: str
    at: int
    samples: int


class HoldLoop(Value, frozen=True):
    """Request: play this audio file while a space's stage is empty; without one, the built-in music."""

    space: SpaceId
    file: bytes = b""


class HoldLoopTaken(Value, frozen=True):
    duration_ms: int
    """0: the built-in one plays."""


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
    guest: bool = False
    label: str = ""
    """How control knows them: the session is theirs alone."""
    page: str = ""
    """What the page that makes it calls itself; empty for programs."""
    again: bool = False
    """That page was on stage before: it takes the seat from no other one."""


class Answer(Value, frozen=True):
    session: SessionId
    sdp: str
    etag: str = ""
    """Names the ICE session; another one after each restart."""


class Monitor(Value, frozen=True):
    """Request: let somebody hear the programme as it is mixed, without a place on stage."""

    space: SpaceId
    sdp: str
    label: str = ""
    """As in :class:`Offer`."""


class WhoMonitors(Value, frozen=True):
    """Request: who listens in, on whichever stage?"""


class Monitoring(Value, frozen=True):
    """Whoever is not among them has hung up, or their connection broke."""

    sessions: tuple[SessionId, ...]


class Patch(Value, frozen=True):
    """Request: news of a session's ICE (RFC 9725 section 4.3)."""

    space: SpaceId
    session: SessionId
    fragment: str
    """As ``application/trickle-ice-sdpfrag`` (RFC 8840)."""
    label: str
    """Who asks; NotAllowed where the session is another's."""
    if_match: str | None = None


class Patched(Value, frozen=True):
    """``fragment`` is the stage's own half after a restart; empty when candidates were only added."""

    etag: str
    fragment: str = ""


class Known(Value, frozen=True):
    """Somebody who has consented and may speak."""

    speaker: SpeakerId
    name: str
    role: Role
    muted: bool = False
    muted_by_host: bool = False
    guest: bool = False


class WhoIs(Value, frozen=True):
    """Request of the stage to control: who brings this token to the stage of a space?"""

    space: SpaceId
    token: str
    seated: Known | None = None
    """As whom they sit there by now: what has changed since control said so is told to the stage."""


class TryLine(Value, frozen=True):
    """Request: answer a browser that only tries its way to the stage. Nothing of it is mixed or kept."""

    space: SpaceId
    """For whose stage."""
    person: str
    """Who tries: a newer try of theirs there ends the older."""
    sdp: str


class Leave(Value, frozen=True):
    """Request: take a session off the stage."""

    space: SpaceId
    session: SessionId
    label: str | None = None
    """Who asks; NotAllowed where the session is another's. None: control itself, whosesoever it is."""
    known: bool = False
    """Refuse with NotFound when there is no such session, rather than let that be fine."""


class Mute(Value, frozen=True):
    """Request: silence a speaker at the mixer, or let them be heard again."""

    space: SpaceId
    speaker: SpeakerId
    muted: bool
    by_host: bool = False


class SeatLost(Value, frozen=True):
    """The seat of somebody whose connection broke is free: they did not come back in time. Not retained."""

    space: SpaceId
    speaker: SpeakerId


class Recast(Value, frozen=True):
    """Request: somebody on stage is something else from now on."""

    space: SpaceId
    speaker: SpeakerId
    role: Role


class TakeOff(Value, frozen=True):
    """Request: take people off every stage (``space`` empty) or one, and refuse them for now."""

    speakers: tuple[SpeakerId, ...]
    space: SpaceId | None = None
    why: Off | None = None
    """What their pages say; None: only that they were taken off."""


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
STAGE_MONITOR: Final = "stage.monitor"
"""Request Monitor → Answer."""
STAGE_WHO_MONITORS: Final = "stage.who-monitors"
"""Request WhoMonitors → Monitoring."""
STAGE_PATCH: Final = "stage.patch"
"""Request Patch → Patched."""
CONTROL_WHO: Final = "control.who"
"""Request WhoIs → Known: the one thing that the stage asks."""
STAGE_MUTE: Final = "stage.mute"
"""Request Mute → Done."""
STAGE_RECAST: Final = "stage.recast"
"""Request Recast → Done."""
STAGE_TAKE_OFF: Final = "stage.take-off"
"""Request TakeOff → Done."""
STAGE_LIVE: Final = "stage.live"
"""Request GoLive → WentLive."""
STAGE_END: Final = "stage.end"
"""Request End → Ended."""
STAGE_ERASE: Final = "stage.erase"
"""Request Erase → Done."""
STAGE_CAPTION: Final = "stage.caption"
"""Request Caption → Captioned."""
STAGE_HOLD: Final = "stage.hold"
"""Request HoldLoop → HoldLoopTaken."""


def stage_report(space: SpaceId) -> str:
    """Retained StageReport."""
    return f"space.{space}.stage"


def seat_lost(space: SpaceId) -> str:
    """SeatLost from the stage to control."""
    return f"space.{space}.seat-lost"


def audience_note(space: SpaceId) -> str:
    """AudienceNote from the door to the stage; not retained."""
    return f"space.{space}.note"
