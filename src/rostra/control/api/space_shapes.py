"""Shapes of spaces, their notices, and the passes to those that are private."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rostra.bus.messages import Lifecycle, RecordingPolicy, Visibility, Why
from rostra.control.api.shapes import Description, Handle, Incoming, NoticeText, Passphrase, Short, Title
from rostra.control.notice_template import Template
from rostra.control.notices import LONGEST_LINK

_ENDED = (
    f"{', '.join(f'`{why}`' for why in Why if not why.startswith('off_air'))}; empty when its host ended it."
    " An operator's own words follow after a colon."
)


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
