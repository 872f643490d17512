"""What all answers of the edge have in common: who may read them, and how long caches keep them.

Renders; decides nothing about media. Every status may be read by scripts of any site, with its
Date and Age, without a preflight. A refusal that says the same to everybody may be kept for a second,
so that a cache in front shields the edge from those too.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Final

from rostra.core.errors import RostraError
from rostra.serving.errors import MethodNotAllowed
from rostra.serving.response import Headers, chunked_head, error_response, head, http_date, response

RECORDED: Final = "public, max-age=60, must-revalidate"
"""A recording does not change, but it may be deleted: caches ask again every minute, and compare its ETag."""
NEVER: Final = "no-store"

OPEN: Final[Headers] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Date, Age, Content-Length, Content-Range, ETag, Retry-After, Link"),
    ("Timing-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
)
_SAME_FOR_ALL: Final = frozenset({400, 404, 410, 503})
_A_SECOND: Final = "public, max-age=1"
_UNBUFFERED: Final = ("X-Accel-Buffering", "no")
TEXT: Final = "text/plain; charset=utf-8"

PREFLIGHT: Final = response(
    204,
    b"",
    headers=[
        *OPEN,
        ("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS"),
        ("Access-Control-Allow-Headers", "Range, If-Range, If-None-Match, Icy-MetaData"),
        ("Access-Control-Max-Age", "86400"),
    ],
)
"""The answer to every OPTIONS."""


NOTED: Final = response(204, b"", headers=[*OPEN, ("Cache-Control", NEVER)])
"""The answer to a beacon."""


def whole(body: bytes, content_type: str, cache: str, *, date_s: float) -> bytes:
    """Render a 200 with its body."""
    headers = [("Cache-Control", cache), *OPEN]
    return response(200, body, content_type=content_type, headers=headers, date_s=date_s)


def document(body: bytes, content_type: str, cache: str, *, date_s: float, zipped: bool) -> bytes:
    """Render a 200 with a text that every client may have zipped, and this one has or has not."""
    if zipped:
        body = gzip.compress(body, compresslevel=6, mtime=0)
    return encoded(body, content_type, cache, date_s=date_s, zipped=zipped)


def encoded(body: bytes, content_type: str, cache: str, *, date_s: float, zipped: bool) -> bytes:
    """The same of a body that is zipped already, or is not."""
    headers = [("Cache-Control", cache), ("Vary", "Accept-Encoding"), *OPEN]
    if zipped:
        headers.append(("Content-Encoding", "gzip"))
    return response(200, body, content_type=content_type, headers=headers, date_s=date_s)


def chunked(content_type: str, cache: str, *, date_s: float) -> bytes:
    """Render the head of a 200 by chunked transfer, which nginx must neither hold back nor keep."""
    headers = [("Cache-Control", cache), _UNBUFFERED, *OPEN]
    return chunked_head(200, content_type=content_type, headers=headers, date_s=date_s)


def until_close(content_type: str, cache: str, extra: Headers = (), *, date_s: float) -> bytes:
    """Render the head of a 200 that ends with its connection."""
    common = (("Content-Type", content_type), ("Date", http_date(date_s)), ("Cache-Control", cache))
    return head(200, [*common, ("Connection", "close"), _UNBUFFERED, *OPEN, *extra])


def refusal(
    error: RostraError, extra: Sequence[tuple[str, str]] = (), *, same_for_all: bool = False
) -> bytes:
    """Render a refusal. What a ticket has to do with, or a person, is for nobody else, unless said so."""
    cache = _A_SECOND if same_for_all or error.status in _SAME_FOR_ALL else NEVER
    return error_response(error, headers=[*OPEN, *allow(error), *extra], cache=cache)


def allow(error: RostraError) -> Headers:
    """Name the methods that there are, where that is what a refusal is about (RFC 9110 section 15.5.6)."""
    return (("Allow", str(error.detail["allow"])),) if isinstance(error, MethodNotAllowed) else ()
