"""Backstage's connections: a request's head must come in time and be small, and nobody may hold them all.

uvicorn itself waits for a head for ever, keeps all of it however large, and only counts connections in
all; one client with a thousand half-sent requests would keep the host from the mute button. Behind a
configured proxy the proxy's address is nobody's share.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from http import HTTPStatus
from typing import Final

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from rostra.control.limits import LINGER_BYTES, LINGER_S
from rostra.core.errors import BadRequest, HeadTooLarge, RostraError, TooManyRequests, Unavailable
from rostra.core.networks import visitor
from rostra.core.proxies import Proxies

HEAD_S = 10.0
MOST_HEAD: Final = 32 * 1024
"""Bytes of a request's head; of what stands between the pieces of its body and behind them, trailers too."""
PIECE: Final = 4 * 1024
"""So much is parsed at a time, and by at most so much more does a head get through."""
MOST_QUEUED: Final = 16
"""Requests of one connection that wait behind an open response."""
MOST_PER_CLIENT = 128
"""Connections of one /32 or /64: an office of speakers fits, a flood does not."""
MOST = 1024
"""Connections in all. Beyond, newcomers are refused; whoever is connected goes on."""


class NoRoom(Unavailable):
    """Backstage has as many connections as it can hold. Please try again shortly."""

    code = "no_room_backstage"


class Connections:
    """Who holds how many of the connections now open."""

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies
        self._held: Counter[str] = Counter()
        self.refused = 0

    def take(self, address: str) -> str:
        """Count a connection in and return whose share it is.

        TooManyRequests when that share is used up, NoRoom when all of it is.
        """
        share = "" if self._proxies.trusts(address) else visitor(address)
        if share and self._held[share] >= MOST_PER_CLIENT:
            self.refused += 1
            raise TooManyRequests("Too many connections from your network at once. Please try again shortly.")
        if self._held.total() >= MOST:
            self.refused += 1
            raise NoRoom
        self._held[share] += 1
        return share

    def give_back(self, share: str) -> None:
        """Count one out."""
        self._held[share] -= 1
        if self._held[share] <= 0:
            del self._held[share]


def guarded(connections: Connections) -> type[HttpToolsProtocol]:
    """Return uvicorn's protocol with these limits, for one server."""

    class Guarded(HttpToolsProtocol):
        _share: str | None = None
        _deadline: asyncio.TimerHandle | None = None
        _in_head = False
        _in_body = False
        _refused = False
        _gathered = 0
        """Bytes since the parser last gave something away: a whole head, a piece of a body, a body's end."""
        _running: RequestResponseCycle | None = None
        """The request that is answered now; ``cycle`` is the one that came last."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
            super().connection_made(transport)
            try:
                self._share = connections.take(self.client[0] if self.client else "")
            except (TooManyRequests, NoRoom) as error:
                self._refuse(error)
            else:
                self._expect_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._head_came()
            if self._share is not None:
                connections.give_back(self._share)
                self._share = None
            super().connection_lost(exc)
            if self._running is not None and not self._running.response_complete:
                self._running.disconnected = True  # uvicorn tells only the request that came last
                self._running.message_event.set()

        def data_received(self, data: bytes) -> None:
            for start in range(0, len(data), PIECE):
                if self.transport.is_closing():
                    return
                if self._refused:
                    self._throw_away(len(data) - start)
                    return
                self._take(data[start : start + PIECE])

        def _take(self, piece: bytes) -> None:
            if self.cycle is None or self.cycle.response_complete:
                self._expect_head()
            self._gathered += len(piece)
            super().data_received(piece)
            if self._refused or self.transport.is_closing():
                return
            if self._gathered > MOST_HEAD:
                self._refuse(HeadTooLarge())
            elif self._in_head and not self.flow.read_paused:
                self._expect_head()

        def on_message_begin(self) -> None:
            self._in_head = True
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._head_came()
            self._in_head, self._gathered = False, 0
            super().on_headers_complete()
            self._in_body = True
            if len(self.pipeline) > MOST_QUEUED:
                self.transport.abort()

        def on_body(self, body: bytes) -> None:
            self._gathered = 0
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._in_body, self._gathered = False, 0
            super().on_message_complete()

        def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
            self._running = cycle
            super()._start_asgi_task(cycle, app)

        def send_400_response(self, msg: str) -> None:
            self._refuse(BadRequest())

        def _refuse(self, error: RostraError) -> None:
            """Answer and close; where that would stand inside another answer, or before it, only close.

            What still comes is thrown away for a moment: closing on unread bytes resets the connection, and
            the client would never see why.
            """
            running = self._running
            if running is not None and not running.response_complete:
                mine = self._in_body and running is self.cycle and not running.response_started
                if not mine:
                    self.transport.abort()
                    return
                running.disconnected = True
                running.message_event.set()
            self._refused, self._gathered = True, 0
            self._head_came()
            self._deadline = self.loop.call_later(LINGER_S, self._too_late)
            self.flow.resume_reading()
            self.transport.write(_answer(error))
            if self.transport.can_write_eof():
                self.transport.write_eof()

        def _throw_away(self, count: int) -> None:
            self._gathered += count
            if self._gathered > LINGER_BYTES:
                self.transport.abort()

        def _expect_head(self) -> None:
            if self._deadline is None:
                self._deadline = self.loop.call_later(HEAD_S, self._too_late)

        def _head_came(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

        def _too_late(self) -> None:
            self._deadline = None
            self.transport.abort()

    return Guarded


def _answer(error: RostraError) -> bytes:
    body = json.dumps(error.as_dict()).encode()
    head: dict[str, str | int] = {
        "Content-Type": "application/json",
        "Content-Length": len(body),
        "Connection": "close",
    }
    if isinstance(error, (TooManyRequests, NoRoom)):
        head["Retry-After"] = 5
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n{lines}\r\n".encode() + body
