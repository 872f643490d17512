"""What travels in and out of the API. Shapes and their limits only; times go out as ISO 8601."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError, PydanticKnownError

from rostra.bus.messages import Lifecycle, Quality, RecordingPolicy, Role, Visibility, Why
from rostra.control.floor import Act, Place
from rostra.control.names import has_seen, is_seen
from rostra.control.notice_template import Template
from rostra.control.notices import LONGEST as LONGEST_NOTICE
from rostra.control.notices import LONGEST_LINK
from rostra.control.passwords import LONGEST, SHORTEST

_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what stands around them on a page (Unicode TR 9)."""
_ENDED = (
    f"{', '.join(f'`{why}`' for why in Why if not why.startswith('off_air'))}; empty when its host ended it."
    " An operator's own words follow after a colon."
)


_UNSEEN = PydanticCustomError("seen", "must be made of characters that can be seen")


def one_line(text: str) -> str:
    """Return ``text``, which may be empty.

    PydanticCustomError when it is more than one line, holds control characters, or nothing that is seen.
    """
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") or char in _TURNING for char in text):
        raise PydanticCustomError("one_line", "must be one line without control characters")
    if text and not has_seen(text):
        raise _UNSEEN
    return text


def shown(name: str) -> str:
    """Return ``name``, one line or empty; PydanticCustomError when it holds what nobody sees."""
    if name and not is_seen(one_line(name)):
        raise _UNSEEN
    return name


def plain(text: str) -> str:
    """Return ``text`` with plain line ends; it may be empty.

    PydanticCustomError when it holds control characters but tabs, or nothing that is seen.
    """
    text = text.replace("\r\n", "\n")
    if any((unicodedata.category(char) == "Cc" and char not in "\n\t") or char in _TURNING for char in text):
        raise PydanticCustomError("no_control_characters", "must not contain control characters")
    if text and not has_seen(text):
        raise _UNSEEN
    return text


def _long_enough(passphrase: str) -> str:
    if 0 < len(passphrase) < SHORTEST_PASSPHRASE:
        raise PydanticKnownError("string_too_short", {"min_length": SHORTEST_PASSPHRASE})
    return passphrase


SHORTEST_PASSPHRASE = 6
Handle = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{1,31}$")]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(shown)
]
NameOrNone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60), AfterValidator(shown)]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(one_line)
]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(plain)]
Password = Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST)]
Short = Annotated[str, StringConstraints(max_length=100)]
Passphrase = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=100),
    AfterValidator(one_line),
    AfterValidator(_long_enough),
]
NoticeText = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTICE), AfterValidator(one_line)
]


class Incoming(BaseModel):
    """A request's body: unknown fields are refused, so that a slip of the pen is not ignored."""

    model_config = ConfigDict(extra="forbid")


class ErrorBody(BaseModel):
    code: str
    message: str
    detail: dict[str, str | int] = {}


class ErrorOut(BaseModel):
    """Every refusal."""

    error: ErrorBody


class ConsentText(BaseModel):
    id: str
    text: str


class SpaceIn(Incoming):
    """``starts_at`` is ISO 8601 with an offset, or ``now``; ``host`` a handle (operators only).

    ``recording_policy`` says what becomes of the recording at the end; ``passphrase`` opens a private
    space to whoever knows it.
    """

    title: Title
    description: Description = ""
    starts_at: Short = "now"
    time_zone: Short = "UTC"
    host: Handle | None = None
    visibility: Visibility = Visibility.PUBLIC
    passphrase: Passphrase = ""
    recording_policy: RecordingPolicy = RecordingPolicy.PUBLISH


class SpaceEdit(Incoming):
    """Only what changes. Start, zone and recording policy can change until the space is live.

    A space that was live in private stays private. An empty ``passphrase`` takes it away.
    """

    title: Title | None = None
    description: Description | None = None
    starts_at: Short | None = None
    time_zone: Short | None = None
    visibility: Visibility | None = None
    passphrase: Passphrase | None = None
    recording_policy: RecordingPolicy | None = None


class RecordingOut(BaseModel):
    """Its addresses are null while it is held or private: the event page gives tickets for it."""

    seconds: float
    size_bytes: int
    mp4: str | None
    hls: str | None
    dash: str | None


class GuestOut(BaseModel):
    handle: str
    name: str


class PassIn(Incoming):
    """Without a ``passphrase``, whoever asks must be invited, or host or operate."""

    passphrase: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""


class PassOut(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    given: str = Field(alias="pass")


class NoticeIn(Incoming):
    """``text`` is one line; where it is empty, ``template`` says which ready words are meant."""

    text: NoticeText = ""
    link: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_LINK)] = ""
    template: Template | None = None


class NoticeOut(BaseModel):
    """``url`` is its permalink on the event page, while it is one of the newest twenty."""

    id: str
    text: str
    link: str
    at: str
    author: str
    url: str


class SpaceOut(BaseModel):
    """A space as backstage knows it. ``starts_at`` is in the space's own zone, other times in UTC.

    ``invited`` is null for those who may not edit it, and in lists. ``pass_url`` brings its host, and
    whoever is invited, to the event page with a pass.
    """

    id: str
    state: Lifecycle
    title: str
    description: str
    host: str
    host_name: str
    host_handle: str
    host_verified: bool
    people: list[str]
    starts_at: str
    time_zone: str
    live_at: str | None
    ended_at: str | None
    ended_reason: str = Field(description=_ENDED)
    run: str | None
    visibility: Visibility
    has_passphrase: bool
    recording_policy: RecordingPolicy
    recording: RecordingOut | None
    notices: list[NoticeOut]
    invited: list[GuestOut] | None
    listeners: int
    estimated: bool = Field(description="Whether `listeners` is an estimate, as it is behind a cache.")
    revision: int
    locked: bool
    locked_reason: str
    unled: bool = Field(description="It is live, and neither host nor co-host is on stage.")
    event_url: str
    studio_url: str
    pass_url: str
    moved_to: str | None = Field(description="The space where it goes on.")
    moved_from: list[str] = Field(description="Spaces that go on here.")
    hidden_reason: str = Field(description="Why an operator hid it; empty when none did.")


class SpacesOut(BaseModel):
    """``next`` is the ``after`` of the next page; null on the last."""

    spaces: list[SpaceOut]
    next: str | None


class InvitedToOut(BaseModel):
    """A private space of somebody else's. ``pass_url`` brings whoever is invited to its page with a pass."""

    id: str
    state: Lifecycle
    title: str
    host_name: str
    host_handle: str
    host_verified: bool
    starts_at: str
    time_zone: str
    pass_url: str


class InvitedToListOut(BaseModel):
    spaces: list[InvitedToOut]


class LinkIn(Incoming):
    """One link brings one person; ``name`` says whom, if known."""

    role: Role = Role.SPEAKER
    name: NameOrNone = ""


class LinkOut(BaseModel):
    id: str
    token: str
    url: str


class HeldLinkOut(BaseModel):
    """A link without its secret. ``used``: its holder has accepted to be heard."""

    id: str
    role: Role
    name: str
    created_at: str
    used: bool


class HeldLinksOut(BaseModel):
    links: list[HeldLinkOut]


class ConsentIn(Incoming):
    """``text_id`` names the sentence that was shown."""

    text_id: Short
    accepted: bool
    name: NameOrNone = ""
    browser: Short = Field("", description="What the browser calls itself, so that a block holds for it.")


class ConsentOut(BaseModel):
    speaker: str
    name: str
    role: Role


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
