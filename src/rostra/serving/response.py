"""Responses rendered to bytes, once, to be written many times. No I/O.

A rendered response holds no Connection header (the server closes or keeps by itself). It holds a Date
where what it answers with was made then; to all others the server adds that of the second they go out in.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

import msgspec

from rostra.core import words
from rostra.core.errors import RostraError

Headers = Sequence[tuple[str, str]]

LAST_CHUNK: Final = b"0\r\n\r\n"
"""Ends a chunked response."""
JSON: Final = "application/json"
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = {204, 304}
_RETRY_AFTER_S = "2"
_DATE: Final = b"\r\nDate: "
_CLOSES: Final = b"\r\nConnection: close"
_DATE_WITHIN_BYTES: Final = 256
"""A Date stands before all lines that may be long."""


def http_date(utc_s: float) -> str:
    """Return an HTTP date (RFC 9110 section 5.6.7)."""
    return formatdate(utc_s, usegmt=True)


def head(status: int, headers: Headers) -> bytes:
    """Render status line and headers, blank line included. ValueError when a value holds a line break."""
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    text = "\r\n".join(lines)
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise ValueError("a header value holds a line break")
    return f"{text}\r\n\r\n".encode("ascii")


def response(
    status: int,
    body: bytes,
    *,
    content_type: str = "",
    headers: Headers = (),
    date_s: float | None = None,
) -> bytes:
    """Render a whole response with its Content-Length; ``date_s`` (UTC seconds) adds a Date."""
    lines: list[tuple[str, str]] = []
    if content_type:
        lines.append(("Content-Type", content_type))
    if status not in _BODILESS:
        lines.append(("Content-Length", str(len(body))))
    if date_s is not None:
        lines.append(("Date", http_date(date_s)))
    rendered = head(status, [*lines, *headers])
    return rendered if status in _BODILESS else rendered + body


def chunked_head(
    status: int, *, content_type: str, headers: Headers = (), date_s: float | None = None
) -> bytes:
    """Render the head of a response by chunked transfer; ``date_s`` as of :func:`response`."""
    lines = [("Content-Type", content_type), ("Transfer-Encoding", "chunked")]
    if date_s is not None:
        lines.append(("Date", http_date(date_s)))
    return head(status, [*lines, *headers])


def dated(head: bytes, date: bytes, *, closes: bool = False) -> bytes:
    """Return a head, or a whole response, with this line before its others, unless it holds a Date.

    ``closes``: it also says that its connection ends (RFC 9112 section 9.6).
    """
    if head.find(_DATE, 0, _DATE_WITHIN_BYTES) >= 0:
        date = b""
    if closes:
        date = _CLOSES + date
    if not date:
        return head
    return head.replace(b"\r\n", date + b"\r\n", 1)


def framed(chunk: bytes) -> bytes:
    """Wrap bytes as one HTTP chunk. An empty chunk would end the response, so it frames to nothing."""
    return b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunk else b""


def error_response(
    error: RostraError, *, headers: Headers = (), cache: str = "no-store", language: str = words.ENGLISH
) -> bytes:
    """Render a refusal from the error tree as JSON; 503 and 429 say when to come back, by ``retry_after_s``.

    ``language`` is that of whoever asks; what ``cache`` lets others have is in English.
    """
    lines = [("Cache-Control", cache), *headers]
    if error.status in {429, 503}:
        lines.append(("Retry-After", str(error.detail.get("retry_after_s", _RETRY_AFTER_S))))
    body = msgspec.json.encode(error.as_dict(language))
    return response(error.status, body, content_type=JSON, headers=lines)
