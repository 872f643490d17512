"""What travels in and out of the API. Shapes and their limits only; times go out as ISO 8601."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from rostra.bus.messages import Lifecycle, Role
from rostra.control.passwords import LONGEST, SHORTEST

_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what stands around them on a page (Unicode TR 9)."""


def _one_line(text: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") or char in _TURNING for char in text):
        raise ValueError("must be one line without control characters")
    return text


def _plain(text: str) -> str:
    plain = text.replace("\r\n", "\n")
    if any((unicodedata.category(char) == "Cc" and char not in "\n\t") or char in _TURNING for char in plain):
        raise ValueError("must not hold control characters")
    return text


Handle = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{1,31}$")]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(_one_line)
]
NameOrNone = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=60), AfterValidator(_one_line)
]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)
]
Description = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_plain)
]
Password = Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST)]
Short = Annotated[str, StringConstraints(max_length=100)]


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


class SiteOut(BaseModel):
    """What a page must know before anyone signs in."""

    name: str
    setup_needed: bool
    door_url: str
    edge_url: str
    control_url: str
    consent: ConsentText
    ice_servers: list[str]


class SetupIn(Incoming):
    """The first operator. ``token`` comes with the setup link."""

    token: Short
    handle: Handle
    name: Name
    password: Password


class SignInIn(Incoming):
    handle: Short
    password: Annotated[str, StringConstraints(max_length=LONGEST)]


class AccountIn(Incoming):
    handle: Handle
    name: Name
    password: Password
    role: Literal["operator", "host"] = "host"


class PasswordIn(Incoming):
    password: Password


class AccountOut(BaseModel):
    id: str
    handle: str
    name: str
    role: str


class AccountAnswer(BaseModel):
    account: AccountOut


class AccountsOut(BaseModel):
    accounts: list[AccountOut]


class TokenIn(Incoming):
    name: Name


class TokenOut(BaseModel):
    id: str
    name: str
    created_at: str


class NewTokenOut(TokenOut):
    """``token`` is shown this once only."""

    token: str


class TokensOut(BaseModel):
    tokens: list[TokenOut]


class SpaceIn(Incoming):
    """``starts_at`` is ISO 8601 with an offset, or ``now``; ``host`` a handle (operators only)."""

    title: Title
    description: Description = ""
    starts_at: Short = "now"
    time_zone: Short = "UTC"
    host: Handle | None = None


class SpaceEdit(Incoming):
    """Only what changes. Start and zone can change until the space is live."""

    title: Title | None = None
    description: Description | None = None
    starts_at: Short | None = None
    time_zone: Short | None = None


class RecordingOut(BaseModel):
    seconds: float
    size_bytes: int
    mp4: str
    hls: str


class SpaceOut(BaseModel):
    """A space as backstage knows it. ``starts_at`` is in the space's own zone, other times in UTC."""

    id: str
    state: Lifecycle
    title: str
    description: str
    host: str
    host_name: str
    people: list[str]
    starts_at: str
    time_zone: str
    live_at: str | None
    ended_at: str | None
    ended_reason: str
    run: str | None
    recording: RecordingOut | None
    listeners: int
    revision: int
    event_url: str
    studio_url: str


class SpacesOut(BaseModel):
    """``next`` is the ``after`` of the next page; null on the last."""

    spaces: list[SpaceOut]
    next: str | None


class LinkIn(Incoming):
    """One link brings one person; ``name`` says whom, if known."""

    role: Role = Role.SPEAKER
    name: NameOrNone = ""


class LinkOut(BaseModel):
    token: str
    url: str


class ConsentIn(Incoming):
    """``text_id`` names the sentence that was shown."""

    text_id: Short
    accepted: bool
    name: NameOrNone = ""


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


class SpeakerOut(BaseModel):
    speaker: str
    name: str
    role: Role
    muted: bool
    muted_by_host: bool = Field(description="They cannot undo it themselves.")
    connected: bool
    level_dbov: int
    speaking: bool


class MayOut(BaseModel):
    """What the one who asks may do here."""

    go_live: bool
    end: bool
    mute_others: bool
    invite: bool
    edit: bool
    cancel: bool


class MeOut(BaseModel):
    """Who asks. ``speaker`` is null until they accepted the sentence."""

    speaker: str | None
    name: str
    role: Role
    consented: bool
    muted: bool = Field(description="As one will be on stage; once there, the list of speakers is newer.")
    muted_by_host: bool
    may: MayOut


class StageOut(BaseModel):
    """A stage as its people see it."""

    space: str
    state: Lifecycle
    title: str
    starts_at: str
    time_zone: str
    live: bool
    live_at: str | None
    samples: int = Field(description="Programme samples on the tape, 48,000 a second.")
    ended_reason: str
    trouble: str = Field(description="Why a live space is not on air just now; empty while it is.")
    speakers: list[SpeakerOut]
    listeners: int
    event_url: str
    me: MeOut
