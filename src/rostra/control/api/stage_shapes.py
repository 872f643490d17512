"""Shapes of a stage: what its people get to reach it, and who is there."""

from __future__ import annotations

from pydantic import BaseModel, Field

from rostra.bus.messages import Lifecycle, Quality, RecordingPolicy, Role, Visibility, Why
from rostra.control.api.shapes import Incoming, Short
from rostra.control.api.space_shapes import ConsentText, NoticeOut
from rostra.control.floor import Act, Place

_ENDED = (
    f"{', '.join(f'`{why}`' for why in Why if not why.startswith('off_air'))}; empty when its host ended it."
    " An operator's own words follow after a colon."
)


class OfferIn(Incoming):
    sdp: str


class AnswerOut(BaseModel):
    session: str
    sdp: str


class MuteIn(Incoming):
    muted: bool


class RequestOut(BaseModel):
    """Somebody who asks to speak."""

    request: str
    name: str
    note: str
    guest: bool
    verified: bool
    at: str


class ComingOut(BaseModel):
    """Somebody who was let speak and has not been on stage. Taking their `link` back takes that back."""

    link: str
    name: str
    guest: bool
    lapsed: bool = Field(description="They did not come in time; said for a minute. Nothing is to take back.")


class GoesOnOut(BaseModel):
    """Where a space that has moved goes on."""

    space: str
    title: str = Field(description="Empty where one has no place there, and its page may not be named here.")
    event_url: str
    studio_url: str | None = Field(description="Null for whoever may not come to its stage.")


class SpeakerOut(BaseModel):
    speaker: str
    name: str
    role: Role
    muted: bool
    muted_by_host: bool = Field(description="They cannot undo it themselves.")
    connected: bool
    level_dbov: int
    speaking: bool
    quality: Quality | None = Field(description="Of their connection, in a word; null until it is known.")
    guest: bool = Field(description="No account vouches for their name.")
    acting: bool = Field(description="Acts as host until the host is back.")
    acts: list[Act] = Field(description="What the one who asks may do to them.")


class MayOut(BaseModel):
    """What the one who asks may do here."""

    go_live: bool
    end: bool
    mute_others: bool
    invite: bool
    edit: bool
    cancel: bool
    notify: bool
    pin: bool
    caption: bool
    hold_music: bool
    see_checks: bool
    release: bool
    delete_recording: bool
    move: bool
    audit: bool


class MeOut(BaseModel):
    """Who asks. ``speaker`` is null until they accepted the sentence.

    ``off`` says why they were taken off the stage; empty when they were not, or are back.
    """

    speaker: str | None
    name: str
    role: Role
    consented: bool
    off: str = Field(
        description="Why they were taken off the stage, in a sentence; empty when they were not."
    )
    muted: bool = Field(description="As one will be on stage; once there, the list of speakers is newer.")
    muted_by_host: bool
    place: Place
    guest: bool
    may: MayOut
    acts: list[Act] = Field(
        description="What the one who asks may do on this floor, to nobody in particular."
    )


class ReactionsOut(BaseModel):
    """How many listeners pressed each kind in the newest second; ``at_ms`` tells one second from the next."""

    at_ms: int
    counts: dict[str, int]


class StagePinnedOut(BaseModel):
    """The link that the audience has in sight."""

    link: str
    label: str


class StageOut(BaseModel):
    """A stage as its people see it. ``consent`` is the sentence that is due here."""

    space: str
    state: Lifecycle
    title: str
    starts_at: str
    time_zone: str
    live: bool
    live_at: str | None
    samples: int = Field(description="Programme samples on the tape, 48,000 a second.")
    ended_reason: str = Field(description=_ENDED)
    trouble: str = Field(
        description="Why a live space is not on air: `off_air` or `off_air_disk_full`; empty while it is."
    )
    speakers: list[SpeakerOut]
    listeners: int
    estimated: bool = Field(description="Whether `listeners` is an estimate, as it is behind a cache.")
    waiting: int = Field(description="How many stand in line before it.")
    rung: str = Field(description="Of the ladder that the door stands on.")
    event_url: str
    visibility: Visibility
    recording_policy: RecordingPolicy
    consent: ConsentText
    notices: list[NoticeOut]
    pinned: StagePinnedOut | None
    reactions: ReactionsOut
    hold: bool = Field(description="Whether it is live with nobody on stage, and music plays.")
    hold_ends_at: str | None = Field(
        description="When it ends by itself unless somebody comes, while music plays; null: it does not."
    )
    hold_music_s: float = Field(description="Of the host's own music for that; 0: the built-in one.")
    captions_url: str
    locked: bool = Field(description="Nobody new comes to the stage.")
    locked_reason: str = Field(description="Why an operator locked it; empty when they did not.")
    requests: list[RequestOut] = Field(description="Who asks to speak; empty for those who may not see it.")
    coming: list[ComingOut] = Field(description="Who was let speak and is on their way; empty as well.")
    moved: GoesOnOut | None
    me: MeOut


class EnterIn(OfferIn):
    """A page that was on stage comes ``again`` by its own name, and takes the seat from no other."""

    page: Short = ""
    again: bool = False


class IceServerOut(BaseModel):
    """As ``RTCPeerConnection`` takes it."""

    urls: str
    username: str
    credential: str
    """Empty for a STUN server."""


class IceServersOut(BaseModel):
    ice_servers: list[IceServerOut]
