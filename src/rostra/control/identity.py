"""Who is asking: an account, the holder of the data folder, or the bearer of a speaker's link.

Turns an :class:`Actor` into a standing towards a space; :mod:`.credentials` turns whatever somebody
brings into an actor. Reads the database, never writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, Role
from rostra.control.permits import MEMBER, MODERATOR, OPERATOR, RULINGS, Ruling, Standing, may_not
from rostra.core.errors import Conflict, NotAllowed, ProofNeeded, SignInNeeded, Suspended
from rostra.core.ids import AccountId, SpaceId
from rostra.store.tables import AccountRow, SpaceRow

ROLES = (OPERATOR, MODERATOR, MEMBER)
PROOF_LASTS_MS: Final = 600_000
"""So long after a password or passkey may a browser change how anybody gets in."""


class Credential(StrEnum):
    """How somebody showed who they are."""

    SESSION = "session"
    API_TOKEN = "api-token"
    LOCAL = "local"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who signs in."""

    id: AccountId
    handle: str
    name: str
    role: str
    suspended: bool = False
    verified: bool = False
    language: str = ""
    """Of mails to them; empty when they never said."""

    @classmethod
    def of(cls, row: AccountRow) -> Account:
        return cls(
            id=AccountId(row.id),
            handle=row.handle,
            name=row.name,
            role=row.role,
            suspended=row.suspended_at is not None,
            verified=row.verified_at is not None,
            language=row.language,
        )


@dataclass(frozen=True, slots=True)
class Link:
    """A speaker's link: one person on one stage."""

    id: str
    space: SpaceId
    role: Role
    name: str
    account: AccountId | None = None
    """Whose it is, where it came of a request of somebody who was signed in."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever is asking."""

    credential: Credential
    account: Account | None = None
    link: Link | None = None
    signed_in: AccountId | None = None
    """Whose browser it is that came by a link. Gives no rights; a suspension reaches them by it."""
    proved_at: int = 0
    """When a sign-in was last proved, UTC milliseconds."""

    @property
    def label(self) -> str:
        """How the audit names them; the holder of the data folder is nobody in particular."""
        return self.credential.value if self.credential is Credential.LOCAL else self.person

    @property
    def person(self) -> str:
        """How the consents name them, whichever way an account's owner came."""
        if self.link is not None:
            return f"link:{self.link.id}"
        return f"account:{self.account.id}" if self.account is not None else self.credential.value

    @property
    def whose(self) -> AccountId | None:
        """The account that what they write belongs to, also where they came by a link."""
        return self.account.id if self.account is not None else self.signed_in

    @property
    def maker(self) -> AccountId | None:
        """On whose standing a link rests that they make; one made by the data folder's key on nobody's."""
        if self.account is None or self.credential is Credential.LOCAL:
            return None
        return self.account.id

    @property
    def operates(self) -> bool:
        """True for operators and for whoever can read the data folder."""
        return self.credential is Credential.LOCAL or (
            self.account is not None and self.account.role == OPERATOR
        )

    def may(self, ruling: Ruling, over: str = MEMBER) -> bool:
        """Whether the table of rulings lets them do that to an account with the role ``over``."""
        role = OPERATOR if self.operates else self.account.role if self.account is not None else ""
        return over in RULINGS[ruling].get(role, ())

    def need(self, ruling: Ruling, over: str = MEMBER) -> None:
        """Raise NotAllowed, with a sentence, unless they :meth:`may`."""
        if not self.may(ruling, over):
            raise may_not(ruling)

    def need_operator(self) -> None:
        """Raise NotAllowed unless they operate this site."""
        if not self.operates:
            raise NotAllowed("Only an operator of this site may do that.")

    def need_proof(self, *, now: int) -> None:
        """Raise ProofNeeded unless a password or passkey was given lately; a program never gives one."""
        if self.credential is Credential.LOCAL:
            return
        if self.credential is not Credential.SESSION or now - self.proved_at > PROOF_LASTS_MS:
            raise ProofNeeded

    def need_account(self) -> Account:
        """Return their account; the holder of the data folder has one once the site is set up."""
        if self.account is not None:
            return self.account
        if self.credential is Credential.LOCAL:
            raise Conflict("This site has no account yet. Make one with: rostra account create")
        raise NotAllowed("A link to a stage opens only that stage.")


def standing(actor: Actor, space: SpaceRow) -> Standing:
    """What ``actor`` is to ``space``."""
    became = space.seats.get(actor.person)
    if actor.link is not None and actor.link.space == space.id:
        became = became or actor.link.role.value
    elif actor.link is not None:
        return Standing.MEMBER
    elif actor.account is not None and actor.account.id == space.host:
        return Standing.OWNER
    elif actor.operates:
        return Standing.OPERATOR
    if became == Role.COHOST and acts_as_host(actor.person, space):
        return Standing.ACTING
    return Standing(became or Standing.MEMBER)


def acts_as_host(person: str, space: SpaceRow) -> bool:
    """Whether it is this co-host who leads a live stage while its host is away."""
    return space.acting_person == person and space.lifecycle == Lifecycle.LIVE


async def need_host_in_good_standing(session: AsyncSession, space: SpaceRow) -> None:
    """Raise Suspended when the host of ``space`` is: nobody begins it for them, or enters its stage."""
    host = await session.get_one(AccountRow, space.host)
    if host.suspended_at is not None:
        raise Suspended("The host of this conversation is suspended.")


def admitted(row: AccountRow) -> Account:
    """The account of ``row``, unless it is Suspended; SignInNeeded where it was deleted."""
    if row.deleted_at is not None:
        raise SignInNeeded
    if row.suspended_at is not None:
        raise Suspended
    return Account.of(row)


async def as_of_now(session: AsyncSession, actor: Actor) -> Actor:
    """``actor`` with the role that they have today; SignInNeeded, Suspended.

    For the transaction of what had to wait first, as for a password to be hashed.
    """
    if actor.account is None:
        return actor
    row = await session.get_one(AccountRow, actor.account.id)
    return replace(actor, account=Account.of(row) if actor.credential is Credential.LOCAL else admitted(row))
