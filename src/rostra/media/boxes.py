"""ISO base media boxes (ISO/IEC 14496-12): how one is written, and a bounded walk over those read.

Knows nothing of what a box means. The walk never reads past the span it is given, refuses sizes
that do not fit, and stops at a fixed count, so that hostile bytes cost a bounded effort.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from mmap import mmap
from typing import Any, NamedTuple

from rostra.core.errors import BadRequest

HEADER_BYTES = 8
MAX_BOXES = 256
"""In one walk; a chunk of ours has a handful."""

_HEADER = struct.Struct(">I4s")


class MalformedMedia(BadRequest):
    """These media bytes are not what they claim to be."""

    code = "malformed_media"


class Box(NamedTuple):
    """Where a box lies in the bytes it was found in: ``start`` of its header, ``body``, ``end``."""

    kind: bytes
    start: int
    body: int
    end: int


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box of ``kind`` around ``parts``."""
    body = b"".join(parts)
    return _HEADER.pack(HEADER_BYTES + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a box that opens with a version (8 bits) and flags (24 bits)."""
    return box(kind, (version << 24 | flags).to_bytes(4, "big"), *parts)


def walk(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes that fill ``data[start:end]``, in order.

    Raises MalformedMedia where a size is below its header, leaves the span, or is 64 bits or
    open-ended (no chunk of ours is), and after :data:`MAX_BOXES`.
    """
    end = len(data) if end is None else end
    for _ in range(MAX_BOXES):
        if start == end:
            return
        found = _box_at(data, start, end)
        yield found
        start = found.end
    raise MalformedMedia


def _box_at(data: bytes, start: int, end: int) -> Box:
    if end - start < HEADER_BYTES:
        raise MalformedMedia
    size, kind = _HEADER.unpack_from(data, start)
    if not HEADER_BYTES <= size <= end - start:
        raise MalformedMedia
    return Box(kind, start, start + HEADER_BYTES, start + size)


def unpack(layout: struct.Struct, data: bytes | mmap, start: int, end: int) -> tuple[Any, ...]:
    """Read ``layout`` at ``start``; MalformedMedia when it does not fit before ``end``."""
    if start + layout.size > end:
        raise MalformedMedia
    return layout.unpack_from(data, start)
