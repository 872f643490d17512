"""The catalogue of everything that travels on the bus: one struct, one subject each.

Values are msgspec structs in MessagePack. Subjects are dot-separated tokens as in NATS (``*`` one
token, ``>`` the rest). *Retained* subjects keep their last value in the broker, so that a role
that restarts knows all spaces at once. Times are integer UTC milliseconds unless named otherwise.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from rostra.core.ids import AccountId, RunId, SessionId, SpaceId, SpeakerId


class Lifecycle(StrEnum):
    """Where a space stands. The transitions are a table in ``control/lifecycle.py``."""

    SCHEDULED = "scheduled"
    LOBBY = "lobby"
    LIVE = "live"
    ENDED = "ended"
    HELD = "held"
    """Ended; the recording waits for the host's release."""
    PUBLISHED = "published"
    DELETED = "deleted"
    """Ended; the recording was deleted, as announced or later on."""
    CANCELLED = "cancelled"


class Visibility(StrEnum):
    """Who may know of a space, and hear it."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    """Whoever has the link; in no list, feed or search engine."""
    PRIVATE = "private"
    """Invited accounts, and whoever knows the passphrase: a pass, signed by backstage, says so."""


class RecordingPolicy(StrEnum):
    """What becomes of the recording at the end; chosen at scheduling, shown on every page."""

    PUBLISH = "publish"
    HOLD = "hold"
    DELETE = "delete"


class Role(StrEnum):
    """What a person is on a stage."""

    HOST = "host"
    COHOST = "cohost"
    SPEAKER = "speaker"


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Whatever travels on the bus."""


class Rendition(Value, frozen=True):
    """One encoding of the programme."""

    name: str
    """``aac64``, ``opus32``: the folder in addresses and the file on the tape."""
    codec: str
    """RFC 6381: ``mp4a.40.2``, ``opus``."""
    bandwidth: int
    """Peak bits per second, container included."""


class Recording(Value, frozen=True):
    """A finished tape, as pages tell of it."""

    duration_samples: int
    size_bytes: int
    """Of the baseline rendition's ``.mp4``."""


class Notice(Value, frozen=True):
    """One line to the audience, by the host or an operator."""

    notice: str
    """Its id; the permalink is ``/s/<space>#n-<id>``."""
    text: str
    at: int
    author: str
    """Empty for somebody who left."""
    link: str = ""
    """An http(s) address, or empty."""


class SpaceState(Value, frozen=True):
    """A space as the audience may know it. Retained; published by control at every change."""

    space: SpaceId
    revision: int
    lifecycle: Lifecycle
    title: str
    description: str
    host: AccountId
    host_name: str
    starts_at: int
    time_zone: str
    """IANA name of the host's zone, for display."""
    run: RunId | None = None
    """The tape, from going live on: ``tapes/<space>/<run>/``."""
    renditions: tuple[Rendition, ...] = ()
    anchor_utc_ns: int = 0
    """UTC of sample 0."""
    live_at: int = 0
    ended_at: int = 0
    ended_reason: str = ""
    """Empty when the host ended it; else a sentence for people, such as that the disk was full."""
    recording: Recording | None = None
    people: tuple[str, ...] = ()
    """Names announced or heard, host first: for cards and lists."""
    host_handle: str = ""
    host_verified: bool = False
    visibility: Visibility = Visibility.PUBLIC
    has_passphrase: bool = False
    pass_epoch: int = 0
    """Passes of an earlier epoch have ended."""
    recording_policy: RecordingPolicy = RecordingPolicy.PUBLISH
    notices: tuple[Notice, ...] = ()
    """Newest first, at most 20."""
    updated_at: int = 0
    """When what pages and feeds show last changed."""

    @property
    def is_released(self) -> bool:
        """Whether its recording is for whoever may know of the space, from the moment the tape ends."""
        if self.lifecycle in (Lifecycle.LIVE, Lifecycle.ENDED):
            return self.recording_policy is RecordingPolicy.PUBLISH
        return self.lifecycle is Lifecycle.PUBLISHED

    @property
    def is_held(self) -> bool:
        """Whether its recording waits for the host's release, or will as soon as the tape ends."""
        if self.lifecycle in (Lifecycle.LIVE, Lifecycle.ENDED):
            return self.recording_policy is RecordingPolicy.HOLD
        return self.lifecycle is Lifecycle.HELD

    @property
    def is_deleted(self) -> bool:
        """Whether its recording is gone, or on the point of going."""
        if self.lifecycle is Lifecycle.ENDED:
            return self.recording_policy is RecordingPolicy.DELETE
        return self.lifecycle is Lifecycle.DELETED


class SiteState(Value, frozen=True):
    """This site, as its operator named it. Retained; published by control."""

    name: str
    color: str = ""
    """``#rrggbb``, or empty for the built-in accent."""
    logo: str = ""
    """A ``data:`` address of a small PNG, JPEG or SVG-free image, or empty."""
    contact: str = ""
    imprint: str = ""
    terms: str = ""
    """Markdown-free plain text; blank lines part paragraphs."""
    open_sign_up: bool = False


class PassKeys(Value, frozen=True):
    """Keys of passes to private spaces, newest first. Retained; published by the supervisor."""

    keys: tuple[tuple[int, bytes], ...]


class TakeOff(Value, frozen=True):
    """Request: take people off every stage (``space`` empty) or one, and refuse them for now."""

    speakers: tuple[SpeakerId, ...]
    space: SpaceId | None = None
    sentence: str = ""
    """What their pages say."""


class Erase(Value, frozen=True):
    """Request: delete a finished tape from disk. Asked again, the answer is the same."""

    space: SpaceId
    run: RunId


class Removed(Value, frozen=True):
    """A space no longer exists; published in place of its state."""

    space: SpaceId


class SpacesKnown(Value, frozen=True):
    """Control has published every space there is. Retained; until it is in, a space unheard of may exist."""


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


class Audience(Value, frozen=True):
    """How many listen to one space at one edge worker. Retained; published once a second."""

    space: SpaceId
    worker: int
    listeners: int


class Admitted(Value, frozen=True):
    """Listeners whom an edge worker has let in lately, for the other workers. Not retained."""

    worker: int
    listeners: tuple[bytes, ...]
    """Their ids, as in their tickets."""


class Begun(msgspec.Struct, frozen=True, array_like=True):
    """A stream that an edge worker has begun: what goes to whom since when."""

    listener: bytes
    """As in the ticket."""
    rendition: str
    number: int
    """Of the segment."""
    peer: str
    """The address that connected; stays among the workers."""
    at_ms: int


class StreamsBegun(Value, frozen=True):
    """Streams begun at an edge worker lately: older ones on the same tickets end. Not retained."""

    worker: int
    streams: tuple[Begun, ...]


class Measured(Value, frozen=True):
    """What an edge worker has counted so far, for whichever worker is asked. Retained."""

    worker: int
    samples: tuple[tuple[str, int, str], ...]
    """Name, value, and the code of a refusal where it is of one."""


class AudienceNote(Value, frozen=True):
    """The one thing the stage hears from the audience: ≤ 1 kB, once a second, newest wins. Not retained."""

    space: SpaceId
    listeners: int


class TicketKeys(Value, frozen=True):
    """Keys of the door, the one that signs first; a new one is told before it signs. Retained.

    Published by the supervisor.
    """

    keys: tuple[tuple[int, bytes], ...]


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


class Done(Value, frozen=True):
    """The reply to a request that only succeeds."""


class Failed(Value, frozen=True):
    """The reply to a request that was refused: a RostraError in transit."""

    code: str
    status: int
    sentence: str


SITE_STATE: Final = "site.state"
"""Retained SiteState."""
PASS_KEYS: Final = "keys.passes"
"""Retained PassKeys."""
STAGE_TAKE_OFF: Final = "stage.take-off"
"""Request TakeOff → Done."""
STAGE_ERASE: Final = "stage.erase"
"""Request Erase → Done."""
TICKET_KEYS: Final = "keys.tickets"
"""Retained TicketKeys."""
SPACES_KNOWN: Final = "spaces.known"
"""Retained SpacesKnown, published after the states."""
STAGE_OFFER: Final = "stage.offer"
"""Request Offer → Answer."""
STAGE_LEAVE: Final = "stage.leave"
"""Request Leave → Done."""
STAGE_MUTE: Final = "stage.mute"
"""Request Mute → Done."""
STAGE_LIVE: Final = "stage.live"
"""Request GoLive → WentLive."""
STAGE_END: Final = "stage.end"
"""Request End → Ended."""


def space_state(space: SpaceId) -> str:
    """Retained SpaceState or Removed."""
    return f"space.{space}.state"


def stage_report(space: SpaceId) -> str:
    """Retained StageReport."""
    return f"space.{space}.stage"


def audience(space: SpaceId, worker: int) -> str:
    """Retained Audience, one per edge worker."""
    return f"space.{space}.audience.{worker}"


def admitted(worker: int | str) -> str:
    """Admitted from one edge worker (``*``: any) to the others; not retained."""
    return f"edge.{worker}.admitted"


def streams_begun(worker: int | str) -> str:
    """StreamsBegun from one edge worker (``*``: any) to the others; not retained."""
    return f"edge.{worker}.streams"


def measured(worker: int | str) -> str:
    """Retained Measured, one per edge worker (``*``: any)."""
    return f"edge.{worker}.measured"


def audience_note(space: SpaceId) -> str:
    """AudienceNote from the door to the stage; not retained."""
    return f"space.{space}.note"
