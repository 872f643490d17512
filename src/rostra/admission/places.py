"""Places in line: signed statements that somebody was here, and where they stand.

A place given out before the start names the entry that is drawn; later ones name their number. Like a ticket
it is a fixed statement and a 16-byte keyed BLAKE2b tag (RFC 7693), base64url without padding; but its key is
that of its waiting room, and lasts as long. It admits nobody: it is shown to claim what its line says.
"""

from __future__ import annotations

import base64
import hmac
import re
import struct
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import msgspec

from rostra.admission.draw import ID_BYTES
from rostra.admission.room import Kind
from rostra.admission.tickets import space_tag
from rostra.core.ids import SpaceId

_STATEMENT = struct.Struct(f">BBBx8sIQ{ID_BYTES}s")
"""Version, line, whether it is drawn, space, entered at, number, id of the entry."""
_TAG_BYTES = 16
_VERSION = 2
_KINDS: Final = frozenset(Kind)
PLACE_CHARS: Final = 96
_SHAPE = re.compile(rf"[A-Za-z0-9_-]{{{PLACE_CHARS}}}")


class Place(msgspec.Struct, frozen=True):
    """What a place states."""

    space: SpaceId
    line: Kind
    entered_s: int
    """UTC."""
    number: int | None = None
    """In its line; None: drawn at the start, by ``entry``."""
    entry: bytes = b""
    """The id that was logged before the start (:mod:`.draw`); empty for a place with a number."""


def give(key: bytes, place: Place) -> str:
    """Sign a place with its room's key; return its 96 characters."""
    drawn = place.number is None
    statement = _STATEMENT.pack(
        _VERSION,
        place.line,
        drawn,
        space_tag(place.space),
        place.entered_s,
        place.number or 0,
        place.entry.ljust(ID_BYTES, b"\0"),
    )
    return base64.urlsafe_b64encode(statement + _tag(key, statement)).decode()


def named(text: str, spaces: Iterable[SpaceId]) -> SpaceId | None:
    """Return which of these spaces a place says it is of, which anybody can write; None for none of them."""
    if not _SHAPE.fullmatch(text):
        return None
    _, _, _, about, *_ = _STATEMENT.unpack(base64.urlsafe_b64decode(text)[:-_TAG_BYTES])
    return next((each for each in spaces if space_tag(each) == about), None)


def read(key: bytes, text: str, *, space: SpaceId) -> Place | None:
    """Return what a place states; None for whatever this key did not sign for this space."""
    if not _SHAPE.fullmatch(text):
        return None
    raw = base64.urlsafe_b64decode(text)
    statement, tag = raw[:-_TAG_BYTES], raw[-_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, statement)):
        return None
    version, line, drawn, about, entered_s, number, entry = _STATEMENT.unpack(statement)
    if version != _VERSION or about != space_tag(space) or line not in _KINDS:
        return None
    if drawn:
        return Place(space=space, line=Kind(line), entered_s=entered_s, entry=entry)
    return Place(space=space, line=Kind(line), entered_s=entered_s, number=number)


def _tag(key: bytes, statement: bytes) -> bytes:
    return blake2b(statement, digest_size=_TAG_BYTES, key=key, person=b"rostra.place").digest()
