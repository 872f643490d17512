"""Passes: signed statements that somebody may enter one private space.

Backstage, which knows accounts and passphrases, signs them; the door checks them and asks no
database. A fixed 24-byte statement and a 16-byte keyed BLAKE2b tag (RFC 7693), base64url: 54
characters. A pass opens the door; what the edge takes is a ticket all the same.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from hashlib import blake2b

from rostra.admission.tickets import Keyring, TicketKey, space_tag
from rostra.core.errors import PassExpired, PassInvalid, TicketInvalid
from rostra.core.ids import SpaceId

_STATEMENT = struct.Struct(">BBBx8s8sI")
_TAG_BYTES = 16
_VERSION = 1
PASS_CHARS = 54
LISTENER = 0
PREVIEWER = 1
"""May hear a held recording too: the host and operators."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a pass states. ``holder`` is eight bytes that stand for whom it was given to."""

    space: SpaceId
    kind: int
    holder: bytes
    end_s: int


def _tag(key: TicketKey, statement: bytes) -> bytes:
    return blake2b(statement, digest_size=_TAG_BYTES, key=key.secret, person=b"rostra.pass").digest()


def mint_pass(keyring: Keyring, given: Pass) -> str:
    """Sign ``given`` with the keyring's signing key; return its 54 characters."""
    key = keyring.signing
    statement = _STATEMENT.pack(
        _VERSION, key.number, given.kind, space_tag(given.space), given.holder, given.end_s
    )
    return base64.urlsafe_b64encode(statement + _tag(key, statement)).rstrip(b"=").decode()


def check_pass(keyring: Keyring, text: str, *, space: SpaceId, now_s: int) -> Pass:
    """Return what a pass states once its tag, space and end hold; PassInvalid, PassExpired."""
    if len(text) != PASS_CHARS:
        raise PassInvalid
    try:
        raw = base64.b64decode(text + "==", altchars=b"-_", validate=True)
        statement, tag = raw[:-_TAG_BYTES], raw[-_TAG_BYTES:]
        version, number, kind, tagged_space, holder, end_s = _STATEMENT.unpack(statement)
        expected = _tag(keyring.find(number), statement)
    except (binascii.Error, ValueError, struct.error, TicketInvalid) as error:
        raise PassInvalid from error
    if version != _VERSION or not hmac.compare_digest(expected, tag) or tagged_space != space_tag(space):
        raise PassInvalid
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise PassInvalid
    if now_s > end_s:
        raise PassExpired
    return Pass(space, kind, holder, end_s)
