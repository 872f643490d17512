"""Tickets: signed statements that admit one listener to one space.

A ticket is the first path segment of every media address, ``/t/<ticket>/…``, so that relative
addresses keep it. It is a fixed 32-byte statement and a 16-byte keyed BLAKE2b tag (RFC 7693),
base64url without padding: 64 characters. Checking takes no state; *admit-by* binds the first use. It names
the *epoch* of its space as a pass does: where a space is private, earlier ones have ended.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b

import msgspec

from rostra.core.errors import TicketExpired, TicketInvalid
from rostra.core.ids import RunId, SpaceId

_STATEMENT = struct.Struct(">BBBB8s8sIII")
"""Version, key number, edge, epoch, space, listener, rank, *admit-by*, end."""
_TAG_BYTES = 16
_VERSION = 2
EPOCHS = 1 << 8
"""Epochs are counted modulo this: a ticket lives for hours, and half of it would have to go by meanwhile."""
TICKET_CHARS = 64
IN_AUDIENCE = 0
BESIDE_AUDIENCE = 1
"""Rank of whoever listens for the site: they fill no place and are counted nowhere."""
_SHAPE = re.compile(rf"[A-Za-z0-9_-]{{{TICKET_CHARS}}}")
"""One spelling per ticket: the decoder alone would take ``+``, ``/`` and padding as well."""


@dataclass(frozen=True)
class TicketKey:
    """One signing key. ``number`` (0–255) names it inside a ticket."""

    number: int
    secret: bytes

    @cached_property
    def keyed(self) -> blake2b:
        """BLAKE2b that has read the key and nothing else: a copy of it spares that to each ticket."""
        return blake2b(digest_size=_TAG_BYTES, key=self.secret, person=b"rostra.ticket")


@dataclass(frozen=True, slots=True)
class Keyring:
    """The key that signs, and those still accepted, newest first; at least one."""

    keys: tuple[TicketKey, ...]

    @property
    def signing(self) -> TicketKey:
        return self.keys[0]

    def find(self, number: int) -> TicketKey:
        """Return the key of that number; TicketInvalid when it is not (or no longer) accepted."""
        for key in self.keys:
            if key.number == number:
                return key
        raise TicketInvalid


class Ticket(msgspec.Struct, frozen=True, gc=False):
    """What a ticket states. Times are whole seconds since 1970 UTC."""

    space: SpaceId
    listener: bytes
    """Eight random bytes: one listener, whoever they are."""
    rank: int
    """:data:`IN_AUDIENCE` or :data:`BESIDE_AUDIENCE`."""
    edge: int
    """0–255; 0: any."""
    admit_by_s: int
    end_s: int
    epoch: int = 0
    """Of the space when it was dealt, modulo :data:`EPOCHS` once it has been signed."""

    def has_ended(self, epoch: int) -> bool:
        """Whether it is of an earlier epoch than this one of the space."""
        return has_ended(self.epoch, epoch)


def has_ended(dealt: int, epoch: int) -> bool:
    """Whether a ticket of the epoch ``dealt`` has ended in ``epoch``; one of a later is ahead of the news.

    Serial number arithmetic, RFC 1982 §3.2.
    """
    return 0 < (epoch - dealt) % EPOCHS < EPOCHS // 2


def new_listener() -> bytes:
    """Draw a listener id."""
    return secrets.token_bytes(8)


@lru_cache(maxsize=256)
def space_tag(space: SpaceId) -> bytes:
    """The eight bytes that stand for a space inside a ticket."""
    return blake2b(space.encode(), digest_size=8, person=b"rostra.space").digest()


def recording_of(space: SpaceId, run: RunId) -> SpaceId:
    """What a ticket to a recording states in place of a space, so that a live ticket opens none.

    No space has such an id: it holds a slash.
    """
    return SpaceId(f"{space}/{run}")


def _tag(key: TicketKey, statement: bytes) -> bytes:
    tagged = key.keyed.copy()
    tagged.update(statement)
    return tagged.digest()


def mint(keyring: Keyring, ticket: Ticket) -> str:
    """Sign ``ticket`` with the keyring's signing key; return its 64 characters."""
    key = keyring.signing
    statement = _STATEMENT.pack(
        _VERSION,
        key.number,
        ticket.edge,
        ticket.epoch % EPOCHS,
        space_tag(ticket.space),
        ticket.listener,
        ticket.rank,
        ticket.admit_by_s,
        ticket.end_s,
    )
    return base64.urlsafe_b64encode(statement + _tag(key, statement)).decode()


def check(keyring: Keyring, text: str, *, space: SpaceId, now_s: int) -> Ticket:
    """Return what a ticket states once its tag, space and end hold.

    Raises TicketInvalid for anything not signed by the keyring for this space, TicketExpired past
    its end. *Admit-by* and epoch are for the caller, who knows the space, and whether this is a first use.
    """
    if _SHAPE.fullmatch(text) is None:
        raise TicketInvalid
    raw = base64.urlsafe_b64decode(text)
    statement, tag = raw[:-_TAG_BYTES], raw[-_TAG_BYTES:]
    version, key_number, edge, epoch, tagged, listener, rank, admit_by_s, end_s = _STATEMENT.unpack(statement)
    if version != _VERSION or not hmac.compare_digest(_tag(keyring.find(key_number), statement), tag):
        raise TicketInvalid
    if tagged != space_tag(space):
        raise TicketInvalid
    if now_s > end_s:
        raise TicketExpired
    return Ticket(space, listener, rank, edge, admit_by_s, end_s, epoch)
