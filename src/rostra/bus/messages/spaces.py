"""Spaces as the audience may know them: where they stand, who may know, what is on their pages.

Published by control; retained, so that a role that restarts knows all spaces at once.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rostra.bus.messages.role import Role
from rostra.bus.messages.value import Value
from rostra.core.ids import AccountId, RunId, SpaceId


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


class Heard(Value, frozen=True):
    """Somebody who accepted to be heard, as they were called on the stage."""

    name: str
    """Empty for somebody who left."""
    role: Role
    guest: bool = False
    """Nobody's account stands for the name."""


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


class Pinned(Value, frozen=True):
    """One link that the host keeps before the audience's eyes."""

    link: str
    """An http(s) address."""
    label: str


class SpaceState(Value, frozen=True):
    """A space as the audience may know it. Retained; published by control at every change."""

    space: SpaceId
    revision: int
    lifecycle: Lifecycle
    title: str
    description: str
    host: AccountId
    host_name: str
    """Whom its stage has as host, as they are called there."""
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
    """Empty when the host ended it; else a :class:`.Why`, after ``ended_by_site`` perhaps with a reason."""
    recording: Recording | None = None
    announced: tuple[str, ...] = ()
    """Names of all announced, hosts first, the host's among them; none once somebody is heard."""
    heard: tuple[Heard, ...] = ()
    """Once it is live, who accepted to be heard, hosts first."""
    host_handle: str = ""
    account_name: str = ""
    """What the account of that handle is called; another may be the host on its stage."""
    host_verified: bool = False
    visibility: Visibility = Visibility.PUBLIC
    has_passphrase: bool = False
    pass_epoch: int = 0
    """Passes of an earlier epoch have ended."""
    recording_policy: RecordingPolicy = RecordingPolicy.PUBLISH
    notices: tuple[Notice, ...] = ()
    """Newest first, at most 20."""
    pinned: Pinned | None = None
    updated_at: int = 0
    """When what pages and feeds show last changed."""
    locked: bool = False
    """Nobody new comes to the stage."""
    locked_reason: str = ""
    """Why an operator locked it; empty when they did not."""
    moved_to: SpaceId | None = None
    """Where it goes on: another space, which itself has moved nowhere."""
    moved_from: tuple[SpaceId, ...] = ()
    """Spaces that go on here."""
    hidden_reason: str = ""
    """Why an operator hid it; such a space is published as Removed."""
    starts_before: int = 0
    """The start that was announced at first, where it is another now; else 0."""

    @property
    def people(self) -> tuple[str, ...]:
        """Names for cards and lists, hosts first: of those who are heard, before that of all announced."""
        return tuple(dict.fromkeys(each.name for each in self.heard)) or self.announced

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

    @property
    def is_lost(self) -> bool:
        """Whether it ended with its tape beyond mending: there is no recording, and none will come."""
        return self.lifecycle is Lifecycle.ENDED and self.recording is None and self.ended_reason != ""


class HostState(Value, frozen=True):
    """What a host says about themselves on their public page. Retained; published by control.

    Empty for who left or is suspended.
    """

    host: AccountId
    bio: str = ""
    picture: str = ""
    """A ``data:`` address of a WebP of at most 64 kB as control drew it, or empty."""


class Removed(Value, frozen=True):
    """A space no longer exists, or is hidden; published in place of its state."""

    space: SpaceId
    reason: str = ""
    """Why an operator hid it, for whoever asks for its page."""


class SpacesKnown(Value, frozen=True):
    """Control has published every space there is. Retained; until it is in, a space unheard of may exist."""

    by: str = ""
    """Which control it was: another each time that it starts."""


SPACES_KNOWN: Final = "spaces.known"
"""Retained SpacesKnown, published after the states."""


def host_state(host: AccountId) -> str:
    """Retained HostState."""
    return f"host.{host}.state"


def space_state(space: SpaceId) -> str:
    """Retained SpaceState or Removed."""
    return f"space.{space}.state"
