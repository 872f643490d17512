"""A stream that a worker has begun, and many of them in one piece of bytes, as workers tell one another.

Packed, because thousands begin within a second at a segment's border: objects for each, at every worker,
would be most of what a listener costs. A value; no I/O.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

_RECORD: Final = struct.Struct(">8s11sBI2sQ")


class Begun(msgspec.Struct, frozen=True, gc=False):
    """What goes to whom since when."""

    listener: bytes
    """As in the ticket."""
    rendition: str
    first: int
    """Segment; 0 for the radio."""
    last: int
    """Segment, the same or up to fifteen later."""
    peer: bytes
    """What :func:`rostra.edge.streams.trace` leaves of the address that connected, which is kept nowhere."""
    at_ms: int


def pack(streams: Iterable[Begun]) -> bytes:
    """Return them one after the other, 34 bytes each."""
    return b"".join(
        _RECORD.pack(
            each.listener,
            each.rendition.encode()[:11],
            each.last - each.first,
            each.first,
            each.peer,
            each.at_ms,
        )
        for each in streams
    )


def unpack(packed: bytes) -> Iterator[Begun]:
    """Yield them one by one; a record cut short is passed over."""
    whole = len(packed) // _RECORD.size * _RECORD.size
    for listener, rendition, more, first, peer, at_ms in _RECORD.iter_unpack(memoryview(packed)[:whole]):
        yield Begun(listener, rendition.rstrip(b"\0").decode(), first, first + more, peer, at_ms)
