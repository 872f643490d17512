"""A request as applications see it, and the parsing of its head. No I/O.

The connection finds the end of the head and checks its size first; httptools (llhttp in strict
mode) then parses it in one go, so a half-arrived head costs nothing but its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import httptools
import msgspec

from rostra.core.errors import BodyTooLarge, HeadTooLarge
from rostra.core.proxies import Proxies
from rostra.serving.errors import AddressTooLong, LengthNeeded, MalformedRequest
from rostra.serving.limits import Limits

_HOST = re.compile(rb"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_ABSOLUTE = re.compile(rb"https?://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_TARGET_HEARD = re.compile(rb"[A-Z]+ (/[!->@-~]*)")
"""Up to its query."""
_LINE_HEARD = re.compile(rb"\r\n(accept|accept-language|cookie): *([^\r\n]*)", re.IGNORECASE)
_NOBODY = Proxies()
_ONCE = frozenset({b"host", b"content-length", b"range", b"if-range", b"authorization", b"origin"})


class Request(msgspec.Struct, frozen=True):
    """One request, whole. ``path`` is raw ASCII: not decoded, without the query."""

    method: str
    path: str
    query: str
    """What follows the first ``?``, raw; empty without one."""
    headers: Mapping[bytes, bytes]
    """Lower-case names; lines of the same name joined by ``, ``."""
    local_host: str
    """The Host header without its port, its characters checked; empty when a 1.0 client sent none."""
    http10: bool
    """An HTTP/1.0 client does not understand chunked transfer."""
    keep_alive: bool
    authority: str = ""
    """Host and port as asked for (RFC 9110 section 7.2), checked; empty as ``local_host`` is."""
    peer: str = ""
    """The address that asks: who connected, or whom a trusted proxy names."""
    body: bytes = b""
    fields: bytes = b""
    """All lines of the head but the first, as they came, where many clients send the same; else empty."""

    @property
    def is_json(self) -> bool:
        """Whether the body calls itself JSON.

        Other sites' pages cannot have a visitor's browser send that here unasked (Fetch §2.2.2).
        """
        kind = self.headers.get(b"content-type", b"").partition(b";")[0]
        return kind.strip().lower() == b"application/json"


class _Collector:
    """What httptools calls while it parses."""

    __slots__ = ("count", "headers", "most", "url")

    def __init__(self, most: int) -> None:
        self.most = most
        self.count = 0
        self.url = b""
        self.headers: dict[bytes, bytes] = {}

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.count += 1
        if self.count > self.most:
            return
        name = name.lower()
        before = self.headers.get(name)
        if before is None:
            self.headers[name] = value
        elif name in _ONCE:
            raise MalformedRequest
        else:
            self.headers[name] = before + b", " + value


def parse_head(head: bytes, limits: Limits, *, peer: str = "", proxies: Proxies = _NOBODY) -> Request:
    """Parse a whole head, blank line included. Raises MalformedRequest, AddressTooLong or HeadTooLarge."""
    collector = _Collector(limits.headers)
    parser = httptools.HttpRequestParser(collector)
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade:
        pass  # An upgrade may be ignored (RFC 9110 section 7.8): the request is answered as HTTP/1.1.
    except httptools.HttpParserError as error:
        raise MalformedRequest from error
    if collector.count > limits.headers:
        raise HeadTooLarge
    if len(collector.url) > limits.path_bytes:
        raise AddressTooLong
    version = parser.get_http_version()
    if version not in {"1.0", "1.1"}:
        raise MalformedRequest
    http10 = version == "1.0"
    url, authority, host = _target(collector.url, collector.headers.get(b"host"), http10=http10)
    path, _, query = url.partition("?")
    return Request(
        parser.get_method().decode(),
        path,
        query,
        collector.headers,
        host,
        http10,
        keep_alive=not http10 and not _closes(collector.headers.get(b"connection", b"")),
        authority=authority,
        peer=proxies.client(peer, collector.headers.get(b"x-forwarded-for", b"")) if proxies else peer,
    )


def _closes(connection: bytes) -> bool:
    return b"close" in connection.lower().replace(b" ", b"").split(b",")


def _target(url: bytes, host: bytes | None, *, http10: bool) -> tuple[str, str, str]:
    """Return the target's origin form, its authority, and the host alone (RFC 9112 section 3.2).

    An absolute target wins over the Host header, which must be well-formed all the same.
    """
    if host is not None and _HOST.fullmatch(host) is None:
        raise MalformedRequest
    absolute = _ABSOLUTE.fullmatch(url)
    if absolute is not None:
        host, url = absolute[1], absolute[2] or b"/"
    if not url.startswith(b"/") and url != b"*":
        raise MalformedRequest
    if host is None and http10:
        return _ascii(url), "", ""
    match = _HOST.fullmatch(host or b"")
    if match is None:
        raise MalformedRequest
    return _ascii(url), match[0].decode(), match[1].decode()


def _ascii(url: bytes) -> str:
    """No fragment is sent (RFC 9112 section 3.2), and to a cache it would be another name."""
    if not url.isascii() or b"#" in url:
        raise MalformedRequest
    return url.decode("ascii")


def body_length(request: Request, limits: Limits) -> int:
    """Bytes of body that follow the head. Raises LengthNeeded, MalformedRequest or BodyTooLarge."""
    if b"transfer-encoding" in request.headers:
        raise LengthNeeded
    length = request.headers.get(b"content-length")
    if length is None:
        return 0
    if not length.isdigit():
        raise MalformedRequest
    if len(length) > 9 or int(length) > limits.body_bytes:
        raise BodyTooLarge
    return int(length)


def overheard(said: bytes) -> Request:
    """Return what a head that cannot be read, or not yet, gives away of who is to read its refusal.

    Nothing in it is checked; what is missing is empty.
    """
    top, _, _ = said.partition(b"\r\n\r\n")
    target = _TARGET_HEARD.match(top)
    lines = {name.lower(): value for name, value in _LINE_HEARD.findall(top)}
    path = target[1].decode() if target else ""
    return Request("GET", path, "", lines, "", http10=False, keep_alive=False)
