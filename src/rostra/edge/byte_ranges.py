"""Range requests on a file that never changes (RFC 9110 section 14). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rostra.core.errors import RangeNotSatisfiable

_RANGE = re.compile(rb"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


def requested(headers: Mapping[bytes, bytes], *, etag: str, size: int) -> tuple[int, int] | None:
    """Return the first byte and the one after the last, or None when the whole file is to be sent.

    More than one range, another unit, or an ``If-Range`` that does not hold get the whole file, as the
    RFC allows. Raises RangeNotSatisfiable for a range beyond the end.
    """
    match = _RANGE.fullmatch(headers.get(b"range", b""))
    if match is None or headers.get(b"if-range", etag.encode()) != etag.encode():
        return None
    first, last = match[1], match[2]
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise RangeNotSatisfiable(size=size)
    return start, end


def not_modified(headers: Mapping[bytes, bytes], *, etag: str) -> bool:
    """Whether the client holds the file already (``If-None-Match``, compared weakly: RFC 9110 §13.1.2)."""
    held = headers.get(b"if-none-match", b"")
    if held.strip() == b"*":
        return True
    return etag.encode() in [each.strip().removeprefix(b"W/") for each in held.split(b",")]
