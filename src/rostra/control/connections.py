"""Backstage's connections: a request's head must come in time, and nobody may hold them all.

uvicorn itself waits for a head for ever and only counts connections in all; one client with a
thousand half-sent requests would keep the host from the mute button. Behind a configured proxy the
proxy's address is nobody's share.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rostra.core.errors import TooManyRequests
from rostra.core.networks import visitor
from rostra.core.proxies import Proxies

HEAD_S = 10.0
MOST_PER_CLIENT = 128
"""Connections of one /32 or /64: an office of speakers fits, a flood does not."""


class Connections:
    """Who holds how many of the connections now open."""

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies
        self._held: Counter[str] = Counter()
        self.refused = 0

    def take(self, address: str) -> str | None:
        """Count a connection in and return whose share it is; None when that share is used up."""
        share = "" if self._proxies.trusts(address) else visitor(address)
        if share and self._held[share] >= MOST_PER_CLIENT:
            self.refused += 1
            return None
        self._held[share] += 1
        return share

    def give_back(self, share: str) -> None:
        """Count one out."""
        self._held[share] -= 1
        if self._held[share] <= 0:
            del self._held[share]


def guarded(connections: Connections) -> type[HttpToolsProtocol]:
    """Return uvicorn's protocol with both limits, for one server."""

    class Guarded(HttpToolsProtocol):
        _share: str | None = None
        _deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
            super().connection_made(transport)
            self._share = connections.take(self.client[0] if self.client else "")
            if self._share is None:
                transport.write(_refusal())
                transport.close()
                return
            self._expect_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._head_came()
            if self._share is not None:
                connections.give_back(self._share)
                self._share = None
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self._share is None:
                return
            if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
                self._expect_head()
            super().data_received(data)

        def on_headers_complete(self) -> None:
            self._head_came()
            super().on_headers_complete()

        def _expect_head(self) -> None:
            self._deadline = self.loop.call_later(HEAD_S, self._too_late)

        def _head_came(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

        def _too_late(self) -> None:
            self._deadline = None
            self.transport.abort()

    return Guarded


def _refusal() -> bytes:
    error = TooManyRequests("Too many connections from your network at once. Please try again shortly.")
    body = json.dumps(error.as_dict()).encode()
    head: dict[str, Any] = {
        "Content-Type": "application/json",
        "Content-Length": len(body),
        "Retry-After": 5,
        "Connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"HTTP/1.1 {error.status} Too Many Requests\r\n{lines}\r\n".encode() + body
