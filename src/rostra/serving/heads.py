"""Request heads, of which clients send the same lines again and again: those are parsed once.

A listener by segments asks every four seconds and changes nothing but the address; many listeners have the
same browser. Kept are few and short ones, and none that names a person or differs each time. Does no I/O.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

from msgspec import structs

from rostra.core.errors import RostraError
from rostra.core.proxies import Proxies
from rostra.serving.errors import AddressTooLong
from rostra.serving.limits import Limits
from rostra.serving.request import Request, body_length, parse_head

MOST_KEPT: Final = 256
"""Sets of lines; the one longest kept goes first."""
_MOST_BYTES: Final = 1_024
"""Of one set: a quarter of a megabyte with all of them, and as much again for what they say."""
_PLAIN: Final = re.compile(rb"(GET|HEAD|POST) (/[\w.~/-]*)(?:\?([\w.~=&-]*))? HTTP/1\.1\r\n")
"""A request line about which nothing is left to decide; every other is the parser's."""
_GET: Final = b"GET /"
_POST: Final = b"POST /"
_LINE_END: Final = b" HTTP/1.1\r\n"
_HEAD_END: Final = b"\r\n\r\n"
_METHODS: Final = {b"GET": "GET", b"HEAD": "HEAD", b"POST": "POST"}
_NOT_KEPT: Final = frozenset(
    {b"authorization", b"cookie", b"forwarded", b"if-none-match", b"if-range", b"range"}
    | {b"x-forwarded-for", b"x-playback-session-id", b"x-real-ip"}
)
_UNKNOWN: Final = (-1, "", False)
_MORE_FOLLOWS: Final = frozenset({b"expect", b"transfer-encoding", b"upgrade"})


class Heads:
    """Of one server."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept: dict[bytes, Request] = {}
        """By all that follows the request line: the first request that had it, less what is its own."""
        self._alone: set[bytes] = set()
        """Those of them that keep their connection and are followed by no body."""
        self._posted: dict[bytes, tuple[int, str, bool]] = {}
        """By how many bytes each is followed, whose name it asks, and whether it keeps its connection."""

    def address(self, said: bytes) -> tuple[str, bytes] | None:
        """Return what one whole GET asks for, and its other lines, where those are known and that is all.

        None where there is more to it, or less: that is for ``parse``. What is asked for stands as it came,
        a query or what no address may hold included: it is to be looked up, where those are not found.
        """
        if not said.startswith(_GET):
            return None
        line, _, fields = said.partition(_LINE_END)
        if fields not in self._alone:
            return None
        target = line[len(_GET) - 1 :]
        return (str(target, "latin-1"), fields) if len(target) <= self._limits.path_bytes else None

    def posted(self, said: bytes) -> tuple[str, bytes, str, bool] | None:
        """Return to where one whole POST goes, its body, whose name it asks, and whether more may follow.

        None as :meth:`address`.
        """
        if not said.startswith(_POST):
            return None
        line, _, rest = said.partition(_LINE_END)
        end = rest.find(_HEAD_END) + len(_HEAD_END)
        body = rest[end:]
        size, host, keeps = self._posted.get(rest[:end], _UNKNOWN)
        target = line[len(_POST) - 1 :]
        if size != len(body) or len(target) > self._limits.path_bytes:
            return None
        return str(target, "latin-1"), body, host, keeps

    def parse(self, head: bytes, *, peer: str, proxies: Proxies) -> Request:
        """Parse a whole head, blank line included. Says and raises what ``parse_head`` does."""
        line = _PLAIN.match(head)
        if line is None:
            return parse_head(head, self._limits, peer=peer, proxies=proxies)
        fields = head[line.end() :]
        kept = self._kept.get(fields)
        if kept is None:
            request = parse_head(head, self._limits, peer=peer, proxies=proxies)
            self._keep(fields, request)
            return request
        if line.end() - len(_LINE_END) - line.start(2) > self._limits.path_bytes:
            raise AddressTooLong
        method, path, query = line.groups(b"")
        return Request(
            _METHODS[method],
            str(path, "ascii"),
            str(query, "ascii"),
            kept.headers,
            kept.local_host,
            http10=False,
            keep_alive=kept.keep_alive,
            authority=kept.authority,
            peer=proxies.client(peer, b"") if proxies else peer,
            fields=fields,
        )

    def _keep(self, fields: bytes, request: Request) -> None:
        if len(fields) > _MOST_BYTES or not _NOT_KEPT.isdisjoint(request.headers):
            return
        if len(self._kept) >= MOST_KEPT:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            self._alone.discard(oldest)
            self._posted.pop(oldest, None)
        self._kept[fields] = structs.replace(request, path="", query="", peer="")
        if not _MORE_FOLLOWS.isdisjoint(request.headers):
            return
        with suppress(RostraError):  # Whoever reads the body finds it again, and says so.
            size = body_length(request, self._limits)
            self._posted[fields] = size, request.local_host, request.keep_alive
            if request.keep_alive and not size:
                self._alone.add(fields)
