"""Passes: signed statements that somebody may enter one private space.

Backstage, which knows accounts and passphrases, signs them; the door checks them and asks no
database. A fixed 24-byte statement and a 16-byte keyed BLAKE2b tag (RFC 7693), base64url: 54
characters. A pass opens the door; what the edge takes is a ticket all the same. It names the
space's *epoch*, which backstage raises to end all passes that were given before.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass, replace
from hashlib import blake2b

from rostra.admission.tickets import Keyring, TicketKey, space_tag
from rostra.core.errors import PassEnded, PassExpired, PassInvalid, TicketInvalid
from rostra.core.ids import SpaceId

_STATEMENT = struct.Struct(">BBH8s8sI")
"""Version and kind (four bits each), key number, epoch, space, holder, end."""
_TAG_BYTES = 16
_VERSION = 2
EPOCHS = 1 << 16
"""Epochs are counted modulo this."""
PASS_CHARS = 54
LISTENER = 0
PREVIEWER = 1
"""May hear a held recording too: the host and operators."""
HEARER = 2
"""May hear for a while what was reported, as a previewer and past any line: operators and moderators."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a pass states. ``holder`` is eight bytes that stand for whom it was given to."""

    space: SpaceId
    kind: int
    holder: bytes
    end_s: int
    epoch: int = 0
    """Modulo :data:`EPOCHS`."""


def _tag(key: TicketKey, statement: bytes) -> bytes:
    return blake2b(statement, digest_size=_TAG_BYTES, key=key.secret, person=b"rostra.pass").digest()


def mint_pass(keyring: Keyring, given: Pass) -> str:
    """Sign ``given`` with the keyring's signing key; return its 54 characters."""
    key = keyring.signing
    statement = _STATEMENT.pack(
        _VERSION << 4 | given.kind,
        key.number,
        given.epoch,
        space_tag(given.space),
        given.holder,
        given.end_s,
    )
    return base64.urlsafe_b64encode(statement + _tag(key, statement)).rstrip(b"=").decode()


def check_pass(keyring: Keyring, text: str, *, space: SpaceId, epoch: int, now_s: int) -> Pass:
    """Return what a pass states once its tag, space, epoch and end hold.

    ``epoch`` is the space's as far as is known here; a pass of a newer one is ahead of the news.
    PassInvalid, PassExpired, PassEnded.
    """
    if len(text) != PASS_CHARS:
        raise PassInvalid
    try:
        raw = base64.b64decode(text + "==", altchars=b"-_", validate=True)
        statement, tag = raw[:-_TAG_BYTES], raw[-_TAG_BYTES:]
        version_kind, number, stated_epoch, tagged_space, holder, end_s = _STATEMENT.unpack(statement)
        expected = _tag(keyring.find(number), statement)
    except (binascii.Error, ValueError, struct.error, TicketInvalid) as error:
        raise PassInvalid from error
    version, kind = version_kind >> 4, version_kind & 0xF
    if version != _VERSION or not hmac.compare_digest(expected, tag) or tagged_space != space_tag(space):
        raise PassInvalid
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise PassInvalid
    if now_s > end_s:
        raise PassExpired
    if _is_older(stated_epoch, epoch):
        raise PassEnded
    return Pass(space, kind, holder, end_s, stated_epoch)


def for_others(keyring: Keyring, own: Pass) -> str:
    """Sign what somebody may hand on, or give to their player: their own pass, but for listening only."""
    return mint_pass(keyring, replace(own, kind=LISTENER))


def _is_older(epoch: int, than: int) -> bool:
    """Whether one epoch lies before another: serial number arithmetic (RFC 1982 §3.2)."""
    return 0 < (than - epoch) % EPOCHS < EPOCHS // 2
