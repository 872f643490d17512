"""Reserved links: signed statements that a link holds so many places set apart in one space.

Backstage signs them with the space's own key, which the door is told with the space's order: the door checks
one without asking anybody. A fixed 20-byte statement and a 16-byte keyed BLAKE2b tag (RFC 7693), base64url
without padding: 48 characters. Who is counted against a link, and whether it still counts, the door knows.
"""

from __future__ import annotations

import base64
import hmac
import re
import struct
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from rostra.admission.tickets import space_tag
from rostra.core.ids import SpaceId

_STATEMENT = struct.Struct(">BxH8s8s")
"""Version, places, space, link."""
_VERSION: Final = 1
_TAG_BYTES: Final = 16
LINK_BYTES: Final = 8
KEY_BYTES: Final = 32
MOST_PLACES: Final = 0xFFFF
RESERVED_CHARS: Final = 48
_SHAPE = re.compile(rf"[A-Za-z0-9_-]{{{RESERVED_CHARS}}}")


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a reserved link states."""

    space: SpaceId
    link: bytes
    """Eight random bytes."""
    places: int
    """How many may use it at a time."""


def sign(key: bytes, reserved: Reserved) -> str:
    """Sign; return 48 characters."""
    statement = _STATEMENT.pack(_VERSION, reserved.places, space_tag(reserved.space), reserved.link)
    return base64.urlsafe_b64encode(statement + _tag(key, statement)).decode()


def read(key: bytes, text: str, *, space: SpaceId) -> Reserved | None:
    """Return what it states; None for whatever ``key`` did not sign for this space."""
    if not key or _SHAPE.fullmatch(text) is None:
        return None
    raw = base64.urlsafe_b64decode(text)
    statement, tag = raw[:-_TAG_BYTES], raw[-_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, statement)):
        return None
    version, places, about, link = _STATEMENT.unpack(statement)
    if version != _VERSION or about != space_tag(space):
        return None
    return Reserved(space=space, link=link, places=places)


def _tag(key: bytes, statement: bytes) -> bytes:
    return blake2b(statement, digest_size=_TAG_BYTES, key=key, person=b"rostra.reserved").digest()
