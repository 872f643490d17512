"""What all answers of the edge have in common: who may read them, and how long caches keep them.

Renders; decides nothing about media. Every status may be read by scripts of any site, with its
Date and Age, without a preflight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rostra.core.errors import RostraError
from rostra.serving.response import Headers, chunked_head, error_response, head, response

FOR_EVER: Final = "public, max-age=31536000, immutable"
"""What never changes: its address holds the run."""
RECORDED: Final = "public, max-age=60, must-revalidate"
"""A recording does not change, but it may be deleted: caches ask again every minute, and compare its ETag."""
BRIEFLY: Final = "public, max-age=1"
NEVER: Final = "no-store"

OPEN: Final[Headers] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Date, Age, Content-Length, Content-Range, ETag, Retry-After, Link"),
    ("Timing-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
)
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


def chunked(content_type: str, cache: str) -> bytes:
    """Render the head of a 200 by chunked transfer."""
    return chunked_head(200, content_type=content_type, headers=[("Cache-Control", cache), *OPEN])


def until_close(content_type: str, cache: str, extra: Headers = ()) -> bytes:
    """Render the head of a 200 that ends with its connection."""
    common = (("Content-Type", content_type), ("Cache-Control", cache), ("Connection", "close"))
    return head(200, [*common, *OPEN, *extra])


def refusal(error: RostraError, extra: Sequence[tuple[str, str]] = ()) -> bytes:
    """Render a refusal."""
    return error_response(error, headers=[*OPEN, *extra])
