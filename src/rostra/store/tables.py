"""The tables of backstage. Columns only; what they mean together is decided in ``control``.

Times are integer UTC milliseconds. Secrets are never stored: of sessions, API tokens and speakers'
links only the SHA-256 is kept, of passwords an argon2id hash. A change here needs a migration.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """What every table descends from."""

    type_annotation_map = {int: BigInteger, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012 (SQLAlchemy's form)


class AccountRow(Table):
    """A person who signs in. One who left keeps a row without anything personal, for their spaces."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    handle: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    """``operator``, ``moderator`` or ``member``."""
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[int]
    bio: Mapped[str] = mapped_column(Text, default="", server_default="")
    picture: Mapped[str] = mapped_column(Text, default="", server_default="")
    """A small picture as a ``data:`` address, or empty."""
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    """Where links for a new password go; empty when not given."""
    language: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """Of mails; empty: the site's."""
    suspended_at: Mapped[int | None]
    suspended_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """As the audit names them."""
    suspended_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    verified_at: Mapped[int | None]
    verified_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    deleted_at: Mapped[int | None]


class SessionRow(Table):
    """A sign-in of a browser."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[int]
    expires_at: Mapped[int]
    proved_at: Mapped[int] = mapped_column(default=0, server_default="0")
    """When its owner last gave their password, or showed a passkey."""


class InvitationRow(Table):
    """A link with which one person makes an account; gone once used."""

    __tablename__ = "invitations"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(254))
    created_by: Mapped[str] = mapped_column(String(40))
    """As the audit names them."""
    created_at: Mapped[int]
    expires_at: Mapped[int]


class ResetRow(Table):
    """A link with which one account gets a new password; gone once used."""

    __tablename__ = "resets"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[int]
    expires_at: Mapped[int]
    by_operator: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """An operator made it; else somebody asked for it, who may be a stranger."""
    created_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """As the audit names them."""


class PasskeyRow(Table):
    """A WebAuthn credential: the public half of a key that never leaves somebody's device."""

    __tablename__ = "passkeys"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[int]
    used_at: Mapped[int | None]


class SiteRow(Table):
    """What the operator calls this site and says about it. At most one row, numbered 1."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    color: Mapped[str] = mapped_column(String(7))
    logo: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text)
    imprint: Mapped[str] = mapped_column(Text)
    terms: Mapped[str] = mapped_column(Text)
    open_sign_up: Mapped[bool] = mapped_column(Boolean)


class EdgePaceRow(Table):
    """How often listeners are written to, once an operator has said it. At most one row, numbered 1."""

    __tablename__ = "edge_pace"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    cadence: Mapped[int] = mapped_column(Integer)
    cohorts: Mapped[int] = mapped_column(Integer)
    from_ms: Mapped[int]


class DoorOrderRow(Table):
    """What an operator ordered of the door for all spaces. At most one row, numbered 1."""

    __tablename__ = "door_order"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    places: Mapped[int | None]
    """By hand; None: as measured, or as the settings say."""
    rung: Mapped[str] = mapped_column(String(16))
    """By hand; empty: by itself."""
    seen: Mapped[str] = mapped_column(String(16))
    """The rung that the record told last; empty: none."""


class SpaceOrderRow(Table):
    """What was ordered of the door for one space."""

    __tablename__ = "space_orders"

    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    places: Mapped[int | None]
    reserved: Mapped[int]
    key: Mapped[bytes] = mapped_column(LargeBinary)
    """Signs its reserved links; unlike the keys of passes it never turns."""


class ReservedLinkRow(Table):
    """A link that holds places set apart in a space."""

    __tablename__ = "reserved_links"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    """Hexadecimal."""
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    """Whom it is for."""
    places: Mapped[int]
    created_at: Mapped[int]


class ApiTokenRow(Table):
    """A token with which a program acts as an account."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[int]


class SpaceRow(Table):
    """A space and how far it has come."""

    __tablename__ = "spaces"
    __table_args__ = (Index("spaces_by_start", "starts_at", "id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    revision: Mapped[int]
    """Counts every change, from 1."""
    lifecycle: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    starts_at: Mapped[int]
    starts_before: Mapped[int] = mapped_column(default=0, server_default="0")
    """The start that was announced at first, where it is another now; else 0."""
    time_zone: Mapped[str] = mapped_column(String(64))
    run: Mapped[str | None] = mapped_column(String(26))
    anchor_utc_ns: Mapped[int]
    renditions: Mapped[list[Any]]
    """``[{"name", "codec", "bandwidth"}]`` as the stage answered."""
    live_at: Mapped[int]
    ended_at: Mapped[int]
    ended_reason: Mapped[str] = mapped_column(Text)
    recording_samples: Mapped[int | None]
    recording_bytes: Mapped[int | None]
    created_at: Mapped[int]
    updated_at: Mapped[int] = mapped_column(default=0, server_default="0")
    """When what its pages show last changed."""
    visibility: Mapped[str] = mapped_column(String(16), default="public", server_default="public")
    passphrase_hash: Mapped[str | None] = mapped_column(String(200))
    pass_epoch: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Raised to end all passes that were given before."""
    recording_policy: Mapped[str] = mapped_column(String(16), default="publish", server_default="publish")
    hidden: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Its host is suspended: nobody outside of backstage hears of it."""
    pinned_link: Mapped[str] = mapped_column(Text, default="", server_default="")
    """An http(s) address that its pages keep in sight, or empty."""
    pinned_label: Mapped[str] = mapped_column(String(80), default="", server_default="")
    hold_ms: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How long the host's own music for an empty stage is; 0: the built-in one plays."""
    erased: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """The deleted recording is gone from disk too."""
    hidden_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why an operator hid it; empty when none did."""
    seats: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """``{person: role}``: what somebody became on this stage, ``listener`` included, by who they are."""
    acting_person: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Who acts as host while the host is away, as consents name them; empty."""
    host_away_at: Mapped[int] = mapped_column(default=0, server_default="0")
    """Since when no host is on stage; 0 while one is."""
    alerted_at: Mapped[int] = mapped_column(default=0, server_default="0")
    """When operators were told that nobody leads it; 0 while somebody does."""
    locked_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """Who locked the stage, as the audit names them; empty while it is open."""
    locked_by_site: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """An operator did, and only operators unlock it."""
    locked_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    moved_to: Mapped[str | None] = mapped_column(String(26), index=True)
    """The space where it goes on."""
    ending_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """Who asked the stage to end it, as the audit names them; empty while nobody did, and once it is over."""
    ending_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The reason that they gave: ``ended_reason`` once it has ended."""


class NoticeRow(Table):
    """One line to the audience of a space."""

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text)
    """An http(s) address, or empty."""
    author: Mapped[str] = mapped_column(String(80))
    """Their name as it was then; empty for somebody who left."""
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    """Whose it is, if they were signed in, whichever way they came."""
    at: Mapped[int]


class InvitedRow(Table):
    """An account that may enter a private space."""

    __tablename__ = "invited"

    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    account: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[int]


class SpeakerLinkRow(Table):
    """A link that brings one person to a stage."""

    __tablename__ = "speaker_links"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(80))
    """Whom it is for; empty when not said."""
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    """Whose it is, where it came of a request of somebody who was signed in."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[int]


class ConsentRow(Table):
    """Somebody accepted being heard and recorded. Only ever added to."""

    __tablename__ = "consents"
    __table_args__ = (Index("consents_by_person", "space", "person"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(40))
    """Who: ``account:<id>`` or ``link:<id>``."""
    speaker: Mapped[str] = mapped_column(String(26))
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    text_id: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    """The sentence as it was shown, so that a later change of words changes no past consent."""
    at: Mapped[int]
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    """Whose browser it was, if they were signed in, whichever way they came."""
    browser: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """SHA-256 of what the browser calls itself, so that a block holds for it."""


class RequestRow(Table):
    """A listener asked to speak."""

    __tablename__ = "floor_requests"
    __table_args__ = (Index("floor_requests_by_space", "space", "at"),)

    request: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of a secret of theirs, which is their link once they are accepted."""
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text)
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    browser: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[int]
    decided_at: Mapped[int] = mapped_column(default=0, server_default="0")


class BlockRow(Table):
    """Somebody may not come to a stage, or to any of one host: by person, account and browser."""

    __tablename__ = "blocks"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    host: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    everywhere: Mapped[bool]
    """On every stage of that host."""
    person: Mapped[str] = mapped_column(String(80))
    """``account:<id>``, ``link:<id>`` or ``request:<hash>``."""
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    browser: Mapped[str] = mapped_column(String(64))
    """SHA-256; empty when not known."""
    name: Mapped[str] = mapped_column(String(80))
    by: Mapped[str] = mapped_column(String(40))
    """As the audit names them."""
    at: Mapped[int]


class MuteRow(Table):
    """A speaker whom the stage keeps silent as long as the row is there, for themselves, a host, or both."""

    __tablename__ = "mutes"

    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    speaker: Mapped[str] = mapped_column(String(26), primary_key=True)
    own: Mapped[bool] = mapped_column(default=False, server_default=false())
    """They muted themselves: nobody else opens their microphone."""
    by_host: Mapped[bool]
    """A host, a co-host or an operator did it: the speaker cannot undo it."""
    at: Mapped[int]


class ReportRow(Table):
    """What somebody in the audience asked the operators to look at. Nothing in it says who they are."""

    __tablename__ = "reports"
    __table_args__ = (Index("reports_by_state", "state", "at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the secret with which its author follows the outcome."""
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    run: Mapped[str | None] = mapped_column(String(26))
    """The tape that ``at_s`` is a second of, where there was one."""
    subject: Mapped[str] = mapped_column(String(16))
    speaker: Mapped[str] = mapped_column(String(26))
    notice: Mapped[str] = mapped_column(String(26))
    about: Mapped[str] = mapped_column(Text)
    """The speaker's name, the notice's text or the title, as it was then."""
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    """Whose it is, where that is an account."""
    grounds: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    at_s: Mapped[int]
    at: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    """``open``, or what came of it."""
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What its author is told."""
    handled_at: Mapped[int | None]
    handled_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """As the audit names them."""


class SoundCheckRow(Table):
    """What somebody found when they last tried microphone, headphones and line before a stage."""

    __tablename__ = "sound_checks"

    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    person: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Who: ``account:<id>`` or ``link:<id>``."""
    account: Mapped[str | None] = mapped_column(String(26), index=True)
    """Whose browser it was, if they were signed in, whichever way they came."""
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(16))
    microphone: Mapped[str] = mapped_column(String(16))
    headphones: Mapped[str] = mapped_column(String(16))
    way: Mapped[str] = mapped_column(String(16))
    relay: Mapped[str] = mapped_column(String(16))
    loss_percent: Mapped[float | None] = mapped_column(Float)
    round_trip_ms: Mapped[int | None]
    at: Mapped[int]


class ReminderRow(Table):
    """Where somebody without an account wants to be reminded of a space, and what they were told so far."""

    __tablename__ = "reminders"
    __table_args__ = (
        Index("reminders_by_address", "space", "address_hash", unique=True),
        Index("reminders_by_turn", "space", "confirmed_at", "spot"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"))
    by: Mapped[str] = mapped_column(String(8))
    address: Mapped[str] = mapped_column(Text)
    """A push endpoint, or a mail address."""
    address_hash: Mapped[str] = mapped_column(String(64), index=True)
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(16))
    door: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[int] = mapped_column(index=True)
    confirmed_at: Mapped[int | None]
    """Of a mail address, by its owner; of a push subscription, at once."""
    asked_at: Mapped[int | None] = mapped_column(index=True)
    """Of a mail address, when its owner was asked, None while that waits; of a push subscription, at once."""
    asked: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Questions to that owner, those that wait among them."""
    spot: Mapped[int] = mapped_column(Integer)
    """Which millionth of a sending it is in."""
    told_start: Mapped[int]
    """The start that they know."""
    told_soon: Mapped[int]
    """The start that they were reminded of; 0 for none."""
    told_begun: Mapped[int]
    """1 once told, or not wanted."""
    told_moved: Mapped[str] = mapped_column(String(26))
    """The space that they were sent on to."""
    told_over: Mapped[int]
    """1 once told of the recording, or that it was called off."""
    failures: Mapped[int] = mapped_column(Integer)
    """In a row."""
    not_before: Mapped[int]
    """The next try is no earlier."""


class AuditRow(Table):
    """Who did what, when. Only ever added to."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[int]
    actor: Mapped[str] = mapped_column(String(40))
    act: Mapped[str] = mapped_column(String(40))
    space: Mapped[str | None] = mapped_column(String(26), index=True)
    detail: Mapped[dict[str, Any]]
