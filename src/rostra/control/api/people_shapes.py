"""What travels in and out about people and about the site. Shapes and their limits only."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, StringConstraints

from rostra.control.api.shapes import Handle, Incoming, Name, NameOrNone, Password, Short, one_line, plain
from rostra.control.api.space_shapes import ConsentText
from rostra.control.passwords import LONGEST
from rostra.control.pictures import MAX_CHARS

AnyPassword = Annotated[str, StringConstraints(max_length=LONGEST)]
Bio = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(plain)]
Color = Annotated[str, StringConstraints(pattern=r"^(#[0-9a-f]{6})?$")]
Contact = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(one_line)]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?$",
    ),
    AfterValidator(one_line),
]
Page = Annotated[str, StringConstraints(strip_whitespace=True, max_length=16_000), AfterValidator(plain)]
Picture = Annotated[str, StringConstraints(max_length=MAX_CHARS)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(plain)]
Role = Literal["operator", "moderator", "member"]


class SiteOut(BaseModel):
    """What a page must know before anyone signs in."""

    name: str
    named: bool
    """Whether anybody has said what it is called; else it has the name that comes with Rostra."""
    color: str
    logo: str
    contact: str
    imprint: str
    terms: str
    open_sign_up: bool
    mail: bool
    """Whether mails go out: then whoever forgot their password can ask for a link."""
    setup_needed: bool
    door_url: str
    edge_url: str
    control_url: str
    consent: ConsentText
    ice_servers: list[str]


class PaceIn(Incoming):
    """How much audio one write to a listener carries, and in how many groups listeners are written to."""

    cadence: Literal[1, 2, 3, 4, 6, 12]
    """Quanta of 0.32 s in one write."""
    cohorts: Literal[1, 2, 3, 4, 6, 12] = 1
    """At most the cadence."""


class PaceOut(BaseModel):
    """The pace that holds, or will in full from ``holds_from`` on; null: as the settings say."""

    cadence: int
    cohorts: int
    holds_from: str | None


class SiteEdit(Incoming):
    """Only what changes. ``logo`` is a ``data:`` address of a PNG, JPEG or WebP, or empty."""

    name: Name | None = None
    color: Color | None = None
    logo: Picture | None = None
    contact: Contact | None = None
    imprint: Page | None = None
    terms: Page | None = None
    open_sign_up: bool | None = None


class NewAccountIn(Incoming):
    """Somebody makes an account of their own."""

    handle: Handle
    name: Name
    password: Password
    email: Email = ""


class OneTimeIn(Incoming):
    """What stands behind `#` in a one-time link: addresses are logged on the way, bodies are not."""

    token: Short


class AcceptIn(NewAccountIn, OneTimeIn):
    """Somebody makes the account that an invitation is for."""


class SetupIn(NewAccountIn):
    """The first operator, and the site's name. ``token`` comes with the setup link."""

    token: Short
    site_name: NameOrNone = ""


class SignInIn(Incoming):
    handle: Short
    password: AnyPassword


class AccountIn(NewAccountIn):
    """An operator makes an account for somebody else."""

    role: Role = "member"


class AccountEdit(Incoming):
    """Only what changes. ``picture`` is a ``data:`` address of a PNG, JPEG or WebP, or empty."""

    name: Name | None = None
    bio: Bio | None = None
    picture: Picture | None = None
    email: Email | None = None
    language: Short | None = None


class RoleIn(Incoming):
    role: Role


class SuspendIn(Incoming):
    """The reason stays between operators and moderators."""

    reason: Reason = ""


class PasswordIn(Incoming):
    password: Password


class UseResetIn(PasswordIn, OneTimeIn):
    """Somebody sets the password that a link is for."""


class ChangePasswordIn(Incoming):
    """``current`` is the present password; not needed within ten minutes of a proof."""

    current: AnyPassword = ""
    password: Password


class DeleteAccountIn(Incoming):
    """``password`` is not needed within ten minutes of a proof."""

    password: AnyPassword = ""


class Mark(BaseModel):
    """Who did something to an account, and when. ``by`` is a name; empty for somebody who left.

    ``label`` is theirs in the record, such as ``local`` for the data folder's key, which has no name.
    """

    by: str
    label: str
    at: str
    reason: str = ""


class AccountOut(BaseModel):
    """An account as itself, operators and moderators see it; ``email`` is null for moderators.

    ``public_page`` is whether they host something public: then, and only then, the door has a page of them.
    """

    id: str
    handle: str
    name: str
    role: Role
    bio: str
    picture: str
    email: str | None
    language: str
    created_at: str
    verified: Mark | None
    suspended: Mark | None
    public_page: bool


class AccountAnswer(BaseModel):
    account: AccountOut


class SessionOut(AccountAnswer):
    """Whoever is signed in. ``reports`` wait for them; 0 for whoever does not look after these."""

    reports: int


class AccountsOut(BaseModel):
    """``next`` is the ``after`` of the next page; null on the last."""

    accounts: list[AccountOut]
    next: str | None


class InviteIn(Incoming):
    """With an address, and mail set up, the link is mailed there."""

    role: Role = "member"
    email: Email = ""


class GivenLinkOut(BaseModel):
    """A one-time link. ``url`` is null when it was mailed instead."""

    url: str | None
    mailed: bool
    expires_at: str


class InvitationOut(BaseModel):
    """An invitation that can still be used, without its link.

    ``email`` is for operators and for who made it; null for others.
    """

    id: str
    role: Role
    email: str | None
    by: str
    created_at: str
    expires_at: str


class InvitationsOut(BaseModel):
    invitations: list[InvitationOut]


class WelcomeOut(BaseModel):
    """What an invitation says to whoever opens it."""

    role: Role
    email: str
    by: str
    site_name: str
    expires_at: str


class AskResetIn(Incoming):
    handle: Short


class ResetOut(BaseModel):
    """Whose password a link sets."""

    handle: str


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


class CredentialIn(Incoming):
    """A ``PublicKeyCredential`` as its ``toJSON()`` writes it."""

    credential: dict[str, Any]


class ProofIn(Incoming):
    """The password, or a ``PublicKeyCredential`` as its ``toJSON()`` writes it."""

    password: AnyPassword = ""
    credential: dict[str, Any] | None = None


class PasskeyIn(CredentialIn):
    name: Name


class PasskeyOut(BaseModel):
    id: str
    name: str
    created_at: str
    used_at: str | None


class PasskeysOut(BaseModel):
    passkeys: list[PasskeyOut]


class AuditActor(BaseModel):
    """Who did it, or to whom: ``label`` is ``account:<id>``, ``link:<id>``, ``request:<id>`` of whoever asked
    to speak, ``speaker:<id>``, ``local``, ``setup`` or ``system``. ``name``: empty where none is kept."""

    label: str
    handle: str
    name: str


class AuditEntry(BaseModel):
    """One line of the record. ``about``: to whom it was done, if to anybody."""

    id: int
    at: str
    act: str
    actor: AuditActor
    about: AuditActor | None
    space: str | None
    detail: dict[str, Any]


class AuditOut(BaseModel):
    """Newest first; ``next`` is the ``before`` of the next page."""

    entries: list[AuditEntry]
    next: int | None
