"""Places in line: signed statements that somebody was here, and where they stand.

A place given out before the start names the entry that is drawn; later ones name their number. Like a ticket
it is a fixed statement and a 16-byte keyed BLAKE2b tag (RFC 7693), base64url without padding. It admits
nobody: it is shown to claim what its line says. Checking takes no state.
"""

from __future__ import annotations

import base64
import hmac
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from rostra.admission.draw import ID_BYTES
from rostra.admission.room import Kind
from rostra.admission.tickets import Keyring, TicketKey, space_tag
from rostra.core.errors import TicketInvalid
from rostra.core.ids import SpaceId

_STATEMENT = struct.Struct(f">BBBB8sIQ{ID_BYTES}s")
"""Version, key number, line, whether it is drawn, space, entered at, number, id of the entry."""
_TAG_BYTES = 16
_VERSION = 1
_KINDS: Final = frozenset(Kind)
PLACE_CHARS: Final = 96
_SHAPE = re.compile(rf"[A-Za-z0-9_-]{{{PLACE_CHARS}}}")


@dataclass(frozen=True, slots=True)
class Place:
    """What a place states."""

    space: SpaceId
    line: Kind
    entered_s: int
    """UTC."""
    number: int | None = None
    """In its line; None: drawn at the start, by ``entry``."""
    entry: bytes = b""
    """The id that was logged before the start (:mod:`.draw`); empty for a place with a number."""


def give(keyring: Keyring, place: Place) -> str:
    """Sign a place; return its 96 characters."""
    key = keyring.signing
    drawn = place.number is None
    statement = _STATEMENT.pack(
        _VERSION,
        key.number,
        place.line,
        drawn,
        space_tag(place.space),
        place.entered_s,
        place.number or 0,
        place.entry.ljust(ID_BYTES, b"\0"),
    )
    return base64.urlsafe_b64encode(statement + _tag(key, statement)).decode()


def read(keyring: Keyring, text: str, *, space: SpaceId, sources: Sequence[SpaceId] = ()) -> Place | None:
    """Return what a place states; None for whatever the keyring did not sign for this space.

    ``sources``: spaces that have moved here, whose places are read as well.
    """
    if not _SHAPE.fullmatch(text):
        return None
    raw = base64.urlsafe_b64decode(text)
    statement, tag = raw[:-_TAG_BYTES], raw[-_TAG_BYTES:]
    version, number, line, drawn, about, entered_s, at, entry = _STATEMENT.unpack(statement)
    try:
        key = keyring.find(number)
    except TicketInvalid:
        return None
    if not hmac.compare_digest(tag, _tag(key, statement)):
        return None
    of = next((each for each in (space, *sources) if space_tag(each) == about), None)
    if version != _VERSION or of is None or line not in _KINDS:
        return None
    if drawn:
        return Place(space=of, line=Kind(line), entered_s=entered_s, entry=entry)
    return Place(space=of, line=Kind(line), entered_s=entered_s, number=at)


def _tag(key: TicketKey, statement: bytes) -> bytes:
    return blake2b(statement, digest_size=_TAG_BYTES, key=key.secret, person=b"rostra.place").digest()
